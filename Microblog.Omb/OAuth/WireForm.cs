namespace Microblog.Omb.OAuth;

/// <summary>Writes pairs as <c>application/x-www-form-urlencoded</c>, in the encoding of OAuth (a space is <c>%20</c>).</summary>
public static class WireForm
{
    /// <summary>The media type of a form.</summary>
    public const string MediaType = "application/x-www-form-urlencoded";

    /// <summary>The pairs in their order, encoded and joined.</summary>
    public static string Encode(IEnumerable<KeyValuePair<string, string>> pairs) =>
        string.Join('&', pairs.Select(pair => PercentEncoding.Encode(pair.Key) + "=" + PercentEncoding.Encode(pair.Value)));

    /// <summary>Whether a <c>Content-Type</c> names a form, whatever its case and parameters.</summary>
    internal static bool IsNamedBy(ReadOnlySpan<char> contentType)
    {
        var end = contentType.IndexOf(';');
        return (end < 0 ? contentType : contentType[..end]).Trim().Equals(MediaType, StringComparison.OrdinalIgnoreCase);
    }
}
