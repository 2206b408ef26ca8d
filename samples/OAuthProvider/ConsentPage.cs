using System.Net;
using Microblog.Omb.OAuth;
using Microsoft.AspNetCore.Antiforgery;

namespace Microblog.Samples.OAuthProvider;

/// <summary>The page on which a person decides, and what follows. It cannot be framed, and everything remote is escaped.</summary>
internal static class ConsentPage
{
    public static IResult Ask(AuthorizationRequest.Pending pending, AntiforgeryTokenSet forgery, string? callback)
    {
        var warning = pending.CallbackHostDiffers
            ? $"<p><strong>Careful:</strong> afterwards you are sent to <b>{Escape(pending.Callback!.Host)}</b>.</p>"
            : "";
        var unsigned = callback is null ? "" : Hidden("oauth_callback", callback);
        return Page($"""
            <h1>Let {Escape(pending.Token.ConsumerKey)} in?</h1>
            <p>It will be able to read and write in your name, Ada.</p>
            {warning}
            <form method="post" action="/oauth/authorize">
            {Hidden(forgery.FormFieldName, forgery.RequestToken!)}
            {Hidden("oauth_token", pending.Token.Credentials.Token)}
            {unsigned}
            <button name="decision" value="allow">Allow</button>
            <button name="decision" value="deny">Refuse</button>
            </form>
            """);
    }

    public static IResult Verifier(string verifier) =>
        Page($"<h1>Your code</h1><p>Type it into the application: <code id=\"verifier\">{Escape(verifier)}</code></p>");

    public static IResult Done() => Page("<h1>Thank you</h1><p>You can go back to the application now.</p>");

    public static IResult Problem(AuthorizationProblem problem) =>
        Page($"<h1>This did not work</h1><p>Start again from the application. ({problem})</p>", StatusCodes.Status400BadRequest);

    private static Html Page(string body, int status = StatusCodes.Status200OK) => new Html(
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>OAuth provider</title><body>{body}</body></html>", status);

    private static string Hidden(string name, string value) =>
        $"<input type=\"hidden\" name=\"{Escape(name)}\" value=\"{Escape(value)}\">";

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private sealed class Html(string content, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = "text/html; charset=utf-8";
            httpContext.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
            httpContext.Response.Headers.CacheControl = "no-store";
            return httpContext.Response.WriteAsync(content, httpContext.RequestAborted);
        }
    }
}
