namespace Microblog.Omb.OAuth;

/// <summary>Reads <c>OAuth name="value", …</c> as it stands in <c>Authorization</c> and <c>WWW-Authenticate</c>.</summary>
/// <remarks>RFC 5849 §3.5.1 with the tolerance of clause OAUTH-14: scheme without case, folded lines, values without quotes,
/// empty pairs. The <c>realm</c>, wherever it stands, is no parameter.</remarks>
internal static class AuthorizationHeader
{
    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <summary>Whether the header is of the scheme OAuth; then <paramref name="pairs"/> is what follows the scheme.</summary>
    public static bool IsOAuth(ReadOnlySpan<byte> header, out ReadOnlySpan<byte> pairs)
    {
        header = header.TrimStart(WhiteSpace);
        var isOAuth = System.Text.Ascii.EqualsIgnoreCase(header[..Math.Min(5, header.Length)], "OAuth"u8)
            && (header.Length == 5 || WhiteSpace.Contains(header[5]));
        pairs = isOAuth ? header[5..] : default;
        return isOAuth;
    }

    /// <summary>Adds every pair but the realm; <see langword="false"/> for a pair without <c>=</c>, an open quote, text behind a
    /// closing one, or too many pairs.</summary>
    public static bool TryRead(ReadOnlySpan<byte> pairs, ParameterListBuilder parameters)
    {
        while (true)
        {
            pairs = pairs.TrimStart(" \t\r\n,"u8);
            if (pairs.IsEmpty)
                return true;

            var equals = pairs.IndexOfAny((byte)'=', (byte)',');
            if (equals < 0 || pairs[equals] != (byte)'=')
                return false;

            var name = pairs[..equals].Trim(WhiteSpace);
            if (!TryReadValue(ref pairs, equals + 1, out var value))
                return false;

            if (!System.Text.Ascii.EqualsIgnoreCase(name, "realm"u8) && !parameters.TryAdd(name, value, ParameterPlace.Header))
                return false;
        }
    }

    private static bool TryReadValue(ref ReadOnlySpan<byte> pairs, int start, out ReadOnlySpan<byte> value)
    {
        pairs = pairs[start..].TrimStart(WhiteSpace);
        if (pairs.IsEmpty || pairs[0] != (byte)'"')
        {
            var end = pairs.IndexOf((byte)',');
            value = (end < 0 ? pairs : pairs[..end]).TrimEnd(WhiteSpace);
            pairs = end < 0 ? default : pairs[end..];
            return true;
        }

        // A backslash escapes the next character, which matters for the realm only: elsewhere both would be percent-encoded.
        var close = 1;
        while (close < pairs.Length && pairs[close] != (byte)'"')
            close += pairs[close] == (byte)'\\' ? 2 : 1;

        value = default;
        if (close >= pairs.Length)
            return false;

        value = pairs[1..close];
        pairs = pairs[(close + 1)..].TrimStart(WhiteSpace);
        return pairs.IsEmpty || pairs[0] == (byte)',';
    }
}
