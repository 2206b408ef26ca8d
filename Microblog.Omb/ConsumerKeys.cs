namespace Microblog.Omb;

/// <summary>What a consumer key, which is any text, says about a host.</summary>
internal static class ConsumerKeys
{
    /// <inheritdoc cref="WebAddress.HostNamedBy"/>
    public static string HostOf(string key) => WebAddress.HostNamedBy(key);
}
