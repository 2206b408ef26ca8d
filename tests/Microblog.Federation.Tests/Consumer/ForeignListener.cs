using System.Globalization;
using System.Net;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>A listener's service that shares no code with ours, does what the test says, and checks everything that is signed:
/// signature, window, nonce, place and number of the parameters. What it finds wrong fails the test at the end.</summary>
internal sealed class ForeignListener : IAsyncDisposable
{
    private readonly ForeignServer server;
    private readonly Lock gate = new();
    private readonly List<ForeignRequest> requests = [];
    private readonly List<string> problems = [];
    private readonly HashSet<string> nonces = [];
    private readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal) { [""] = "" };
    private readonly Dictionary<string, string?> callbacks = new(StringComparer.Ordinal);
    private int tokens;

    public ForeignListener() => server = new ForeignServer(Respond, () => Clock);

    public string Origin => server.Origin;

    public XrdsWay Way { get; set; } = XrdsWay.Negotiated;

    /// <summary>Appended to every endpoint.</summary>
    public string EndpointQuery { get; set; } = "";

    /// <summary>Put before the path of every endpoint; the ones without it are gone when it changes.</summary>
    public string EndpointPrefix { get; set; } = "";

    /// <summary>Where the endpoints are, if not here.</summary>
    public string? EndpointOrigin { get; set; }

    /// <summary>OAuth 1.0a rather than 1.0.</summary>
    public bool ConfirmsCallback { get; set; } = true;

    public bool RejectsCallback { get; set; }

    /// <summary>One address for all listeners, as SN, LA and OMBr have it (Q72).</summary>
    public bool SharesEndpoints { get; set; }

    /// <summary>How far this service's clock is from everybody else's.</summary>
    public TimeSpan ClockError { get; set; }

    public Func<string, string>? Identifier { get; set; }

    public Func<string, string> PersonOf { get; set; } = identifier => new Uri(identifier).AbsolutePath.Split('/')[^1];

    /// <summary>Changes the document.</summary>
    public Func<string, string> Xrds { get; set; } = xrds => xrds;

    /// <summary>May answer in place of the service, after its checks.</summary>
    public Func<ForeignRequest, ForeignAnswer?> Instead { get; set; } = _ => null;

    /// <summary>What is added to the callback, from what would be added.</summary>
    public Func<List<KeyValuePair<string, string>>, IEnumerable<KeyValuePair<string, string>>> Returns { get; set; } = fields => fields;

    public DateTimeOffset Clock => DateTimeOffset.UtcNow + ClockError;

    public IReadOnlyList<ForeignRequest> Requests
    {
        get
        {
            lock (gate)
                return [.. requests];
        }
    }

    /// <summary>Every notice that was posted, every attempt counted.</summary>
    public IReadOnlyList<ForeignRequest> Notices => [.. Requests.Where(r => r.Path.EndsWith("/notice", StringComparison.Ordinal))];

    public IReadOnlyList<ForeignRequest> Updates => [.. Requests.Where(r => r.Path.EndsWith("/update", StringComparison.Ordinal))];

    public IReadOnlyList<ForeignRequest> To(string path) => [.. Requests.Where(r => r.Path == path)];

    public string ProfileUrl(string person) => $"{Origin}/{person}";

    public string IdentifierOf(string person) => Identifier?.Invoke(person) ?? ProfileUrl(person);

    public string Endpoint(string name, string person = "") =>
        (EndpointOrigin ?? Origin) + EndpointPrefix + (SharesEndpoints || person.Length == 0 ? "" : "/" + person) + "/" + name + EndpointQuery;

    /// <summary>Answers the pushes to one kind of address in this order, and then well.</summary>
    public void Script(string suffix, params ForeignAnswer[] answers)
    {
        var left = new Queue<ForeignAnswer>(answers);
        Instead = request => request.Path.EndsWith(suffix, StringComparison.Ordinal) && left.TryDequeue(out var next) ? next : null;
    }

    /// <summary>A person of this service subscribes to one of the node, by the browser.</summary>
    public async Task<Browser> SubscribeAsync(TestNode node, string publisher, string person)
    {
        var browser = new Browser(null);
        await browser.OpenAsync(new Uri(node.BaseUri, publisher + "/subscribe"));
        await browser.SubmitAsync(("profile", ProfileUrl(person)));
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Assert.Empty(problems);
    }

    /// <summary>Makes a token known that the test gives away itself.</summary>
    public bool Register(string token, string secret, string? callback)
    {
        (secrets[token], callbacks[token]) = (secret, callback);
        tokens++;
        return true;
    }

    private ForeignAnswer Respond(ForeignRequest request)
    {
        lock (gate)
        {
            requests.Add(request);
            if (request.Method == "POST" && Check(request) is { } problem)
            {
                problems.Add($"{request.Target}: {problem}");
                return new ForeignAnswer(401, problem);
            }

            return Instead(request) ?? Answer(request);
        }
    }

    private string? Check(ForeignRequest request)
    {
        var names = request.QueryFields.Concat(request.Form).Select(f => f.Key).ToList();
        if (request.Headers.ContainsKey("Authorization") || request.QueryFields.Any(f => f.Key.StartsWith("oauth_", StringComparison.Ordinal) || f.Key.StartsWith("omb_", StringComparison.Ordinal)))
            return "parameters outside the body";
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
            return "a parameter twice";
        if (request.Headers.GetValueOrDefault("Content-Type") != "application/x-www-form-urlencoded")
            return "not a form";
        if (!secrets.TryGetValue(request["oauth_token"] ?? "", out var secret))
            return "unknown token";
        if (!nonces.Add(request["oauth_nonce"] + " " + request["oauth_timestamp"]))
            return "nonce used twice";
        return ForeignSignature.IsValid(request, Origin, secret) ? null : "bad signature";
    }

    private ForeignAnswer Answer(ForeignRequest request)
    {
        var segments = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (!request.Path.StartsWith(EndpointPrefix + "/", StringComparison.Ordinal) && request.Method == "POST")
            return new ForeignAnswer(404, "gone");
        return (request.Method, segments.LastOrDefault()) switch
        {
            ("POST", "request") => RequestToken(request),
            ("GET", "authorize") => Authorize(request),
            ("POST", "access") => AccessToken(request),
            ("POST", "notice" or "update") => OutsideWindow(request) ? new ForeignAnswer(403, "Invalid timestamp") : ForeignAnswer.Ok,
            ("GET", "xrds") => new ForeignAnswer(200, Document(segments[0]), "application/xrds+xml"),
            ("GET", { } person) when segments.Length == 1 => Page(person, request),
            _ => new ForeignAnswer(404, "no such page"),
        };
    }

    private bool OutsideWindow(ForeignRequest request) =>
        Math.Abs(long.Parse(request["oauth_timestamp"]!, CultureInfo.InvariantCulture) - Clock.ToUnixTimeSeconds()) > 300;

    private ForeignAnswer RequestToken(ForeignRequest request)
    {
        if (RejectsCallback && request["oauth_callback"] is not null)
            return new ForeignAnswer(400, "oauth_problem=parameter_rejected&oauth_parameters_rejected=oauth_callback%3Dx");
        var token = NewToken("request");
        callbacks[token] = request["oauth_callback"];
        return new ForeignAnswer(200, Tokens(token) + (ConfirmsCallback && request["oauth_callback"] is not null ? "&oauth_callback_confirmed=true" : ""));
    }

    private ForeignAnswer Authorize(ForeignRequest request)
    {
        var token = request.InQuery("oauth_token")!;
        var person = PersonOf(request.InQuery("omb_listener")!);
        List<KeyValuePair<string, string>> fields =
        [
            new("oauth_token", token), new("omb_version", ForeignAnswer.Version),
            new("omb_listener_nickname", person), new("omb_listener_profile", ProfileUrl(person)),
        ];
        if (ConfirmsCallback)
            fields.Add(new("oauth_verifier", "v-" + token));
        var query = string.Join('&', Returns(fields).Select(f => f.Key + "=" + WebUtility.UrlEncode(f.Value)));
        return ForeignAnswer.Redirect(302, (request.InQuery("oauth_callback") ?? callbacks[token]) + "?" + query);
    }

    private ForeignAnswer AccessToken(ForeignRequest request) =>
        ConfirmsCallback && request["oauth_verifier"] != "v-" + request["oauth_token"]
            ? new ForeignAnswer(401, "oauth_problem=permission_unknown")
            : new ForeignAnswer(200, Tokens(NewToken("access")), "text/html");

    private ForeignAnswer Page(string person, ForeignRequest request)
    {
        var location = $"{Origin}/{person}/xrds";
        var html = $"<html><head><title>{person}</title></head><body>{person}</body></html>";
        return Way switch
        {
            XrdsWay.Negotiated when request.Headers.GetValueOrDefault("Accept", "").StartsWith("application/xrds+xml", StringComparison.Ordinal) =>
                new ForeignAnswer(200, Document(person), "application/xrds+xml"),
            XrdsWay.Header => ForeignAnswer.Html(html, "X-XRDS-Location: " + location),
            XrdsWay.Meta => ForeignAnswer.Html(html.Replace("<head>", $"<head><meta http-equiv='x-xrds-location' content='{location}'>", StringComparison.Ordinal)),
            XrdsWay.Redirect => ForeignAnswer.Redirect(303, location),
            _ => ForeignAnswer.Html(html),
        };
    }

    private string Document(string person) => Xrds(ForeignXrds.Write(
        IdentifierOf(person), Endpoint("request"), Endpoint("authorize"), Endpoint("access"), Endpoint("notice", person), Endpoint("update", person)));

    private string NewToken(string kind)
    {
        var token = $"{kind}{++tokens}";
        // Characters that have to be encoded in the key of the signature.
        secrets[token] = $"s+{tokens}&/";
        return token;
    }

    private string Tokens(string token) =>
        $"oauth_token={token}&oauth_token_secret={WebUtility.UrlEncode(secrets[token])}&omb_version={ForeignAnswer.Version}";
}

/// <summary>How a page leads to its XRDS document.</summary>
public enum XrdsWay
{
    Negotiated,
    Header,
    Meta,
    Redirect,
}
