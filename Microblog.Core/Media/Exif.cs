using System.Buffers.Binary;

namespace Microblog.Media;

/// <summary>The one thing that is kept of EXIF data: which way up a picture is. Everything else in it tells about people and places.</summary>
/// <remarks>CIPA DC-008 (Exif 2.32) §4.6.2, §4.6.4; TIFF 6.0 §2.</remarks>
internal static class Exif
{
    /// <summary>The orientation of a picture that is shown as it is stored.</summary>
    public const int Upright = 1;

    private const ushort OrientationTag = 0x0112;
    private const ushort Short = 3;

    /// <summary>Whether width and height change places when it is shown.</summary>
    public static bool IsSideways(int orientation) => orientation >= 5;

    /// <summary>Reads the orientation from TIFF data; <see cref="Upright"/> where it says none, or nothing sensible.</summary>
    public static int ReadOrientation(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8)
            return Upright;
        var isLittle = tiff.StartsWith("II*\0"u8);
        if (!isLittle && !tiff.StartsWith("MM\0*"u8))
            return Upright;
        var start = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (start > tiff.Length - 2)
            return Upright;
        var entries = tiff[(int)start..];
        var count = UInt16(entries, isLittle);
        entries = entries[2..];
        for (var i = 0; i < count && entries.Length >= 12; i++, entries = entries[12..])
        {
            if (UInt16(entries, isLittle) == OrientationTag && UInt16(entries[2..], isLittle) == Short)
                return UInt16(entries[8..], isLittle) is var value and >= 1 and <= 8 ? value : Upright;
        }

        return Upright;
    }

    /// <summary>TIFF data that holds the orientation and nothing else.</summary>
    public static byte[] Write(int orientation) =>
    [
        (byte)'M', (byte)'M', 0, (byte)'*', 0, 0, 0, 8,
        0, 1,
        OrientationTag >> 8, OrientationTag & 0xFF, 0, (byte)Short, 0, 0, 0, 1, 0, (byte)orientation, 0, 0,
        0, 0, 0, 0,
    ];

    private static ushort UInt16(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
