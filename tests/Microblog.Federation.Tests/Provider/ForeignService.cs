using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Microblog.Federation.Tests.Provider;

/// <summary>Somebody whose notices are offered to listeners.</summary>
internal sealed record Listenee(string Uri, string ProfileUrl, string Nickname = "alice", string License = "https://creativecommons.org/licenses/by/4.0/");

/// <summary>What a listener allowed a foreign service.</summary>
internal sealed record ForeignGrant(TokenPair Token, Profile Listener, Listenee Listenee)
{
    public string NoticePath => $"omb/{Listener.Id}/notice";

    public string ProfilePath => $"omb/{Listener.Id}/profile";
}

/// <summary>A microblogging service elsewhere, played by hand: speaks OMB 0.1 to a node over a socket and shares no code with it.
/// The node never calls it back, so its addresses need no host.</summary>
internal sealed partial class ForeignService : IDisposable
{
    public const string Version = "http://openmicroblogging.org/protocol/0.1";
    public const string RequestTokenPath = "omb/request_token";
    public const string AccessTokenPath = "omb/access_token";
    public const string AuthorizePath = "omb/authorize";

    private readonly Wire wire;
    private readonly string publicBase;
    private readonly TimeProvider clock;
    private int count;

    /// <param name="node">Whom to speak to.</param>
    /// <param name="key">The consumer key.</param>
    /// <param name="publicBase">The node's public address where it is not that of its socket.</param>
    /// <param name="clock">The service's clock.</param>
    public ForeignService(TestNode node, string key = "https://good.example/", string? publicBase = null, TimeProvider? clock = null)
    {
        wire = new Wire(node.BaseUri);
        Key = key;
        Root = key.StartsWith("http", StringComparison.Ordinal) ? key : "https://good.example/";
        this.publicBase = publicBase ?? node.BaseUri.AbsoluteUri;
        this.clock = clock ?? TimeProvider.System;
    }

    public string Key { get; }

    public string Root { get; }

    public string Callback => Root + "done?session=a%20b";

    public Listenee Alice => new(Root + "user/1", Root + "alice");

    public Wire Wire => wire;

    public async Task<Reply> SendAsync(Call call)
    {
        var oauth = Sign(call);
        List<(string, string)> headers = [.. call.Headers];
        if (call.Placement == Placement.Header)
            headers.Add(("Authorization", "OAuth " + string.Join(", ", oauth.Select(f => $"{f.Name}=\"{f.Wire}\""))));
        if (call.Method == "GET")
        {
            var query = Field.Form(call.Placement == Placement.Header ? call.Fields : [.. oauth, .. call.Fields]);
            return await wire.SendAsync("GET", call.Path + "?" + call.Wire(query), headers: headers);
        }

        var target = call.Placement == Placement.Query ? call.Path + "?" + Field.Form(oauth) : call.Path;
        var form = Field.Form(call.Placement == Placement.Body ? [.. oauth, .. call.Fields] : call.Fields);
        return await wire.SendAsync(call.Method, target, Encoding.UTF8.GetBytes(call.Wire(form)), headers: headers);
    }

    /// <summary>The body of a signed request, for a test that writes its HTTP itself.</summary>
    public string SignedForm(Call call) => Field.Form([.. Sign(call), .. call.Fields]);

    public string Now => clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>The first step; 1.0 when <paramref name="callback"/> is <see langword="null"/>.</summary>
    public Call RequestToken(string listener, string? callback) => new(RequestTokenPath)
    {
        Fields = [Field.Of("omb_version", Version), Field.Of("omb_listener", listener)],
        OAuth = callback is null ? [] : [Field.Of("oauth_callback", callback)],
    };

    public async Task<TokenPair> GetRequestTokenAsync(Profile listener, string? callback)
    {
        var reply = await SendAsync(RequestToken(listener.Uri.Value, callback));
        Assert.Equal(200, reply.Status);
        return new TokenPair(reply.Form("oauth_token"), reply.Form("oauth_token_secret"));
    }

    /// <summary>What the authorization address carries.</summary>
    public static List<Field> Authorization(string token, Profile listener, Listenee listenee, string? callback = null, params (string Name, string Value)[] more)
    {
        List<Field> fields =
        [
            Field.Of("oauth_token", token),
            Field.Of("omb_version", Version),
            Field.Of("omb_listener", listener.Uri.Value),
            Field.Of("omb_listenee", listenee.Uri),
            Field.Of("omb_listenee_profile", listenee.ProfileUrl),
            Field.Of("omb_listenee_nickname", listenee.Nickname),
            Field.Of("omb_listenee_license", listenee.License),
            .. more.Select(f => Field.Of(f.Name, f.Value)),
        ];
        if (callback is not null)
            fields.Add(Field.Of("oauth_callback", callback));
        return fields;
    }

    /// <summary>A browser opens the authorization address.</summary>
    public Task<Reply> VisitAsync(string? user, IEnumerable<Field> fields) => BrowseAsync(user, AuthorizePath + "?" + Field.Form(fields));

    public Task<Reply> BrowseAsync(string? user, string target) => wire.SendAsync("GET", target, headers: As(user));

