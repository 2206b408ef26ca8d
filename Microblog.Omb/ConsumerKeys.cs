using System.Buffers;

namespace Microblog.Omb;

/// <summary>What a consumer key, which is any text, says about a host.</summary>
internal static class ConsumerKeys
{
    private static readonly SearchValues<char> HostCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-:");

    /// <summary>The host, with the port if not the default, of a key that is an http(s) address or a bare ASCII host; empty for any
    /// other text, however much it looks like one.</summary>
    public static string HostOf(string key)
    {
        if (WebAddress.HostOf(key) is { Length: > 0 } host)
            return host;
        var bare = key.ToLowerInvariant();
        return bare.Length <= 255 && !bare.AsSpan().ContainsAnyExcept(HostCharacters) ? WebAddress.HostOf($"http://{bare}/") : "";
    }
}
