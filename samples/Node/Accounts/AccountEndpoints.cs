using Microblog.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;

namespace Microblog.Samples.Node.Accounts;

/// <summary>Sign up, sign in, sign out: plain forms and a cookie.</summary>
internal static class AccountEndpoints
{
    public const string SignIn = "/account/sign-in";
    public const string SignUp = "/account/sign-up";
    public const string SignOut = "/account/sign-out";
    public const int MinPasswordLength = 8;

    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        app.MapGet(SignIn, (HttpContext context, IAntiforgery forms, [FromQuery(Name = "return")] string? to) =>
            new MicroblogPageResult(PageFor(context, forms, isNew: false, to)));
        app.MapGet(SignUp, (HttpContext context, IAntiforgery forms, [FromQuery(Name = "return")] string? to) =>
            new MicroblogPageResult(PageFor(context, forms, isNew: true, to)));
        app.MapPost(SignIn, SignInAsync).RequireRateLimiting(AttemptLimit.Name);
        app.MapPost(SignUp, SignUpAsync).RequireRateLimiting(AttemptLimit.Name);
        app.MapPost(SignOut, async (HttpContext context) =>
        {
            // Forms of other sites come without the cookie (SameSite=Lax), and must not take it away either.
            if (context.User.Identity?.IsAuthenticated == true)
                await context.SignOutAsync(AccountCookies.Scheme);
            return Results.Redirect("/");
        });
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context, IAntiforgery forms, AccountStore accounts,
        [FromForm] string? name, [FromForm] string? password, [FromForm(Name = "return")] string? to) =>
        accounts.Verify(name ?? "", password ?? "") is { } account
            ? await EnterAsync(context, account, to)
            : Refuse(context, forms, isNew: false, to, name, "The name or the password is wrong.");

    private static async Task<IResult> SignUpAsync(
        HttpContext context, IAntiforgery forms, AccountStore accounts,
        [FromForm] string? name, [FromForm] string? password, [FromForm(Name = "return")] string? to)
    {
        if (name is not { Length: > 0 and <= 64 } || name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c)))
            return Refuse(context, forms, isNew: true, to, name, "Choose a name of at most 64 characters without spaces.");
        if (password is not { Length: >= MinPasswordLength and <= 200 })
            return Refuse(context, forms, isNew: true, to, name, $"Choose a password of at least {MinPasswordLength} characters.");
        return accounts.Add(name, password) is { } account
            ? await EnterAsync(context, account, to)
            : Refuse(context, forms, isNew: true, to, name, "This name is taken.");
    }

    private static async Task<IResult> EnterAsync(HttpContext context, Account account, string? to)
    {
        await context.SignInAsync(AccountCookies.Scheme, AccountCookies.PrincipalOf(account), new AuthenticationProperties { IsPersistent = true });
        context.Response.Headers.Location = LocalPath(to);
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static MicroblogPageResult Refuse(HttpContext context, IAntiforgery forms, bool isNew, string? to, string? name, string problem) =>
        new(PageFor(context, forms, isNew, to) with { Name = name ?? "", Problem = problem }, StatusCodes.Status400BadRequest);

    private static AccountPage PageFor(HttpContext context, IAntiforgery forms, bool isNew, string? to)
    {
        var tokens = forms.GetAndStoreTokens(context);
        return new AccountPage(isNew, LocalPath(to), tokens.FormFieldName, tokens.RequestToken!);
    }

    // Whoever links to the sign-in page must not decide to which site it leads.
    private static string LocalPath(string? to) =>
        to is ['/', ..] and not ['/', '/' or '\\', ..] && !to.AsSpan().ContainsAnyInRange('\0', ' ') ? to : "/home";
}
