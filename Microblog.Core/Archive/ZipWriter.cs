using System.Buffers.Binary;
using System.Text;

namespace Microblog.Archive;

/// <summary>Writes a ZIP file of stored entries, front to back, whose bytes depend on names and contents alone.</summary>
/// <remarks>The base library's writer notes the platform in it, and writes otherwise where the stream cannot seek.
/// APPNOTE.TXT 6.3.10 §4.3, §4.5.3.</remarks>
/// <param name="output">Where to write; left open.</param>
/// <param name="offset">How many bytes stand before in the file.</param>
internal sealed class ZipWriter(Stream output, long offset = 0)
{
    private const ushort Version = 20;
    private const ushort VersionZip64 = 45;

    // 1980-01-01, the first day there is.
    private const uint Midnight = 0x0021_0000;

    private readonly List<Entry> entries = [];
    private long offset = offset;

    public async ValueTask AddAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var entry = new Entry(Encoding.ASCII.GetBytes(name), Crc32.Finish(Crc32.Add(Crc32.Start, content.Span)), (uint)content.Length, offset);
        entries.Add(entry);
        await WriteAsync(Local(entry), cancellationToken).ConfigureAwait(false);
        await WriteAsync(content, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        var start = offset;
        foreach (var entry in entries)
            await WriteAsync(Central(entry), cancellationToken).ConfigureAwait(false);
        await WriteAsync(End(start, offset - start), cancellationToken).ConfigureAwait(false);
    }

    private static byte[] Local(Entry entry)
    {
        var bytes = new byte[30 + entry.Name.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0x04034B50);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Version);
        WriteFacts(bytes.AsSpan(10), entry);
        entry.Name.CopyTo(bytes, 30);
        return bytes;
    }

    private static byte[] Central(Entry entry)
    {
        var isFar = entry.Offset >= uint.MaxValue;
        var extra = isFar ? 12 : 0;
        var bytes = new byte[46 + entry.Name.Length + extra];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0x02014B50);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), isFar ? VersionZip64 : Version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), isFar ? VersionZip64 : Version);
        WriteFacts(bytes.AsSpan(12), entry);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(30), (ushort)extra);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(42), isFar ? uint.MaxValue : (uint)entry.Offset);
        entry.Name.CopyTo(bytes, 46);
        if (isFar)
        {
            var field = bytes.AsSpan(46 + entry.Name.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(field, 1);
            BinaryPrimitives.WriteUInt16LittleEndian(field[2..], 8);
            BinaryPrimitives.WriteInt64LittleEndian(field[4..], entry.Offset);
        }

        return bytes;
    }

    // Time, checksum, both sizes and the length of the name.
    private static void WriteFacts(Span<byte> bytes, Entry entry)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Midnight);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], entry.Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], entry.Size);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], entry.Size);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[16..], (ushort)entry.Name.Length);
    }

    private byte[] End(long start, long size)
    {
        var isBig = entries.Count >= ushort.MaxValue || start >= uint.MaxValue || size >= uint.MaxValue;
        var bytes = new byte[isBig ? 56 + 20 + 22 : 22];
        if (isBig)
            WriteEnd64(bytes, start, size);
        var end = bytes.AsSpan(bytes.Length - 22);
        var count = isBig ? ushort.MaxValue : (ushort)entries.Count;
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054B50);
        BinaryPrimitives.WriteUInt16LittleEndian(end[8..], count);
        BinaryPrimitives.WriteUInt16LittleEndian(end[10..], count);
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], isBig ? uint.MaxValue : (uint)size);
        BinaryPrimitives.WriteUInt32LittleEndian(end[16..], isBig ? uint.MaxValue : (uint)start);
        return bytes;
    }

    private void WriteEnd64(Span<byte> bytes, long start, long size)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0x06064B50);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[4..], 56 - 12);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[12..], VersionZip64);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[14..], VersionZip64);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], size);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], start);
        // The locator that leads to it.
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[56..], 0x07064B50);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[64..], start + size);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[72..], 1);
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await output.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        offset += bytes.Length;
    }

    private readonly record struct Entry(byte[] Name, uint Crc, uint Size, long Offset);
}
