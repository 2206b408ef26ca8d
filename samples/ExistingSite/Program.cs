using System.Net;
using Microblog.Samples.ExistingSite;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddRecipes(
    new Uri(builder.Configuration["site"] ?? "http://localhost:5080/"), $"Data Source={builder.Configuration["data"] ?? "site.db"}");
builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(o =>
{
    o.LoginPath = "/sign-in";
    o.Cookie.SameSite = SameSiteMode.Lax;
});
builder.Services.AddAuthorization();
builder.Services.AddAntiforgery();

var app = builder.Build();
app.UseAntiforgery();
app.MapGet("/", (HttpContext context, RecipeBook recipes, IAntiforgery forms) =>
    SitePage.Home(context.User.Identity?.Name, recipes.List(), forms.GetAndStoreTokens(context)));
app.MapGet("/about", () => SitePage.Text("About", "A site about recipes. It was here before its notes."));
app.MapPost("/recipes", async (HttpContext context, RecipeBook recipes, [FromForm] string? title) =>
{
    if (string.IsNullOrWhiteSpace(title) || title.Length > 100)
        return SitePage.Text("New recipe", "A title has 1 to 100 characters.", (int)HttpStatusCode.BadRequest);
    return await recipes.AddAsync(context.User, title, context.RequestAborted) is { } problem
        ? SitePage.Text("New recipe", problem, (int)HttpStatusCode.BadRequest)
        : Results.LocalRedirect("/");
}).RequireAuthorization();
app.MapGet("/sign-in", (HttpContext context, IAntiforgery forms, string? returnUrl) =>
    SitePage.SignIn(forms.GetAndStoreTokens(context), returnUrl));
app.MapPost("/sign-in", async (HttpContext context, UserTable users, [FromForm] string? name, [FromForm] string? password, [FromForm] string? returnUrl) =>
{
    if (users.SignIn(name ?? "", password ?? "") is not { } user)
        return SitePage.Text("Sign in", "The name or the password is wrong.", (int)HttpStatusCode.BadRequest);
    await context.SignInAsync(user);
    return Results.LocalRedirect(returnUrl is ['/', not ('/' or '\\'), ..] ? returnUrl : "/");
});
app.MapMicroblog();
app.Run();
