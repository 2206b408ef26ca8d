using System.Security.Cryptography;
using System.Text;

namespace Microblog.Media;

/// <summary>A picture for people who have none: a symmetric pattern that is always the same for the same text.</summary>
public static class Identicon
{
    /// <summary>Width and height in pixels, the size that OMB demands of avatars.</summary>
    public const int Size = 96;

    private const int Cells = 7;
    private const int CellSize = 12;
    private const int Margin = (Size - Cells * CellSize) / 2;

    /// <summary>Draws the picture of a text, such as an identifier URI.</summary>
    /// <returns>A PNG of 96×96 pixels, below one kilobyte.</returns>
    public static byte[] Create(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));

        // One hue gives a pale ground and a strong first tone; the second tone lies apart from it by a fifth to a third of the circle.
        var hue = (hash[0] << 8 | hash[1]) / 65536.0;
        var second = hue + 0.2 + hash[2] / 255.0 * 0.13;
        return PngWriter.Write(Size, Draw(hash.AsSpan(3)), [Colour(hue, 0.35, 0.94), Colour(hue, 0.55, 0.45), Colour(second, 0.60, 0.58)]);
    }

    /// <summary>Fills a grid of 7×7 cells whose right half mirrors the left: ground or one of two tones, two bits each.</summary>
    private static byte[] Draw(ReadOnlySpan<byte> bits)
    {
        var pixels = new byte[Size * Size];
        const int half = (Cells + 1) / 2;
        for (var cell = 0; cell < half * Cells; cell++)
        {
            var (column, row) = (cell % half, cell / half);
            var tone = (bits[cell / 4] >> (cell % 4 * 2) & 3) switch { 0 => 1, 1 => 2, 2 when column == half - 1 => 1, _ => 0 };
            Fill(pixels, column, row, (byte)tone);
            Fill(pixels, Cells - 1 - column, row, (byte)tone);
        }

        return pixels;
    }

    private static void Fill(byte[] pixels, int column, int row, byte tone)
    {
        for (var y = 0; y < CellSize; y++)
            pixels.AsSpan((Margin + row * CellSize + y) * Size + Margin + column * CellSize, CellSize).Fill(tone);
    }

    /// <summary>Hue, saturation and lightness, each from 0 to 1, as red, green and blue.</summary>
    private static (byte Red, byte Green, byte Blue) Colour(double hue, double saturation, double lightness)
    {
        var reach = saturation * Math.Min(lightness, 1 - lightness);
        return (Channel(0), Channel(8), Channel(4));

        byte Channel(int offset)
        {
            var k = (offset + hue * 12) % 12;
            return (byte)Math.Round(255 * (lightness - reach * Math.Max(-1, Math.Min(Math.Min(k - 3, 9 - k), 1))));
        }
    }
}
