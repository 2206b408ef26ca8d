using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Consumer;

/// <summary>How a listener's page leads to the document.</summary>
internal enum Way
{
    MediaType,
    Header,
    Meta,
    Redirect,
}

/// <summary>Somebody of the kit who wants to hear the person under test: a page, a document, five endpoints. Behaves well unless a
/// check says otherwise, and remembers everything that was asked of it.</summary>
internal sealed class Listener(string name, string root)
{
    private static readonly string[] SignedKinds = ["request", "access", "notice", "update"];
    private readonly Lock gate = new();
    private readonly List<(string Kind, WireRequest Request)> requests = [];
    private readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal) { [""] = "" };
    private readonly Dictionary<string, string> callbacks = new(StringComparer.Ordinal);

    /// <summary>The profile page, and the identifier unless <see cref="LocalId"/> is another.</summary>
    public string Address => root + "listener/" + name;

    public Way Way { get; set; }

    public string? LocalId { get; set; }

    /// <summary>Where notices go, if not to the own endpoint.</summary>
    public string? NoticeEndpoint { get; set; }

    /// <summary>Changes the document.</summary>
    public Func<string, string> Xrds { get; set; } = document => document;

    /// <summary>The query that an endpoint has; empty for none.</summary>
    public Func<string, string> EndpointQuery { get; set; } = _ => "";

    public bool ConfirmsCallback { get; set; } = true;

    /// <summary>May answer in place of the service: what was asked for, and which one of that kind it is, from 1.</summary>
    public Func<string, int, WireAnswer?> Instead { get; set; } = (_, _) => null;

    /// <summary>Changes what the person brings back to the callback.</summary>
    public Func<List<KeyValuePair<string, string>>, IEnumerable<KeyValuePair<string, string>>> Returns { get; set; } = fields => fields;

    /// <summary>The person refuses.</summary>
    public void Refuse() => Returns = _ => [];

    /// <summary>Where the last browser was sent back to.</summary>
    public string LastCallback { get; private set; } = "";

    public string Endpoint(string kind) => $"{Address}/{kind}{EndpointQuery(kind)}";

    /// <summary>Everything of one kind that was asked: <c>page</c>, <c>xrds</c>, <c>request</c>, <c>authorize</c>, <c>access</c>, <c>notice</c>, <c>update</c>.</summary>
    public IReadOnlyList<WireRequest> Of(string kind)
    {
        lock (gate)
            return [.. requests.Where(r => r.Kind == kind).Select(r => r.Request)];
    }

    public IReadOnlyList<WireRequest> Notices(string content) => [.. Of("notice").Where(r => r.Form.Value("omb_notice_content") == content)];

    /// <summary>Everything that was signed.</summary>
    public IEnumerable<WireRequest> Signed => SignedKinds.SelectMany(Of);

    public IEnumerable<WireExchange> Exchanges
    {
        get
        {
            lock (gate)
                return [.. requests.Select(r => r.Request.Exchange)];
        }
    }

    /// <summary>The token that was given out last.</summary>
    public string LastToken { get; private set; } = "";

    /// <summary>Whether the signature is that of the token it names.</summary>
    public bool IsRightlySigned(WireRequest request)
    {
        List<KeyValuePair<string, string>> fields = [.. request.Form];
        var kind = request.Path.Split('/')[^1];
        var address = $"{Address}/{kind}{(request.Query.Length > 0 ? "?" + request.Query : "")}";
        var isSha256 = fields.Value("oauth_signature_method") == "HMAC-SHA256";
        lock (gate)
        {
            return secrets.TryGetValue(fields.Value("oauth_token"), out var secret)
                && fields.Value("oauth_signature") == Signing.Sign(request.Method, address, fields, "", secret, isSha256);
        }
    }

    public WireAnswer Answer(WireRequest request, string rest)
    {
        var kind = rest.Length == 0 ? "page" : rest;
        lock (gate)
        {
            requests.Add((kind, request));
            return Instead(kind, requests.Count(r => r.Kind == kind)) ?? Answer(kind, request);
        }
    }

    private WireAnswer Answer(string kind, WireRequest request) => kind switch
    {
        "page" => Page(),
        "xrds" => Document(),
        "request" => Tokens(request, ConfirmsCallback && request.Form.Value("oauth_callback").Length > 0 ? "&oauth_callback_confirmed=true" : ""),
        "authorize" => Authorize(request),
        "access" => Tokens(request, ""),
        "notice" or "update" => new WireAnswer(200, "omb_version=" + WireText.Version),
        _ => new WireAnswer(404, "no such endpoint"),
    };

    private WireAnswer Page()
    {
        const string Html = "<!DOCTYPE html><html><head><title>A listener of the conformance kit</title></head><body></body></html>";
        var location = Address + "/xrds";
        return Way switch
        {
            Way.MediaType => Document(),
            Way.Header => new WireAnswer(200, Html, "text/html", "X-XRDS-Location: " + location),
            Way.Meta => new WireAnswer(200, Html.Replace("<title>", $"<meta http-equiv='x-xrds-location' content='{location}'><title>", StringComparison.Ordinal), "text/html"),
            _ => WireAnswer.Redirect(location, 303),
        };
    }

    private WireAnswer Document() => new(200, Xrds(XrdsWriting.Write(
        LocalId ?? Address, Endpoint("request"), Endpoint("authorize"), Endpoint("access"), NoticeEndpoint ?? Endpoint("notice"), Endpoint("update"))), WireText.XrdsType);

    private WireAnswer Authorize(WireRequest request)
    {
        var token = request.QueryFields.Value("oauth_token");
        List<KeyValuePair<string, string>> fields =
        [
            new("oauth_token", token),
            new("omb_version", WireText.Version),
            new("omb_listener_nickname", "kit" + name),
            new("omb_listener_profile", Address),
        ];
        if (ConfirmsCallback)
            fields.Add(new("oauth_verifier", "v" + token));
        var own = request.QueryFields.Value("oauth_callback");
        var callback = own.Length > 0 ? own : callbacks.GetValueOrDefault(token, "");
        var added = FormText.Write(Returns(fields));
        LastCallback = callback + (added.Length == 0 ? "" : (callback.Contains('?', StringComparison.Ordinal) ? "&" : "?") + added);
        return Instead("return", 0) ?? WireAnswer.Redirect(LastCallback);
    }

    private WireAnswer Tokens(WireRequest request, string more)
    {
        var token = "t" + Chance.Text(12);
        // Characters that have to be encoded in the key of the signature.
        secrets[token] = "s+&/" + Chance.Text(12);
        callbacks[token] = request.Form.Value("oauth_callback");
        LastToken = token;
        return new WireAnswer(
            200, $"oauth_token={token}&oauth_token_secret={FormText.Encode(secrets[token])}&omb_version={WireText.Version}{more}", "application/x-www-form-urlencoded");
    }
}
