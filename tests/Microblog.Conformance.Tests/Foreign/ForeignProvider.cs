using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microblog.Federation.Tests.Consumer;
using Microblog.Federation.Tests.Provider;
using Form = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.KeyValuePair<string, string>>;

namespace Microblog.Conformance.Tests.Foreign;

/// <summary>The listener's service: discovery, the dance, notices and updates.</summary>
internal sealed class ForeignProvider(string origin, Fault fault)
{
    private const string Version = ForeignAnswer.Version;
    private static readonly string[] Required = ["oauth_token", "omb_version", "omb_listener", "omb_listenee", "omb_listenee_profile", "omb_listenee_nickname", "omb_listenee_license"];
    private readonly Lock gate = new();
    private readonly Dictionary<string, Asked> asked = [];
    private readonly Dictionary<string, Granted> granted = [];
    private readonly HashSet<string> nonces = [];
    private readonly List<(Granted Grant, string Uri, string Content)> notices = [];
    private readonly string formSecret = New();

    public ForeignAnswer Page(ForeignRequest request)
    {
        var person = request.Path[1..];
        if (request.Headers.GetValueOrDefault("Accept", "").StartsWith("application/xrds+xml", StringComparison.Ordinal))
            return Document(person);
        var location = $"{origin}/{person}/xrds";
        var meta = fault == Fault.NoMetaElement ? "" : $"<meta http-equiv='X-XRDS-Location' content='{location}'>";
        return ForeignAnswer.Html($"<html><head>{meta}<title>{person}</title></head><body>{person}</body></html>", "X-XRDS-Location: " + location);
    }

    public ForeignAnswer Document(string person)
    {
        var document = ForeignXrds.Write($"{origin}/{person}", origin + "/request", origin + "/authorize", origin + "/access", $"{origin}/{person}/notice", $"{origin}/{person}/update");
        if (fault == Fault.NoLocalId)
            document = document.Replace($"<LocalID>{origin}/{person}</LocalID>", "", StringComparison.Ordinal);
        if (fault == Fault.EntryNotLast)
        {
            var (first, last) = (document.IndexOf("  <XRD ", StringComparison.Ordinal), document.LastIndexOf("  <XRD ", StringComparison.Ordinal));
            var end = document.IndexOf("</XRDS>", StringComparison.Ordinal);
            document = document[..first] + document[last..end] + document[first..last] + document[end..];
        }

        return new ForeignAnswer(200, document, "application/xrds+xml");
    }

    public ForeignAnswer RequestToken(ForeignRequest request)
    {
        lock (gate)
        {
            if (Verify(request, token => token.Length == 0 ? "" : null, remembers: fault != Fault.NoncesForgotten) is { } refusal)
                return refusal;
            var fields = Fields(request);
            if (Get(fields, "omb_version") != Version && !(fault == Fault.WrongVersionTaken && Get(fields, "omb_version").Length > 0))
                return new ForeignAnswer(400, "omb_version");
            if (Get(fields, "omb_listener") != origin + "/dora")
                return new ForeignAnswer(400, "omb_listener");
            var token = new Asked(New(), Get(fields, "oauth_consumer_key"), Get(fields, "omb_listener"), Get(fields, "oauth_callback"));
            asked["r" + New()] = token;
            var name = asked.Single(a => a.Value == token).Key;
            return FormAnswer($"oauth_token={name}&oauth_token_secret={token.Secret}&omb_version={WebUtility.UrlEncode(Version)}" + (token.Callback.Length > 0 ? "&oauth_callback_confirmed=true" : ""));
        }
    }

