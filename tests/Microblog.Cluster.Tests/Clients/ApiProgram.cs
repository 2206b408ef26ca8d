using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microblog.Federation.Tests;

namespace Microblog.Cluster.Tests.Clients;

/// <summary>A program for Twitter in somebody's hands. It signs by itself (RFC 5849 §3.4), always for the node's one address, and asks the process
/// that it is told to.</summary>
internal sealed partial class ApiProgram(Uri node, string key, string secret) : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });
    private (string Name, string Secret) token = ("", "");

    public string Key => key;

    /// <summary>Registers a program that writes, on the settings page of its owner, and has it let in by somebody: the owner, unless it is said.</summary>
    public static async Task<ApiProgram> OfAsync(Browser owner, Uri node, Browser? person = null)
    {
        await owner.OpenAsync(new Uri(node, "settings/applications"));
        await owner.SubmitAsync(("name", "Client"), ("homepage", "https://client.example/"), ("write", "1"));
        var program = new ApiProgram(node, Shown(owner, "key"), Shown(owner, "secret"));
        await program.LetInAsync(person ?? owner);
        return program;
    }

    /// <summary>What an element of the page shows, or its value.</summary>
    public static string Shown(Browser browser, string id) =>
        Element().Matches(browser.Html).First(match => match.Groups["id"].Value == id).Groups["shown"].Value;

    /// <summary>A request as it is sent, and may be sent again.</summary>
    public Call Sign(HttpMethod method, string path, params (string Name, string Value)[] fields) => Sign(method, path, [], fields);

    public Task<HttpResponseMessage> GetAsync(Uri process, string path, EntityTagHeaderValue? known = null) => SendAsync(process, Sign(HttpMethod.Get, path), known);

    public Task<HttpResponseMessage> PostAsync(Uri process, string path, params (string Name, string Value)[] fields) =>
        SendAsync(process, Sign(HttpMethod.Post, path, fields));

    public Task<HttpResponseMessage> SendAsync(Uri process, Call call, EntityTagHeaderValue? known = null)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(process, call.Path));
        request.Headers.Host = node.Authority;
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(call.Authorization);
        if (known is not null)
            request.Headers.IfNoneMatch.Add(known);
        if (call.Fields.Length > 0)
            request.Content = new FormUrlEncodedContent(call.Fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return client.SendAsync(request);
    }

    public void Dispose() => client.Dispose();

    // Every step lands on whichever process is next.
    private async Task LetInAsync(Browser person)
    {
        token = await AskForTokenAsync("api/oauth/request_token", ("oauth_callback", "oob"));
        await person.OpenAsync(new Uri(node, "api/oauth/authorize?oauth_token=" + token.Name));
        await person.SubmitAsync(("decision", "allow"));
        token = await AskForTokenAsync("api/oauth/access_token", ("oauth_verifier", Shown(person, "oauth_pin")));
    }

    private async Task<(string Name, string Secret)> AskForTokenAsync(string path, (string Name, string Value) parameter)
    {
        using var response = await SendAsync(node, Sign(HttpMethod.Post, path, [parameter], []));
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer);
        var fields = answer.Split('&').Select(field => field.Split('=')).ToDictionary(field => field[0], field => field[1]);
        return (fields["oauth_token"], fields["oauth_token_secret"]);
    }

    private Call Sign(HttpMethod method, string path, (string Name, string Value)[] own, (string Name, string Value)[] fields)
    {
        List<(string Name, string Value)> parameters =
        [
            ("oauth_consumer_key", key), ("oauth_signature_method", "HMAC-SHA1"), ("oauth_version", "1.0"),
            ("oauth_timestamp", TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            ("oauth_nonce", RandomNumberGenerator.GetHexString(16)), .. own,
        ];
        if (token.Name.Length > 0)
            parameters.Add(("oauth_token", token.Name));
        var parts = path.Split('?');
        var query = parts is [_, var text] ? text.Split('&').Select(field => field.Split('=')).Select(field => (field[0], Uri.UnescapeDataString(field[1]))) : [];
        var all = parameters.Concat(query).Concat(fields).Select(one => (Name: Encode(one.Item1), Value: Encode(one.Item2)))
            .OrderBy(one => one.Name, StringComparer.Ordinal).ThenBy(one => one.Value, StringComparer.Ordinal).Select(one => $"{one.Name}={one.Value}");
        var signed = $"{method.Method}&{Encode(new Uri(node, parts[0]).AbsoluteUri)}&{Encode(string.Join('&', all))}";
        var by = Encoding.ASCII.GetBytes($"{Encode(secret)}&{Encode(token.Secret)}");
#pragma warning disable CA5350 // What these clients sign with.
        parameters.Add(("oauth_signature", Convert.ToBase64String(HMACSHA1.HashData(by, Encoding.ASCII.GetBytes(signed)))));
#pragma warning restore CA5350
        return new Call(method, path, "OAuth " + string.Join(", ", parameters.Select(one => $"{one.Name}=\"{Encode(one.Value)}\"")), fields);
    }

    private static string Encode(string text) => Uri.EscapeDataString(text);

    [GeneratedRegex("""<[a-z]+ id="(?<id>[^"]*)"( value="(?<shown>[^"]*)"[^>]*|>(?<shown>[^<]*)<)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Element();

    /// <summary>A signed request.</summary>
    internal sealed record Call(HttpMethod Method, string Path, string Authorization, (string Name, string Value)[] Fields);
}
