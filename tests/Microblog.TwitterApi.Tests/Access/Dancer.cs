using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microblog.Applications;
using Microblog.Omb.OAuth;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.TwitterApi.Tests.Access;

/// <summary>An application that asks to be let in, and the browser of whoever decides.</summary>
internal sealed partial class Dancer(ApiNode node, RegisteredApplication application)
{
    public const string Callback = "https://reader.example/back?job=7";

    /// <summary>How requests are signed; with RSA by <see cref="RsaKey"/>.</summary>
    public SignatureMethod Method { get; init; } = SignatureMethod.HmacSha1;

    public RSA? RsaKey { get; init; }

    public string Key => application.Application.Key;

    public static async Task<Dancer> RegisterAsync(ApiNode node, Profile owner, ApplicationDetails? details = null) => new(
        node,
        (await node.Services.GetRequiredService<ApplicationDesk>().RegisterAsync(
            owner.Id, details ?? new ApplicationDetails { Name = "Reader", Homepage = "https://reader.example/about", MayWrite = true })).Value);

    /// <summary>Sends a signed request.</summary>
    public async Task<(HttpStatusCode Status, string Body, HttpResponseMessage Response)> SendAsync(
        string path, TokenCredentials? token, string? secret = null, HttpMethod? method = null, params (string Name, string Value)[] fields)
    {
        var verb = method ?? HttpMethod.Post;
        var call = new OAuthSigner(Key, secret ?? application.Secret) { Method = Method, RsaKey = RsaKey }.Sign(
            verb.Method,
            new Uri(node.Root, path),
            fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
            token,
            RequestStamp.Fresh(node.Clock.GetUtcNow()),
            verb == HttpMethod.Get ? OAuthPlacement.Query : OAuthPlacement.Header);
        using var request = new HttpRequestMessage(verb, call.Url);
        if (call.Authorization is not null)
            request.Headers.Authorization = AuthenticationHeaderValue.Parse(call.Authorization);
        if (verb == HttpMethod.Post)
            request.Content = new StringContent(call.Form, MediaTypeHeaderValue.Parse(WireForm.MediaType));
        var response = await node.Client.SendAsync(request);
        // A refusal ends with the reference to the log.
        var body = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, body.Split("\nReference: ")[0], response);
    }

    public async Task<TokenCredentials> RequestTokenAsync(string? callback = Callback)
    {
        var (status, body, response) = await SendAsync("api/oauth/request_token", null, null, null, callback is null ? [] : [("oauth_callback", callback)]);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("application/x-www-form-urlencoded", response.Content.Headers.ContentType!.ToString());
        Assert.True(TokenResponse.TryParse(200, System.Text.Encoding.ASCII.GetBytes(body), out var answer));
        Assert.True(answer.CallbackConfirmed);
        return answer.Credentials;
    }

    public async Task<(HttpStatusCode Status, string Body)> ExchangeAsync(TokenCredentials token, string? verifier, string? secret = null)
    {
        var (status, body, _) = await SendAsync("api/oauth/access_token", token, secret, null, verifier is null ? [] : [("oauth_verifier", verifier)]);
        return (status, body);
    }

    /// <summary>The whole dance; the access token in the end.</summary>
    public async Task<TokenCredentials> DanceAsync(string user)
    {
        var token = await RequestTokenAsync();
        using var decided = await DecideAsync(token, user, "allow");
        var (status, body) = await ExchangeAsync(token, VerifierOf(decided));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(TokenResponse.TryParse(200, System.Text.Encoding.ASCII.GetBytes(body), out var answer));
        return answer.Credentials;
    }

    /// <summary>The page that asks.</summary>
    public Task<HttpResponseMessage> AskAsync(TokenCredentials token, string? user, string more = "") =>
        BrowseAsync(node, new HttpRequestMessage(HttpMethod.Get, new Uri(node.Root, $"api/oauth/authorize?oauth_token={token.Token}{more}")), user);

    /// <summary>Opens the page and presses a button of it.</summary>
    public async Task<HttpResponseMessage> DecideAsync(TokenCredentials token, string user, string decision)
    {
        using var page = await AskAsync(token, user);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        return await PressAsync(node, await page.Content.ReadAsStringAsync(), user, decision);
    }

    /// <summary>Sends the form of a page.</summary>
    public static Task<HttpResponseMessage> PressAsync(ApiNode node, string page, string user, string decision)
    {
        var fields = HiddenField().Matches(page).Select(match => KeyValuePair.Create(match.Groups[1].Value, WebUtility.HtmlDecode(match.Groups[2].Value)));
        var action = WebUtility.HtmlDecode(FormAction().Matches(page).Last().Groups[1].Value);
        return BrowseAsync(
            node,
            new HttpRequestMessage(HttpMethod.Post, new Uri(node.Root, action)) { Content = new FormUrlEncodedContent(fields.Append(new("decision", decision))) },
            user);
    }

    public static string VerifierOf(HttpResponseMessage decided)
    {
        Assert.Equal(HttpStatusCode.SeeOther, decided.StatusCode);
        return Verifier().Match(decided.Headers.Location!.OriginalString).Groups[1].Value;
    }

    private static Task<HttpResponseMessage> BrowseAsync(ApiNode node, HttpRequestMessage request, string? user)
    {
        if (user is not null)
            request.Headers.Add(ApiNode.UserHeader, user);
        return node.Client.SendAsync(request);
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenField();

    [GeneratedRegex("<form method=\"post\" action=\"([^\"]*)\"")]
    private static partial Regex FormAction();

    [GeneratedRegex("[?&]oauth_verifier=([A-Za-z0-9]+)")]
    private static partial Regex Verifier();
}
