using Microblog;
using Microblog.AspNetCore;
using Microblog.Pages;
using Microblog.Samples.Node.Accounts;
using Microsoft.AspNetCore.DataProtection;

var builder = WebApplication.CreateBuilder(args);
var data = Path.GetFullPath(builder.Configuration["data"] ?? "node.db");

builder.Services
    .AddMicroblog(
        options =>
        {
            // In Development the address where the application listens does.
            options.BaseUri = builder.Configuration["base-uri"] is { } uri ? new Uri(uri) : null;
            options.SiteName = builder.Configuration["name"] ?? "";
            options.License = License.CcBy40;
            builder.Configuration.GetSection("delivery").Bind(options.Delivery);
        },
        web =>
        {
            web.SignInPath = AccountEndpoints.SignIn;
            web.SignOutPath = AccountEndpoints.SignOut;
            AccountPages.AddTo(web.Components);
            if (builder.Environment.IsDevelopment())
                web.RateLimits.Write = web.RateLimits.Open = web.RateLimits.Page = null;
        })
    .UseSqlite($"Data Source={data}")
    .AddOmb()
    .AddTwitterApi(api => builder.Configuration.GetSection("api").Bind(api))
    .AddWebSub(options => options.Hub = builder.Configuration["hub"] is { } hub ? new Uri(hub) : null);

// The application's own part: who its users are. The node only sees who is signed in.
builder.Services.AddSingleton(new AccountStore($"Data Source={Path.ChangeExtension(data, ".accounts.db")}"));
builder.Services.AddAccountCookies();
builder.Services.AddAttemptLimit();
builder.Services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(Path.ChangeExtension(data, ".keys")));
builder.Services.AddHealthChecks().AddMicroblog();

var app = builder.Build();
app.UseRateLimiter();
app.UseAntiforgery();
app.MapAccounts();
app.MapHealthChecks("/health");
app.MapMicroblog();
app.MapFallback(() => new MicroblogPageResult(new MessagePage("Nothing here", "There is nothing at this address.", 404), 404));
app.Run();
