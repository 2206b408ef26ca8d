using System.Text;
using Microblog.Http;
using Microblog.Omb.OAuth;
using Microsoft.Extensions.Primitives;

namespace Microblog.Omb.Tests.OAuth;

/// <summary>Makes the requests of the tests, written with the base library's own encoder.</summary>
internal static class Requests
{
    public const string Form = "application/x-www-form-urlencoded";

    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1234567890);

    public static NodeRequest Make(
        string method, string url, string? body = null, string? contentType = null, bool secure = false, params string[] authorization) =>
        Make(method, url, Encoding.Latin1.GetBytes(body ?? ""), contentType ?? (body is null ? null : Form), secure, authorization);

    public static NodeRequest Make(
        string method, string url, byte[] body, string? contentType, bool secure, params string[] authorization)
    {
        var path = url.IndexOf('/', url.IndexOf("://", StringComparison.Ordinal) + 3);
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        if (contentType is not null)
            headers["Content-Type"] = contentType;
        if (authorization.Length > 0)
            headers["Authorization"] = authorization;

        return new NodeRequest
        {
            Method = method,
            Origin = url[..path],
            RawTarget = url[path..],
            Headers = headers,
            Body = body,
            IsSecure = secure,
        };
    }

    public static string Wire(IEnumerable<KeyValuePair<string, string>> pairs) =>
        string.Join('&', pairs.Select(pair => Uri.EscapeDataString(pair.Key) + "=" + Uri.EscapeDataString(pair.Value)));

    public static string Header(IEnumerable<KeyValuePair<string, string>> pairs) =>
        "OAuth " + string.Join(",", pairs.Select(pair => $"{Uri.EscapeDataString(pair.Key)}=\"{Uri.EscapeDataString(pair.Value)}\""));

    public static SignedRequest Parse(NodeRequest request, OAuthOptions? options = null, TokenUse token = TokenUse.None)
    {
        Assert.True(SignedRequest.TryParse(request, options ?? new(), token, out var parsed, out var refusal), refusal?.LogDetail);
        return parsed;
    }

    public static OAuthRefusal Refuse(NodeRequest request, OAuthOptions? options = null, TokenUse token = TokenUse.None)
    {
        Assert.False(SignedRequest.TryParse(request, options ?? new(), token, out _, out var refusal));
        return refusal!;
    }
}
