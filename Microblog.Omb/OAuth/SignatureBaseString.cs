using System.Buffers;
using System.Text;

namespace Microblog.Omb.OAuth;

/// <summary>The bytes that a signature is computed over (RFC 5849 §3.4.1).</summary>
internal static class SignatureBaseString
{
    /// <summary>The most bytes that <see cref="Write"/> writes.</summary>
    public static int MaxLength(string method, ReadOnlySpan<char> origin, ReadOnlySpan<char> path, ParameterList parameters) =>
        ((method.Length + origin.Length + path.Length + 1) * PercentEncoding.MaxGrowthOfChar) + 2 + parameters.MaxSignedLength;

    /// <summary>Writes <c>METHOD &amp; enc(base URI) &amp; enc(parameters)</c> and answers its length.</summary>
    /// <param name="method">The HTTP method; written in upper case.</param>
    /// <param name="origin">Scheme, host and port; written in lower case, without the scheme's default port (OAUTH-2).</param>
    /// <param name="path">The path as in the request line, escapes and dot segments untouched; empty counts as <c>/</c>.</param>
    /// <param name="parameters">Everything to be signed.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    public static int Write(
        string method, ReadOnlySpan<char> origin, ReadOnlySpan<char> path, ParameterList parameters, Span<byte> destination)
    {
        var written = PercentEncoding.Encode(method.ToUpperInvariant(), destination);
        destination[written++] = (byte)'&';
        written += WriteOrigin(origin, destination[written..]);
        written += PercentEncoding.Encode(path.IsEmpty ? "/" : path, destination[written..]);
        destination[written++] = (byte)'&';
        return written + parameters.WriteSigned(destination[written..]);
    }

    /// <summary>The base string as text, for tests and diagnosis.</summary>
    public static string ToText(string method, ReadOnlySpan<char> origin, ReadOnlySpan<char> path, ParameterList parameters)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxLength(method, origin, path, parameters));
        var text = Encoding.ASCII.GetString(buffer, 0, Write(method, origin, path, parameters, buffer));
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    private static int WriteOrigin(ReadOnlySpan<char> origin, Span<byte> destination)
    {
        origin = WithoutDefaultPort(origin, "http://", ":80");
        origin = WithoutDefaultPort(origin, "https://", ":443");
        var written = 0;
        while (!origin.IsEmpty)
        {
            var upper = origin.IndexOfAnyInRange('A', 'Z');
            var run = upper < 0 ? origin.Length : upper;
            written += PercentEncoding.Encode(origin[..run], destination[written..]);
            if (upper >= 0)
                destination[written++] = (byte)(origin[run++] | 0x20);

            origin = origin[run..];
        }

        return written;
    }

    private static ReadOnlySpan<char> WithoutDefaultPort(ReadOnlySpan<char> origin, string scheme, string port) =>
        origin.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && origin.EndsWith(port, StringComparison.Ordinal)
            ? origin[..^port.Length]
            : origin;
}
