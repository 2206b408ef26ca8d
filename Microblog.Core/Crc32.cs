namespace Microblog;

/// <summary>CRC-32 as PNG annex D and ZIP have it; the base library's is in a package of its own.</summary>
internal static class Crc32
{
    /// <summary>What <see cref="Add"/> begins with.</summary>
    public const uint Start = uint.MaxValue;

    private static readonly uint[] Table = MakeTable();

    public static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        return crc;
    }

    public static uint Finish(uint crc) => ~crc;

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            var c = n;
            for (var bit = 0; bit < 8; bit++)
                c = (c & 1) == 1 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            table[n] = c;
        }

        return table;
    }
}