    public ForeignAnswer Ask(ForeignRequest request, bool isSignedIn)
    {
        lock (gate)
        {
            var fields = request.QueryFields;
            if (Object(fields) is { } problem)
                return new ForeignAnswer(400, problem);
            if (!isSignedIn)
                return new ForeignAnswer(302, "", "text/plain", $"Location: {origin}/account/sign-in?then=authorize");
            var name = Get(fields, "omb_listenee_fullname");
            var shown = fault == Fault.NamesNotEscaped ? name : WebUtility.HtmlEncode(name);
            var hidden = string.Concat(fields.Append(new("secret", formSecret)).Select(f => $"<input type=hidden name='{f.Key}' value='{WebUtility.HtmlEncode(f.Value)}'>"));
            return ForeignAnswer.Html($"<html><head></head><body><p>Hear {shown}?</p><form method=post action='/authorize'>{hidden}<button name=answer value=yes>Yes</button><button name=answer value=no>No</button></form></body></html>");
        }
    }

    public ForeignAnswer Decide(ForeignRequest request, bool isSignedIn)
    {
        lock (gate)
        {
            var fields = request.Form;
            if (!isSignedIn || (Get(fields, "secret") != formSecret && fault != Fault.FormWithoutSecret))
                return new ForeignAnswer(403, "Not from our form.");
            if (Object(fields) is { } problem)
                return new ForeignAnswer(400, problem);
            var token = asked[Get(fields, "oauth_token")];
            var callback = token.Callback.Length > 0 ? token.Callback : Get(fields, "oauth_callback");
            if (Get(fields, "answer") != "yes")
            {
                asked.Remove(Get(fields, "oauth_token"));
                return ForeignAnswer.Redirect(303, callback);
            }

            token.Listenee = Get(fields, "omb_listenee");
            token.Nickname = Get(fields, "omb_listenee_nickname");
            var added = $"oauth_token={Get(fields, "oauth_token")}&omb_version={WebUtility.UrlEncode(Version)}&omb_listener_nickname=dora&omb_listener_fullname=Dora"
                + (fault == Fault.CallbackWithoutProfile ? "" : $"&omb_listener_profile={WebUtility.UrlEncode(origin + "/dora")}")
                + (token.Callback.Length > 0 ? "&oauth_verifier=" + (token.Verifier = New()) : "");
            if (fault == Fault.CallbackQueryLost)
                callback = callback.Split('?')[0];
            return ForeignAnswer.Redirect(303, callback + (callback.Contains('?', StringComparison.Ordinal) ? '&' : '?') + added);
        }
    }

    public ForeignAnswer AccessToken(ForeignRequest request)
    {
        lock (gate)
        {
            if (Verify(request, token => asked.GetValueOrDefault(token)?.Secret) is { } refusal)
                return refusal;
            var fields = Fields(request);
            var token = asked[Get(fields, "oauth_token")];
            if (token.Listenee is null || token.IsUsed || (token.Key != Get(fields, "oauth_consumer_key") && fault != Fault.TokenOfAnyConsumer))
                return Unauthorized("token_rejected");
            if (token.Callback.Length > 0 && Get(fields, "oauth_verifier") != token.Verifier)
                return Unauthorized("verifier_invalid");
            token.IsUsed = true;
            var (name, grant) = ("a" + New(), new Granted(New(), token.Key, token.Listenee, token.Nickname!));
            granted[name] = grant;
            return FormAnswer($"oauth_token={name}&oauth_token_secret={grant.Secret}");
        }
    }

    public ForeignAnswer Notice(ForeignRequest request)
    {
        lock (gate)
        {
            if (request.Method != "POST" && fault != Fault.NoticeByGet)
                return new ForeignAnswer(405, "POST only", "text/plain", "Allow: POST");
            if (VerifyPush(request, out var grant) is { } refusal)
                return refusal;
            var fields = Fields(request);
            string[] needed = ["omb_version", "omb_listenee", "omb_notice", "omb_notice_content"];
            if (needed.FirstOrDefault(name => fields.Count(f => f.Key == name) != 1 || Get(fields, name).Length == 0) is { } missing)
                return new ForeignAnswer(400, missing);
            var (uri, content) = (Get(fields, "omb_notice"), Get(fields, "omb_notice_content"));
            if (Get(fields, "omb_version") != Version || Get(fields, "omb_listenee") != grant!.Listenee || uri.StartsWith(origin + "/", StringComparison.Ordinal)
                || Get(fields, "omb_seealso_disposition") is not ("" or "link" or "inline"))
                return new ForeignAnswer(400, "no");
            var isKnown = notices.Any(n => n.Grant == grant && n.Uri == uri);
            if (isKnown && fault == Fault.DuplicateIs500)
                return new ForeignAnswer(500, "Duplicate notice");
            if (!isKnown || fault == Fault.DuplicateStored)
                notices.Add((grant, uri, fault == Fault.ContentTrimmed ? content.Replace("  ", " ", StringComparison.Ordinal) : content));
            return Done();
        }
    }