    /// <summary>The browser presses a button of the consent page.</summary>
    public Task<Reply> DecideAsync(string? user, Reply page, string decision = "allow", Func<Field, Field?>? change = null)
    {
        Assert.True(page.Status == 200, page.Body);
        var form = Forms().Matches(page.Body).Select(m => m.Value).Single(f => f.Contains("name=\"decision\"", StringComparison.Ordinal));
        var fields = Hidden().Matches(form)
            .Select(m => Field.Of(WebUtility.HtmlDecode(m.Groups[1].Value), WebUtility.HtmlDecode(m.Groups[2].Value)))
            .Append(Field.Of("decision", decision))
            .Select(f => change is null ? f : change(f)).OfType<Field>();
        return wire.SendAsync("POST", AuthorizePath, Encoding.UTF8.GetBytes(Field.Form(fields)), headers: As(user));
    }

    public Call AccessToken(TokenPair request, string? verifier) =>
        new(AccessTokenPath) { Token = request, OAuth = verifier is null ? [] : [Field.Of("oauth_verifier", verifier)] };

    /// <summary>The whole dance, which succeeds.</summary>
    public async Task<ForeignGrant> SubscribeAsync(Profile listener, Listenee? listenee = null, bool is10a = true, params (string Name, string Value)[] more)
    {
        var whom = listenee ?? Alice;
        var request = await GetRequestTokenAsync(listener, is10a ? Callback : null);
        var page = await VisitAsync(listener.Nickname, Authorization(request.Token, listener, whom, is10a ? null : Callback, more));
        var back = await DecideAsync(listener.Nickname, page);
        Assert.True(back.Status == 303, back.Body);
        var access = await SendAsync(AccessToken(request, is10a ? back.Returned("oauth_verifier") : null));
        Assert.True(access.Status == 200, access.Body);
        return new ForeignGrant(new TokenPair(access.Form("oauth_token"), access.Form("oauth_token_secret")), listener, whom);
    }

    /// <summary>A push of a notice.</summary>
    public Call Notice(ForeignGrant grant, string content, string? uri = null, params (string Name, string Value)[] more) => new(grant.NoticePath)
    {
        Token = grant.Token,
        Fields =
        [
            Field.Of("omb_version", Version),
            Field.Of("omb_listenee", grant.Listenee.Uri),
            Field.Of("omb_notice", uri ?? NewNotice()),
            Field.Of("omb_notice_content", content),
            .. more.Select(f => Field.Of(f.Name, f.Value)),
        ],
    };

    public Task<Reply> PostAsync(ForeignGrant grant, string content, string? uri = null, params (string Name, string Value)[] more) =>
        SendAsync(Notice(grant, content, uri, more));

    /// <summary>A push of a changed profile.</summary>
    public Call Update(ForeignGrant grant, params (string Name, string Value)[] fields) => new(grant.ProfilePath)
    {
        Token = grant.Token,
        Fields =
        [
            Field.Of("omb_version", Version),
            Field.Of("omb_listenee", grant.Listenee.Uri),
            .. fields.Select(f => Field.Of("omb_listenee_" + f.Name, f.Value)),
        ],
    };

    public Task<Reply> UpdateAsync(ForeignGrant grant, params (string Name, string Value)[] fields) => SendAsync(Update(grant, fields));

    /// <summary>An identifier that no notice had before.</summary>
    public string NewNotice() => $"{Root}notice/{Interlocked.Increment(ref count)}-{Guid.NewGuid():N}";

    public void Dispose() => wire.Dispose();

    private List<Field> Sign(Call call)
    {
        List<Field> oauth =
        [
            Field.Of("oauth_consumer_key", Key),
            Field.Of("oauth_signature_method", call.IsSha256 ? "HMAC-SHA256" : "HMAC-SHA1"),
            Field.Of("oauth_timestamp", Now),
            Field.Of("oauth_nonce", Guid.NewGuid().ToString("N")),
            Field.Of("oauth_version", "1.0"),
            .. call.OAuth,
        ];
        if (call.Token is not null)
            oauth.Add(Field.Of("oauth_token", call.Token.Token));
        call.BeforeSigning?.Invoke(oauth);
        oauth.Add(Field.Of(
            "oauth_signature",
            HmacSigner.Sign(call.Method, publicBase + call.Path, [.. oauth, .. call.Fields], call.ConsumerSecret, call.Token?.Secret ?? "", call.IsSha256)));
        call.AfterSigning?.Invoke(oauth);
        return oauth;
    }

    private static (string, string)[] As(string? user) => user is null ? [] : [("X-User", user)];

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}

/// <summary>Ways to spoil a list of parameters.</summary>
internal static class Fields
{
    public static void Set(this List<Field> fields, string name, string value)
    {
        fields.RemoveAll(f => f.Name == name);
        fields.Add(Field.Of(name, value));
    }

    public static Call Without(this Call call, string name) => call with { Fields = [.. call.Fields.Where(f => f.Name != name)] };

    public static Call With(this Call call, string name, string value) =>
        call with { Fields = [.. call.Fields.Where(f => f.Name != name), Field.Of(name, value)] };

    public static Call Twice(this Call call, string name) =>
        call with { Fields = [.. call.Fields, call.Fields.First(f => f.Name == name)] };

    public static Call Stamped(this Call call, string nonce, string? timestamp = null) => call with
    {
        BeforeSigning = oauth =>
        {
            oauth.Set("oauth_nonce", nonce);
            if (timestamp is not null)
                oauth.Set("oauth_timestamp", timestamp);
        },
    };
}
