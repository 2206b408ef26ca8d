using Microsoft.AspNetCore.HttpOverrides;
using Microblog;
using Microblog.AspNetCore;
using Microblog.Pages;
using Microblog.Samples.Cluster;
using Microblog.Samples.Node.Accounts;
using Microsoft.AspNetCore.DataProtection;

if (args is ["load", ..])
    return await Load.RunAsync(args[1..]);

var builder = WebApplication.CreateBuilder(args);
var database = Setting("database");
var role = Enum.Parse<Role>(builder.Configuration["role"] ?? nameof(Role.Both), ignoreCase: true);

builder.Services
    .AddMicroblog(
        options =>
        {
            // The balancer's address, the same in every process.
            options.BaseUri = new Uri(Setting("base-uri"));
            options.SiteName = builder.Configuration["name"] ?? "";
            options.License = License.CcBy40;
            builder.Configuration.GetSection("delivery").Bind(options.Delivery);
            options.Delivery.IsEnabled = role != Role.Web;
        },
        web =>
        {
            web.SignInPath = AccountEndpoints.SignIn;
            web.SignOutPath = AccountEndpoints.SignOut;
            AccountPages.AddTo(web.Components);
            if (builder.Environment.IsDevelopment())
                web.RateLimits.Write = web.RateLimits.Open = web.RateLimits.Page = null;
        })
    .UsePostgres(database, store => builder.Configuration.GetSection("store").Bind(store))
    .AddOmb()
    .AddTwitterApi(api => builder.Configuration.GetSection("api").Bind(api))
    .AddWebSub(options => options.Hub = builder.Configuration["hub"] is { } hub ? new Uri(hub) : null);

// Every process reads the same accounts and opens what another one has sealed. By default the name of a key ring comes from the
// directory that the application runs in, so it is said here.
builder.Services.AddSingleton(new AccountStore(database));
builder.Services.AddDataProtection().SetApplicationName("microblog-cluster").PersistKeysToFileSystem(new DirectoryInfo(Setting("keys")));
builder.Services.AddAccountCookies();
builder.Services.AddAttemptLimit();
builder.Services.AddHealthChecks().AddMicroblog();
// Without it every visitor would have the balancer's address. Only a proxy on this machine is believed.
builder.Services.Configure<ForwardedHeadersOptions>(options => options.ForwardedHeaders = ForwardedHeaders.XForwardedFor);

var app = builder.Build();
app.MapHealthChecks("/health");
if (role != Role.Worker)
{
    app.UseForwardedHeaders();
    app.UseRateLimiter();
    app.UseAntiforgery();
    app.MapAccounts();
    app.MapMicroblog();
    app.MapFallback(() => new MicroblogPageResult(new MessagePage("Nothing here", "There is nothing at this address.", 404), 404));
}

app.Run();
return 0;

string Setting(string name) => builder.Configuration[name] ?? throw new InvalidOperationException($"Say --{name}; README.md lists the settings.");
