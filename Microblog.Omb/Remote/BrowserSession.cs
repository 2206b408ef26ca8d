using System.Security.Cryptography;
using System.Text;
using Microblog.Http;
using Microblog.Omb.OAuth;

namespace Microblog.Omb.Remote;

/// <summary>A visitor's browser, known by a random cookie, so that only the browser that began a dance can end it (OMB-120, OAUTH-54).</summary>
/// <remarks>SameSite=Lax: the callback is a navigation from the other service. The name differs per node, for ports do not separate cookies.</remarks>
internal sealed class BrowserSession
{
    private readonly string name;
    private readonly string attributes;

    public BrowserSession(NodeAddresses addresses)
    {
        name = "microblog_visit_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(addresses.Root)))[..8];
        attributes = "; Path=" + (addresses.PathBase.Length == 0 ? "/" : addresses.PathBase) + "; HttpOnly; SameSite=Lax"
            + (addresses.Origin.StartsWith("https:", StringComparison.Ordinal) ? "; Secure" : "");
    }

    /// <summary>The browser's secret, or <see langword="null"/> when it has none yet.</summary>
    public string? Find(NodeRequest request)
    {
        foreach (var cookie in request.Header("Cookie").Split(';', StringSplitOptions.TrimEntries))
        {
            if (cookie.StartsWith(name + "=", StringComparison.Ordinal) && cookie.Length == name.Length + 1 + 32
                && cookie[(name.Length + 1)..].All(char.IsAsciiLetterOrDigit))
                return cookie[(name.Length + 1)..];
        }

        return null;
    }

    /// <summary>A new secret.</summary>
    public static string Create() => RandomText.Alphanumeric(32);

    /// <summary>Has the browser keep the secret until it is closed.</summary>
    public NodeResponse Keep(NodeResponse response, string secret) => response.With("Set-Cookie", CookieOf(secret));

    /// <summary>The value of the <c>Set-Cookie</c> header.</summary>
    public string CookieOf(string secret) => $"{name}={secret}{attributes}";

    /// <summary>What is stored of a secret.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(secret)));
}
