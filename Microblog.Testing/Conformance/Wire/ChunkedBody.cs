using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Microblog.Testing.Conformance.Wire;

/// <summary>A body in the chunked transfer coding, as some HTTP libraries send forms.</summary>
internal static class ChunkedBody
{
    /// <summary>Where the body that begins at <paramref name="start"/> ends; <see langword="null"/> when there is more to come.</summary>
    public static int? Length(List<byte> bytes, int start)
    {
        var at = start;
        while (NextSize(CollectionsMarshal.AsSpan(bytes)[at..], out var line) is { } size)
        {
            // A size line, the chunk, an empty line; the last chunk is empty.
            at += line + size + 2;
            if (at > bytes.Count)
                return null;
            if (size == 0)
                return at;
        }

        return null;
    }

    public static byte[] Decode(ReadOnlySpan<byte> body)
    {
        var decoded = new List<byte>();
        while (NextSize(body, out var line) is { } size and > 0)
        {
            decoded.AddRange(body.Slice(line, size));
            body = body[(line + size + 2)..];
        }

        return [.. decoded];
    }

    private static int? NextSize(ReadOnlySpan<byte> bytes, out int line)
    {
        line = bytes.IndexOf("\r\n"u8) + 2;
        if (line < 2)
            return null;
        var text = Encoding.Latin1.GetString(bytes[..(line - 2)]).Split(';')[0].Trim();
        return int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) && size is >= 0 and < 1024 * 1024 ? size : null;
    }
}
