using System.Security.Claims;
using System.Text;
using Microblog.Http;
using Microblog.Pages;
using Microblog.Testing.Simulation;
using Microsoft.Extensions.Primitives;

namespace Microblog.Testing;

/// <summary>A person's browser on a simulated network: follows redirects, keeps cookies, and shows pages as the models that nodes make.</summary>
public sealed class SimulatedBrowser
{
    private const int MaxRedirects = 10;

    private readonly SimulatedNetwork network;
    private readonly Wire wire;
    private readonly string name;
    private readonly Dictionary<string, ClaimsPrincipal> signedIn = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Dictionary<string, string>> cookies = new(StringComparer.OrdinalIgnoreCase);

    internal SimulatedBrowser(SimulatedNetwork network, Wire wire, string name) => (this.network, this.wire, this.name) = (network, wire, name);

    /// <summary>The address shown, after redirects.</summary>
    public Uri? Location { get; private set; }

    /// <summary>The status of the last answer; 0 before the first.</summary>
    public int Status { get; private set; }

    /// <summary>The page shown; <see langword="null"/> when what was answered is none of a node's pages.</summary>
    public Page? Page { get; private set; }

    /// <summary>The body of the last answer.</summary>
    public string Text { get; private set; } = "";

    /// <summary>From now on the browser is signed in at a site as one of its users, by whatever means that site has.</summary>
    public void SignIn(Uri site, ClaimsPrincipal user) => signedIn[site.Authority] = user;

    /// <summary>Opens an address.</summary>
    /// <exception cref="HttpRequestException">The connection failed.</exception>
    public Task GetAsync(Uri address, CancellationToken cancellationToken = default) =>
        network.DriveAsync(() => SendAsync("GET", address, null, cancellationToken), cancellationToken);

    /// <summary>Sends a form.</summary>
    /// <param name="action">Where to; relative to the address shown.</param>
    /// <param name="fields">Its fields.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="HttpRequestException">The connection failed.</exception>
    public Task PostAsync(string action, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken cancellationToken = default) =>
        network.DriveAsync(() => SendAsync("POST", new Uri(Location!, action), fields, cancellationToken), cancellationToken);

    /// <summary>Types the own address into the page with which a visitor subscribes to somebody of that site, and sends it.</summary>
    /// <param name="profile">The address of the visitor's own page.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="SimulationException">Another page is shown.</exception>
    public Task SubscribeAsync(string profile, CancellationToken cancellationToken = default)
    {
        var page = Expect<RemoteSubscribePage>();
        return PostAsync(
            page.Action, [new(RemoteSubscribePage.AddressField, profile), new(ForgeryTokens.Field, page.ForgeryToken)], cancellationToken);
    }

    /// <summary>Answers the question whether somebody of another service may send notices.</summary>
    /// <param name="isAllowed">The answer.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="SimulationException">Another page is shown.</exception>
    public Task DecideAsync(bool isAllowed, CancellationToken cancellationToken = default)
    {
        var page = Expect<ConsentPage>();
        return PostAsync(
            page.Action,
            [.. page.Fields, new(ForgeryTokens.Field, page.ForgeryToken), new("decision", isAllowed ? "allow" : "refuse")],
            cancellationToken);
    }

    /// <summary>What the page says, for an error message.</summary>
    internal string Describe() => $"{Location} ({Status}): " + (Page switch
    {
        MessagePage message => $"{message.Title}. {message.Message}",
        RemoteSubscribePage { Problem.Length: > 0 } page => page.Problem,
        { } page => page.Title,
        _ => Text.Length > 200 ? Text[..200] : Text,
    });

    private T Expect<T>()
        where T : Page =>
        Page as T ?? throw new SimulationException($"The browser of {name} expects a {typeof(T).Name} and sees {Describe()}");

    private async Task<bool> SendAsync(
        string method, Uri address, IEnumerable<KeyValuePair<string, string>>? fields, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = default;
        if (fields is not null)
        {
            using var form = new FormUrlEncodedContent(fields);
            body = await form.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }

        for (var redirects = 0; ; redirects++)
        {
            var answer = await wire.SendAsync(name, null, Request(method, address, body), cancellationToken).ConfigureAwait(false);
            Keep(address, answer);
            (Location, Status, Page, Text) = (address, answer.Status, answer.Page, Encoding.UTF8.GetString(answer.Body.Span));
            if (answer.Status is < 300 or >= 400 || answer.Header("Location") is not { } next)
                return true;
            if (redirects == MaxRedirects)
                throw new SimulationException($"The browser of {name} is sent in circles, the last time to {next}");
            (method, address, body) = ("GET", new Uri(address, next), default);
        }
    }

    private WireRequest Request(string method, Uri address, ReadOnlyMemory<byte> body)
    {
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase) { ["Accept"] = "text/html" };
        if (cookies.TryGetValue(address.Authority, out var jar))
            headers["Cookie"] = string.Join("; ", jar.Select(cookie => $"{cookie.Key}={cookie.Value}"));
        if (method == "POST")
            headers["Content-Type"] = "application/x-www-form-urlencoded";
        return new WireRequest(method, address, headers, body, signedIn.GetValueOrDefault(address.Authority));
    }

    private void Keep(Uri address, WireAnswer answer)
    {
        foreach (var (_, cookie) in answer.Headers.Where(header => header.Key.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase)))
        {
            var parts = cookie.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0].Split('=', 2) is not [var name, var value])
                continue;
            if (!cookies.TryGetValue(address.Authority, out var jar))
                cookies.Add(address.Authority, jar = new Dictionary<string, string>(StringComparer.Ordinal));
            if (parts.Contains("Max-Age=0", StringComparer.OrdinalIgnoreCase))
                jar.Remove(name);
            else
                jar[name] = value;
        }
    }
}
