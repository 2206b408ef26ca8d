using System.Buffers.Binary;

namespace Microblog.Media;

/// <summary>The picture formats that avatars may have.</summary>
public enum ImageFormat
{
    /// <summary>PNG.</summary>
    Png,

    /// <summary>JPEG.</summary>
    Jpeg,

    /// <summary>GIF.</summary>
    Gif,

    /// <summary>WebP.</summary>
    WebP,
}

/// <summary>Reads format and size from the first bytes of a picture, whatever its name or media type claim.</summary>
/// <remarks>Only the header is looked at; the picture behind it may still be broken. No input makes it throw or loop.</remarks>
public static class ImageHeader
{
    private static ReadOnlySpan<byte> PngStart => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13,
        (byte)'I', (byte)'H', (byte)'D', (byte)'R'];

    /// <summary>Reads the header.</summary>
    /// <param name="bytes">The picture, or as much of it as there is: a JPEG may carry much before its size.</param>
    /// <param name="format">What it is.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <returns><see langword="false"/> for anything that is not recognised to the last bit of its header.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ImageFormat format, out int width, out int height)
    {
        var isKnown = TryReadPng(bytes, out width, out height);
        format = ImageFormat.Png;
        if (!isKnown)
        {
            isKnown = TryReadGif(bytes, out width, out height);
            format = ImageFormat.Gif;
        }

        if (!isKnown)
        {
            isKnown = TryReadJpeg(bytes, out width, out height);
            format = ImageFormat.Jpeg;
        }

        if (!isKnown)
        {
            isKnown = TryReadWebP(bytes, out width, out height);
            format = ImageFormat.WebP;
        }

        if (isKnown && width > 0 && height > 0)
            return true;
        (format, width, height) = (default, 0, 0);
        return false;
    }

    /// <summary>The media type of a format.</summary>
    public static string MediaType(ImageFormat format) => format switch
    {
        ImageFormat.Png => "image/png",
        ImageFormat.Jpeg => "image/jpeg",
        ImageFormat.Gif => "image/gif",
        ImageFormat.WebP => "image/webp",
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    // Signature, then IHDR of 13 bytes as the first chunk (PNG §5.2, §11.2.2).
    private static bool TryReadPng(ReadOnlySpan<byte> bytes, out int width, out int height)
    {
        (width, height) = (0, 0);
        if (bytes.Length < 33 || !bytes.StartsWith(PngStart))
            return false;
        width = BinaryPrimitives.ReadInt32BigEndian(bytes[16..]);
        height = BinaryPrimitives.ReadInt32BigEndian(bytes[20..]);
        return true;
    }

    private static bool TryReadGif(ReadOnlySpan<byte> bytes, out int width, out int height)
    {
        (width, height) = (0, 0);
        if (bytes.Length < 13 || !bytes.StartsWith("GIF87a"u8) && !bytes.StartsWith("GIF89a"u8))
            return false;
        width = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        height = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        return true;
    }

    // RIFF, length, WEBP; the first chunk holds the size, in a way of its own for each of the three kinds (RFC 9649 §2).
    private static bool TryReadWebP(ReadOnlySpan<byte> bytes, out int width, out int height)
    {
        (width, height) = (0, 0);
        if (bytes.Length < 30 || !bytes.StartsWith("RIFF"u8) || !bytes[8..].StartsWith("WEBP"u8))
            return false;
        var kind = bytes[12..16];
        var chunk = bytes[20..];
        if (kind.SequenceEqual("VP8X"u8))
        {
            (width, height) = ((BinaryPrimitives.ReadInt32LittleEndian(chunk[4..]) & 0xFFFFFF) + 1, (BinaryPrimitives.ReadInt32LittleEndian(chunk[6..]) >>> 8) + 1);
            return true;
        }

        if (kind.SequenceEqual("VP8L"u8) && chunk[0] == 0x2F)
        {
            var sizes = BinaryPrimitives.ReadUInt32LittleEndian(chunk[1..]);
            (width, height) = ((int)(sizes & 0x3FFF) + 1, (int)(sizes >> 14 & 0x3FFF) + 1);
            return true;
        }

        if (!kind.SequenceEqual("VP8 "u8) || !chunk[3..].StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
            return false;
        (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(chunk[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(chunk[8..]) & 0x3FFF);
        return true;
    }

    // Segments follow each other until the frame header, which holds the size (ITU-T T.81, B.1.1.3, B.2.2).
    private static bool TryReadJpeg(ReadOnlySpan<byte> bytes, out int width, out int height)
    {
        (width, height) = (0, 0);
        if (!bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return false;

        var at = 2;
        while (at + 4 <= bytes.Length && bytes[at] == 0xFF)
        {
            var marker = bytes[at + 1];
            if (marker == 0xFF)
            {
                // Fill bytes may precede a marker.
                at++;
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            if (IsFrame(marker))
            {
                if (length < 8 || at + 9 > bytes.Length)
                    return false;
                height = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 5)..]);
                width = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 7)..]);
                return true;
            }

            // Image data, the end, or a marker without a length: no frame header came before it.
            if (marker is < 0xC0 or >= 0xD0 and <= 0xDA || length < 2)
                return false;
            at += 2 + length;
        }

        return false;
    }

    // SOF0 to SOF15 without the tables DHT, JPG and DAC that lie among them.
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
