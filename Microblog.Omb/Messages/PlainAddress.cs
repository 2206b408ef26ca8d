namespace Microblog.Omb.Messages;

/// <summary>Writes an address as the strictest peers take it: StatusNet and Laconica refuse a whole request for one that they do not
/// like, so that a homepage could keep a person from being heard at all (Q21).</summary>
internal static class PlainAddress
{
    // What their columns hold.
    private const int MaxLength = 255;

    // Besides letters and digits. What has a meaning in a path is refused raw behind it.
    private const string InPath = "/%-_.!~*'():@&=+$,;";
    private const string InQuery = "%-_.!~*'()&=+";

    /// <summary>The same address with what they refuse escaped; empty when that does not help.</summary>
    public static string Of(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || !IsPlainHost(uri.IdnHost))
            return "";
        var port = uri.IsDefaultPort ? "" : FormattableString.Invariant($":{uri.Port}");
        var plain = $"{uri.Scheme}://{uri.IdnHost}{port}{Escape(uri.AbsolutePath, InPath)}{Part(uri.Query)}{Part(uri.Fragment)}";
        return plain.Length <= MaxLength ? plain : "";
    }

    // With the mark that it begins with.
    private static string Part(string text) => text.Length == 0 ? "" : text[0] + Escape(text[1..], InQuery);

    // Uri has escaped what is not ASCII.
    private static string Escape(string text, string allowed) => string.Concat(text.Select(
        c => char.IsAsciiLetterOrDigit(c) || allowed.Contains(c, StringComparison.Ordinal) ? c.ToString() : FormattableString.Invariant($"%{(int)c:X2}")));

    // No IPv6 address, no underscore, and a last label without a hyphen.
    private static bool IsPlainHost(string host) =>
        host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') && !host[(host.LastIndexOf('.') + 1)..].Contains('-', StringComparison.Ordinal);
}
