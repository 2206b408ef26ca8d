using System.Buffers;
using System.Text;

namespace Microblog.Omb.OAuth;

/// <summary>The one encoding of OAuth: <c>A-Z a-z 0-9 - . _ ~</c> stay, every other byte of the UTF-8 text becomes <c>%XX</c>
/// with upper-case digits.</summary>
/// <remarks>RFC 5849 §3.6. Form and URL encoders differ from it in just a few characters (space, <c>! * ' ( ) ~</c>), enough to
/// break signatures. Clause OAUTH-1.</remarks>
public static class PercentEncoding
{
    /// <summary>How many bytes one byte can grow to.</summary>
    internal const int MaxGrowth = 3;

    /// <summary>How many bytes one UTF-16 code unit can grow to: three bytes of UTF-8, each encoded.</summary>
    internal const int MaxGrowthOfChar = 9;

    private static readonly SearchValues<byte> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"u8);

    private static ReadOnlySpan<byte> Hex => "0123456789ABCDEF"u8;

    /// <summary>The encoded form of a text. A lone surrogate counts as U+FFFD.</summary>
    public static string Encode(ReadOnlySpan<char> text)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(text.Length * MaxGrowthOfChar);
        var encoded = Encoding.ASCII.GetString(buffer, 0, Encode(text, buffer));
        ArrayPool<byte>.Shared.Return(buffer);
        return encoded;
    }

    /// <summary>Writes the encoded form of a text and answers its length.</summary>
    internal static int Encode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        Span<byte> utf8 = stackalloc byte[4];
        var written = 0;
        while (!text.IsEmpty)
        {
            if (text[0] < 0x80)
            {
                written += EncodeByte((byte)text[0], destination[written..]);
                text = text[1..];
                continue;
            }

            Rune.DecodeFromUtf16(text, out var rune, out var consumed);
            foreach (var part in utf8[..rune.EncodeToUtf8(utf8)])
                written += EncodeByte(part, destination[written..]);

            text = text[consumed..];
        }

        return written;
    }

    /// <summary>Writes what travelled in a query, form or header once more in the one encoding, and answers its length.</summary>
    /// <param name="wire">Bytes that may be escaped more than needed, less than needed, in either case of hex, or wrongly.</param>
    /// <param name="plusIsSpace">Whether <c>+</c> means a space: in queries and forms, not in the header (OAUTH-5).</param>
    /// <param name="destination">At least <see cref="MaxGrowth"/> times as long as <paramref name="wire"/>.</param>
    /// <param name="wellFormed">Whether every <c>%</c> was followed by two hex digits; one that is not counts as itself.</param>
    /// <remarks>Decoding to text and encoding again would lose bytes that are not UTF-8 (OAUTH-12); this keeps them.</remarks>
    internal static int Recode(ReadOnlySpan<byte> wire, bool plusIsSpace, Span<byte> destination, out bool wellFormed)
    {
        wellFormed = true;
        var written = 0;
        while (true)
        {
            var run = wire.IndexOfAnyExcept(Unreserved);
            if (run < 0)
            {
                wire.CopyTo(destination[written..]);
                return written + wire.Length;
            }

            wire[..run].CopyTo(destination[written..]);
            written += run;
            var value = wire[run];
            var consumed = 1;
            if (value == (byte)'%')
            {
                if (TryHex(wire[run..], out var escaped))
                    (value, consumed) = (escaped, 3);
                else
                    wellFormed = false;
            }
            else if (value == (byte)'+' && plusIsSpace)
            {
                value = (byte)' ';
            }

            written += EncodeByte(value, destination[written..]);
            wire = wire[(run + consumed)..];
        }
    }

    /// <summary>Encodes a second time what is encoded already: only <c>%</c> changes.</summary>
    internal static int EncodeAgain(ReadOnlySpan<byte> encoded, Span<byte> destination)
    {
        var written = 0;
        for (int percent; (percent = encoded.IndexOf((byte)'%')) >= 0; encoded = encoded[(percent + 1)..])
        {
            encoded[..percent].CopyTo(destination[written..]);
            written += percent;
            "%25"u8.CopyTo(destination[written..]);
            written += 3;
        }

        encoded.CopyTo(destination[written..]);
        return written + encoded.Length;
    }

    /// <summary>Writes the bytes that an encoded text stands for and answers how many they are.</summary>
    internal static int Decode(ReadOnlySpan<byte> encoded, Span<byte> destination)
    {
        var written = 0;
        for (int percent; (percent = encoded.IndexOf((byte)'%')) >= 0;)
        {
            encoded[..percent].CopyTo(destination[written..]);
            written += percent;
            var escaped = TryHex(encoded[percent..], out var value);
            destination[written++] = escaped ? value : (byte)'%';
            encoded = encoded[(percent + (escaped ? 3 : 1))..];
        }

        encoded.CopyTo(destination[written..]);
        return written + encoded.Length;
    }

    /// <summary>The text that encoded bytes stand for; bytes that are not UTF-8 show as U+FFFD.</summary>
    internal static string DecodeText(ReadOnlySpan<byte> encoded)
    {
        if (!encoded.Contains((byte)'%'))
            return Encoding.UTF8.GetString(encoded);

        var rented = encoded.Length > 512 ? ArrayPool<byte>.Shared.Rent(encoded.Length) : null;
        Span<byte> decoded = rented ?? stackalloc byte[512];
        var text = Encoding.UTF8.GetString(decoded[..Decode(encoded, decoded)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);

        return text;
    }

    private static int EncodeByte(byte value, Span<byte> destination)
    {
        if (Unreserved.Contains(value))
        {
            destination[0] = value;
            return 1;
        }

        destination[2] = Hex[value & 15];
        destination[1] = Hex[value >> 4];
        destination[0] = (byte)'%';
        return 3;
    }

    private static bool TryHex(ReadOnlySpan<byte> escape, out byte value)
    {
        value = 0;
        if (escape.Length < 3 || !char.IsAsciiHexDigit((char)escape[1]) || !char.IsAsciiHexDigit((char)escape[2]))
            return false;

        value = (byte)((Digit(escape[1]) << 4) | Digit(escape[2]));
        return true;

        // '0'..'9' end in 0..9; 'A'..'F' and 'a'..'f' end in 1..6 and have bit 6.
        static int Digit(byte hex) => (hex & 15) + ((hex >> 6) * 9);
    }
}
