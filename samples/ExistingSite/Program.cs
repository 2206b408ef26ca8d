using System.Globalization;
using System.Net;
using System.Security.Claims;
using Microblog;
using Microblog.Samples.ExistingSite;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;

var builder = WebApplication.CreateBuilder(args);
var site = new Uri(builder.Configuration["site"] ?? "http://localhost:5080/");
var database = $"Data Source={builder.Configuration["data"] ?? "site.db"}";

// The site as it was: its own users in its own table, and a cookie.
builder.Services.AddSingleton(new UserTable(database));
builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(o =>
{
    o.LoginPath = "/sign-in";
    o.Cookie.SameSite = SameSiteMode.Lax;
});
builder.Services.AddAuthorization();
builder.Services.AddAntiforgery();

// The node, in five lines: these, and MapMicroblog below.
builder.Services
    .AddMicroblog(o => (o.BaseUri, o.License, o.SiteName) = (new Uri(site, "/notes/"), License.CcBy40, "Recipes"))
    .UseSqlite(database)
    .AddOmb();

var app = builder.Build();
app.UseAntiforgery();
app.MapGet("/", (HttpContext context) => SitePage.Home(context.User.Identity?.Name));
app.MapGet("/about", () => SitePage.Text("About", "A site about recipes. It was here before its notes."));
app.MapGet("/sign-in", (HttpContext context, Microsoft.AspNetCore.Antiforgery.IAntiforgery forms, string? returnUrl) =>
    SitePage.SignIn(forms.GetAndStoreTokens(context), returnUrl));
app.MapPost("/sign-in", async (HttpContext context, UserTable users, [FromForm] string? name, [FromForm] string? password, [FromForm] string? returnUrl) =>
{
    if (users.Verify(name ?? "", password ?? "") is not { } id)
        return SitePage.Text("Sign in", "The name or the password is wrong.", (int)HttpStatusCode.BadRequest);
    var identity = new ClaimsIdentity(
        [new(ClaimTypes.NameIdentifier, id.ToString(CultureInfo.InvariantCulture)), new(ClaimTypes.Name, name!)],
        CookieAuthenticationDefaults.AuthenticationScheme);
    await context.SignInAsync(new ClaimsPrincipal(identity));
    return Results.LocalRedirect(returnUrl is ['/', not ('/' or '\\'), ..] ? returnUrl : "/");
});
app.MapMicroblog();
app.Run();