    public ForeignAnswer Update(ForeignRequest request)
    {
        lock (gate)
        {
            if (VerifyPush(request, out var grant) is { } refusal)
                return refusal;
            var fields = request.Form;
            if (Get(fields, "omb_version") != Version || Get(fields, "omb_listenee") != grant!.Listenee
                || fields.Any(f => f.Value.Length == 0 && f.Key is "omb_listenee_nickname" or "omb_listenee_profile" or "omb_listenee_license" && f.Value.Length == 0))
                return new ForeignAnswer(400, "no");
            if (fields.Any(f => f.Key == "omb_listenee_bio") && (Get(fields, "omb_listenee_bio").Length > 0 || fault != Fault.BlankIgnored))
                grant.Bio = Get(fields, "omb_listenee_bio");
            return Done();
        }
    }

    public ForeignAnswer Home()
    {
        lock (gate)
            return ForeignAnswer.Html("<html><body>" + string.Concat(notices.Select(n => $"<p>{WebUtility.HtmlEncode(n.Content)}</p>")) + "</body></html>");
    }

    public ForeignAnswer Listenees()
    {
        lock (gate)
        {
            return ForeignAnswer.Html("<html><body>" + string.Concat(granted.Values.Where(g => !g.IsRevoked).Select(g =>
                $"<p>{WebUtility.HtmlEncode(g.Nickname)}: {WebUtility.HtmlEncode(g.Bio)}</p><form method=post action='/drop'><input type=hidden name=nick value='{WebUtility.HtmlEncode(g.Nickname)}'><button>Drop</button></form>")) + "</body></html>");
        }
    }

    public ForeignAnswer Drop(string nickname)
    {
        lock (gate)
        {
            foreach (var grant in granted.Values.Where(g => g.Nickname == nickname))
                grant.IsRevoked = true;
            return ForeignAnswer.Redirect(303, origin + "/listenees");
        }
    }

    private string? Object(Form fields)
    {
        if (Required.FirstOrDefault(name => Get(fields, name).Length == 0) is { } missing)
            return missing + " is missing";
        if (Get(fields, "omb_version") != Version)
            return "another version";
        if (!asked.TryGetValue(Get(fields, "oauth_token"), out var token) || token.Listenee is not null)
            return "unknown token";
        if (Get(fields, "omb_listener") != token.Listener && fault != Fault.TokenOfAnyListener)
            return "another listener";
        if (token.Callback.Length == 0 && Get(fields, "oauth_callback").Length == 0)
            return "no callback";
        return new[] { "omb_listenee", "omb_listenee_profile" }.Any(name => Get(fields, name).StartsWith(origin + "/", StringComparison.Ordinal)) ? "one of ours" : null;
    }

    private ForeignAnswer? VerifyPush(ForeignRequest request, out Granted? grant)
    {
        var refusal = Verify(request, token => granted.GetValueOrDefault(token)?.Secret);
        grant = refusal is null ? granted[Get(Fields(request), "oauth_token")] : null;
        if (refusal?.Body == "signature_invalid" && fault == Fault.BadSignatureIs403)
            return new ForeignAnswer(403, refusal.Body);
        if (refusal is not null)
            return refusal;
        if (grant!.Key != Get(Fields(request), "oauth_consumer_key"))
            return Unauthorized("token_rejected");
        return !grant.IsRevoked ? null : fault == Fault.RevokedIs401 ? Unauthorized("token_revoked") : new ForeignAnswer(403, "token_revoked");
    }

