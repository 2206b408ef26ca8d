using System.Buffers.Binary;
using System.IO.Compression;

namespace Microblog.Media;

/// <summary>Writes small pictures of few colours as PNG (indexed colour, 8 bits, no interlace).</summary>
internal static class PngWriter
{
    /// <summary>Writes a picture.</summary>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="pixels">One palette index per pixel, row by row.</param>
    /// <param name="palette">Red, green and blue of each colour; at most 256.</param>
    public static byte[] Write(int width, ReadOnlySpan<byte> pixels, ReadOnlySpan<(byte Red, byte Green, byte Blue)> palette)
    {
        using var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);

        // Size, then bit depth 8, colour type 3 (palette), and the only compression, filter and interlace methods used.
        Span<byte> header = [0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], pixels.Length / width);
        WriteChunk(png, "IHDR"u8, header);

        var colours = new byte[palette.Length * 3];
        for (var i = 0; i < palette.Length; i++)
            (colours[i * 3], colours[i * 3 + 1], colours[i * 3 + 2]) = palette[i];
        WriteChunk(png, "PLTE"u8, colours);

        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (var at = 0; at < pixels.Length; at += width)
            {
                zlib.WriteByte(0);      // row filter: none
                zlib.Write(pixels.Slice(at, width));
            }
        }

        WriteChunk(png, "IDAT"u8, data.ToArray());
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void WriteChunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        png.Write(number);
        png.Write(type);
        png.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Finish(Crc32.Add(Crc32.Add(Crc32.Start, type), content)));
        png.Write(number);
    }
}
