using System.Net;
using Microsoft.AspNetCore.Antiforgery;

namespace Microblog.Samples.ExistingSite;

/// <summary>The site's own few pages.</summary>
internal static class SitePage
{
    public static IResult Home(string? user) => Html("Recipes", $"""
        <p>{(user is null ? "<a href=\"/sign-in\">Sign in</a>" : "Hello, " + Encode(user) + ".")}</p>
        <p>Today: pancakes. <a href="/about">About this site</a> · <a href="/notes/">Notes</a></p>
        """);

    public static IResult SignIn(AntiforgeryTokenSet tokens, string? returnUrl) => Html("Sign in", $"""
        <form method="post" action="/sign-in">
          <input type="hidden" name="{tokens.FormFieldName}" value="{tokens.RequestToken}">
          <input type="hidden" name="returnUrl" value="{Encode(returnUrl ?? "")}">
          <p><label>Name <input name="name" autocomplete="username"></label></p>
          <p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p>
          <button>Sign in</button>
        </form>
        """);

    public static IResult Text(string title, string text, int status = 200) => Html(title, $"<p>{Encode(text)}</p>", status);

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static IResult Html(string title, string body, int status = 200) => Results.Content(
        $"<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>{Encode(title)}</title><h1>{Encode(title)}</h1>{body}</html>",
        "text/html; charset=utf-8",
        statusCode: status);
}
