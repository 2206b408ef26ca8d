using System.Text;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Provider;

/// <summary>A token with its secret.</summary>
internal sealed record Token(string Value, string Secret);

/// <summary>Where the OAuth parameters stand.</summary>
internal enum Place
{
    Body,
    Header,
    Query,
}

/// <summary>A signed request, right unless a check makes it wrong.</summary>
internal sealed record SignedCall(string Address, string Key)
{
    public string Method { get; init; } = "POST";

    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> OAuth { get; init; } = [];

    public Token? Token { get; init; }

    public Place Place { get; init; }

    public bool IsSha256 { get; init; }

    /// <summary>Changes the OAuth parameters before they are signed.</summary>
    public Action<List<KeyValuePair<string, string>>> BeforeSigning { get; init; } = _ => { };

    /// <summary>Changes them afterwards, signature included.</summary>
    public Action<List<KeyValuePair<string, string>>> AfterSigning { get; init; } = _ => { };

    /// <summary>Changes the form, or the header's value, as it goes out.</summary>
    public Func<string, string> Writing { get; init; } = text => text;

    public SignedCall With(string name, string value) => this with { Fields = [.. Fields.Where(f => f.Key != name), new(name, value)] };

    public SignedCall Without(string name) => this with { Fields = [.. Fields.Where(f => f.Key != name)] };

    public SignedCall Twice(string name) => this with { Fields = [.. Fields, Fields.First(f => f.Key == name)] };

    /// <summary>With an OAuth parameter of a chosen value, rightly signed.</summary>
    public SignedCall Stamped(string name, string value) => this with { BeforeSigning = oauth => Set(oauth, name, value) };

    /// <summary>Without an OAuth parameter, rightly signed.</summary>
    public SignedCall Unstamped(string name) => this with { BeforeSigning = oauth => oauth.RemoveAll(f => f.Key == name) };

    public SignedCall WronglySigned() => this with { AfterSigning = oauth => Set(oauth, "oauth_signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=") };

    public async Task<WireReply> SendAsync(WireClient wire, TimeProvider clock, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> oauth =
        [
            new("oauth_consumer_key", Key),
            new("oauth_signature_method", IsSha256 ? "HMAC-SHA256" : "HMAC-SHA1"),
            new("oauth_timestamp", Seconds(clock.GetUtcNow())),
            new("oauth_nonce", Chance.Text(20)),
            new("oauth_version", "1.0"),
            .. OAuth,
        ];
        if (Token is not null)
            oauth.Add(new("oauth_token", Token.Value));
        BeforeSigning(oauth);
        List<KeyValuePair<string, string>> signed = [.. oauth, .. Fields];
        var secret = Token?.Secret ?? "";
        oauth.Add(new("oauth_signature", Signing.Sign(Method, Address, signed, "", secret, IsSha256)));
        AfterSigning(oauth);
        var reply = await SendAsync(wire, oauth, cancellationToken).ConfigureAwait(false);
        if (reply.Status == 401)
            reply.Exchange.Signed = $"{Signing.BaseString(Method, Address, signed)}\nand the key:\n{Signing.Key("", secret)}";
        return reply;
    }

    public static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    private Task<WireReply> SendAsync(WireClient wire, List<KeyValuePair<string, string>> oauth, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> headers = [];
        if (Place == Place.Header)
            headers.Add(new("Authorization", Writing("OAuth " + string.Join(", ", oauth.Select(f => $"{f.Key}=\"{FormText.Encode(f.Value)}\"")))));
        if (Method != "POST")
        {
            var query = FormText.Write(Place == Place.Header ? Fields : [.. oauth, .. Fields]);
            return wire.SendAsync(Method, WithQuery(query), headers, null, cancellationToken);
        }

        var form = FormText.Write(Place == Place.Body ? [.. oauth, .. Fields] : Fields);
        var address = Place == Place.Query ? WithQuery(FormText.Write(oauth)) : Address;
        return wire.SendAsync("POST", address, headers, Encoding.ASCII.GetBytes(Place == Place.Header ? form : Writing(form)), cancellationToken);
    }

    private string WithQuery(string query) => Address + (Address.Contains('?', StringComparison.Ordinal) ? '&' : '?') + query;

    private static void Set(List<KeyValuePair<string, string>> fields, string name, string value)
    {
        fields.RemoveAll(f => f.Key == name);
        fields.Add(new(name, value));
    }
}
