using System.Net;
using Microsoft.AspNetCore.Antiforgery;

namespace Microblog.Samples.ExistingSite;

/// <summary>The site's own few pages.</summary>
internal static class SitePage
{
    public static IResult Home(string? user, IEnumerable<string> recipes, AntiforgeryTokenSet tokens) => Html("Recipes", $"""
        {(user is null ? "<p><a href=\"/sign-in\">Sign in</a></p>" : NewRecipe(user, tokens))}
        <p>Today: pancakes. <a href="/about">About this site</a> · <a href="/notes/">Notes</a></p>
        <ul>{string.Concat(recipes.Select(title => $"<li>{Encode(title)}</li>"))}</ul>
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

    private static string NewRecipe(string user, AntiforgeryTokenSet tokens) => $"""
        <form method="post" action="/recipes">
          <input type="hidden" name="{tokens.FormFieldName}" value="{tokens.RequestToken}">
          <p>Hello, {Encode(user)}. <label>A new recipe: <input name="title" maxlength="100"></label> <button>Post</button></p>
        </form>
        """;

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static IResult Html(string title, string body, int status = 200) => Results.Content(
        $"<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>{Encode(title)}</title><h1>{Encode(title)}</h1>{body}</html>",
        "text/html; charset=utf-8",
        statusCode: status);
}