    // OAuth Core 1.0, sections 7 to 9.
    private ForeignAnswer? Verify(ForeignRequest request, Func<string, string?> secretOf, bool remembers = true)
    {
        var fields = Fields(request);
        string[] needed = ["oauth_consumer_key", "oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce"];
        if (fields.Where(f => f.Key.StartsWith("oauth_", StringComparison.Ordinal)).GroupBy(f => f.Key).Any(g => g.Count() > 1)
            || needed.Any(name => Get(fields, name).Length == 0)
            || Get(fields, "oauth_signature_method") is not ("HMAC-SHA1" or "HMAC-SHA256")
            || Get(fields, "oauth_version") is not ("" or "1.0")
            || !long.TryParse(Get(fields, "oauth_timestamp"), NumberStyles.None, CultureInfo.InvariantCulture, out var time))
            return new ForeignAnswer(400, "malformed");
        if (secretOf(Get(fields, "oauth_token")) is not { } secret)
            return Unauthorized("token_rejected");
        if (Math.Abs(time - DateTimeOffset.UtcNow.ToUnixTimeSeconds()) > 300)
            return Unauthorized("timestamp_refused");
        var signature = HmacSigner.Sign(
            request.Method, origin + request.Path, fields.Where(f => f.Key is not ("oauth_signature" or "realm")).Select(f => Field.Of(f.Key, f.Value)),
            "", secret, Get(fields, "oauth_signature_method") == "HMAC-SHA256");
        if (signature != Get(fields, "oauth_signature") || fault == Fault.RightSignaturesRefused)
            return Unauthorized("signature_invalid");
        var nonce = string.Join(' ', new[] { "oauth_consumer_key", "oauth_token", "oauth_timestamp", "oauth_nonce" }.Select(name => Get(fields, name)));
        return remembers && !nonces.Add(nonce) ? Unauthorized("nonce_used") : null;
    }

    private static Form Fields(ForeignRequest request)
    {
        var header = request.Headers.GetValueOrDefault("Authorization", "");
        var inHeader = header.StartsWith("OAuth ", StringComparison.OrdinalIgnoreCase)
            ? header[6..].Split(',').Select(pair => pair.Trim().Split('=', 2))
                .Select(pair => new KeyValuePair<string, string>(Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair[1].Trim('"'))))
            : [];
        return [.. inHeader, .. request.QueryFields, .. request.Form];
    }

    private ForeignAnswer Done() => new(200, "omb_version=" + (fault == Fault.VersionEncoded ? WebUtility.UrlEncode(Version) : Version));

    private static ForeignAnswer FormAnswer(string body) => new(200, body, "application/x-www-form-urlencoded");

    private static ForeignAnswer Unauthorized(string problem) => new(401, problem, "text/plain", "WWW-Authenticate: OAuth realm=\"foreign\"");

    private static string Get(Form fields, string name) => fields.FirstOrDefault(f => f.Key == name).Value ?? "";

    private static string New() => RandomNumberGenerator.GetHexString(20, lowercase: true);

    private sealed class Asked(string secret, string key, string listener, string callback)
    {
        public string Secret => secret;

        public string Key => key;

        public string Listener => listener;

        public string Callback => callback;

        public string? Listenee { get; set; }

        public string? Nickname { get; set; }

        public string Verifier { get; set; } = "";

        public bool IsUsed { get; set; }
    }

    private sealed class Granted(string secret, string key, string listenee, string nickname)
    {
        public string Secret => secret;

        public string Key => key;

        public string Listenee => listenee;

        public string Nickname => nickname;

        public string Bio { get; set; } = "";

        public bool IsRevoked { get; set; }
    }
}
