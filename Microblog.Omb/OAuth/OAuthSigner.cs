using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Microblog.Omb.OAuth;

/// <summary>Where a consumer puts the OAuth parameters of a request.</summary>
public enum OAuthPlacement
{
    /// <summary>Everything in the form body, which every known OpenMicroBlogging peer takes (OAUTH-50).</summary>
    Body,

    /// <summary>OAuth parameters in the <c>Authorization</c> header, all others in the form body.</summary>
    Header,

    /// <summary>Everything in the query: for addresses that a browser visits.</summary>
    Query,
}

/// <summary>A signed request, ready to be sent.</summary>
/// <param name="Url">The address; unless the query carries the parameters, the one that was given, its own query included.</param>
/// <param name="Form">The form body, in ASCII; empty when there is none. Its media type is <see cref="WireForm.MediaType"/>.</param>
/// <param name="Authorization">The value of the <c>Authorization</c> header; <see langword="null"/> without one.</param>
public sealed record SignedCall(Uri Url, string Form, string? Authorization);

/// <summary>The consumer's side: signs requests in the name of one consumer.</summary>
/// <param name="consumerKey">The consumer key, sent as it is.</param>
/// <param name="consumerSecret">The consumer secret, perhaps empty.</param>
public sealed class OAuthSigner(string consumerKey, string consumerSecret = "")
{
    /// <summary>How to sign. Default: HMAC-SHA1, the one that every peer knows.</summary>
    public SignatureMethod Method { get; init; } = SignatureMethod.HmacSha1;

    /// <summary>The private key for RSA-SHA1 and RSA-SHA256. The caller owns it.</summary>
    public RSA? RsaKey { get; init; }

    /// <summary>Whether to send <c>oauth_version=1.0</c>. Default: yes.</summary>
    public bool SendVersion { get; init; } = true;

    /// <summary>Signs a request.</summary>
    /// <param name="httpMethod">Such as <c>POST</c>.</param>
    /// <param name="url">The absolute address. Its query is signed and stays where it is; a fragment is dropped.</param>
    /// <param name="parameters">Everything else to be sent, <c>oauth_callback</c> and <c>oauth_verifier</c> included.</param>
    /// <param name="token">The token in use, or <see langword="null"/>.</param>
    /// <param name="stamp">A fresh one for every attempt.</param>
    /// <param name="placement">Where the parameters go.</param>
    /// <exception cref="ArgumentException">The address is not absolute http or https, PLAINTEXT would go unencrypted, RSA-SHA1
    /// lacks its key, or there are more than 256 parameters.</exception>
    public SignedCall Sign(
        string httpMethod,
        Uri url,
        IEnumerable<KeyValuePair<string, string>> parameters,
        TokenCredentials? token,
        RequestStamp stamp,
        OAuthPlacement placement = OAuthPlacement.Body)
    {
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            throw new ArgumentException("The address is not absolute http or https.", nameof(url));
        if (Method is SignatureMethod.Plaintext && url.Scheme != Uri.UriSchemeHttps)
            throw new ArgumentException("PLAINTEXT would send the secrets unencrypted.", nameof(url));

        var all = Stamped(parameters, token, stamp);
        all.Add(new(OAuthNames.Signature, Compute(httpMethod, url, all, new(consumerSecret, token?.Secret ?? "") { RsaKey = RsaKey })));
        var address = new Uri(url.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped));
        return placement switch
        {
            OAuthPlacement.Body => new(address, WireForm.Encode(all), null),
            OAuthPlacement.Header => new(address, WireForm.Encode(all.Where(pair => !IsOAuth(pair))), Header(all.Where(IsOAuth))),
            OAuthPlacement.Query => new(WithQuery(address, all), "", null),
            _ => throw new ArgumentOutOfRangeException(nameof(placement)),
        };
    }

    private static bool IsOAuth(KeyValuePair<string, string> pair) => pair.Key.StartsWith("oauth_", StringComparison.Ordinal);

    private static string Header(IEnumerable<KeyValuePair<string, string>> pairs) =>
        "OAuth " + string.Join(", ", pairs.Select(pair => $"{PercentEncoding.Encode(pair.Key)}=\"{PercentEncoding.Encode(pair.Value)}\""));

    private static Uri WithQuery(Uri url, IEnumerable<KeyValuePair<string, string>> pairs) =>
        new(url.AbsoluteUri + (url.Query.Length > 0 ? "&" : "?") + WireForm.Encode(pairs));

    private List<KeyValuePair<string, string>> Stamped(
        IEnumerable<KeyValuePair<string, string>> parameters, TokenCredentials? token, RequestStamp stamp)
    {
        var all = new List<KeyValuePair<string, string>> { new(OAuthNames.ConsumerKey, consumerKey) };
        if (token is not null)
            all.Add(new(OAuthNames.Token, token.Token));

        all.Add(new(OAuthNames.SignatureMethod, Method.WireName()));
        all.Add(new(OAuthNames.Timestamp, stamp.Timestamp.ToString(CultureInfo.InvariantCulture)));
        all.Add(new(OAuthNames.Nonce, stamp.Nonce));
        if (SendVersion)
            all.Add(new(OAuthNames.Version, "1.0"));

        all.AddRange(parameters);
        return all;
    }

    private string Compute(string httpMethod, Uri url, List<KeyValuePair<string, string>> pairs, OAuthSecrets secrets)
    {
        // The components that go on the wire: System.Uri normalises some escapes, and international host names become ASCII.
        var host = url.HostNameType is UriHostNameType.IPv6 ? url.Host : url.IdnHost;
        var origin = string.Create(CultureInfo.InvariantCulture, $"{url.Scheme}://{host}:{url.Port}");
        var query = Encoding.UTF8.GetBytes(url.GetComponents(UriComponents.Query, UriFormat.UriEscaped));
        using var builder = new ParameterListBuilder(query.Length + (3 * pairs.Sum(pair => pair.Key.Length + pair.Value.Length)));
        var complete = builder.TryAddForm(query, ParameterPlace.Query);
        foreach (var (name, value) in pairs)
            complete &= builder.TryAddText(name, value, ParameterPlace.Body);

        if (!complete)
            throw new ArgumentException("Too many parameters.", nameof(pairs));

        var baseString = SignatureBaseString.ToText(httpMethod, origin, url.AbsolutePath, builder.Build());
        return Signature.Create(Method, Encoding.ASCII.GetBytes(baseString), secrets);
    }
}
