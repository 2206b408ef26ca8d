using System.Buffers;
using System.Collections.ObjectModel;
using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace Microblog.Archive;

/// <summary>Reads an archive that anybody may have made. Nothing of it is ever a path on this machine.</summary>
internal sealed class ArchiveFile : IDisposable
{
    private const int MaxName = 200;

    private readonly ZipArchive zip;

    private readonly Dictionary<string, ZipArchiveEntry> byName;

    private ArchiveFile(ZipArchive zip, IReadOnlyList<ZipArchiveEntry> entries)
    {
        (this.zip, Entries) = (zip, entries);
        byName = entries.ToDictionary(entry => entry.FullName, StringComparer.Ordinal);
    }

    public IReadOnlyList<ZipArchiveEntry> Entries { get; }

    /// <exception cref="ArchiveException">The bytes are no ZIP file, or one that was made to harm.</exception>
    public static ArchiveFile Open(Stream stream)
    {
        ZipArchive? opened = null;
        try
        {
            stream.Position = 0;
            var bounded = new BoundedStream(stream, ArchiveFormat.MaxDirectory);
            opened = new ZipArchive(bounded, ZipArchiveMode.Read, leaveOpen: true);
            var entries = opened.Entries;
            bounded.Unbind();
            CheckNames(entries);
            CheckSize(entries, Math.Max(ArchiveFormat.SmallSize, stream.Length * ArchiveFormat.MaxRatio));
            return new ArchiveFile(opened, entries);
        }
        catch (Exception e) when (IsDamage(e))
        {
            opened?.Dispose();
            throw new ArchiveException("This is no ZIP file that can be read.", inner: e);
        }
        catch
        {
            opened?.Dispose();
            throw;
        }
    }

    public ZipArchiveEntry? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>A small entry, whole.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(ZipArchiveEntry entry, int max, CancellationToken cancellationToken)
    {
        if (entry.Length > max)
            throw new ArchiveException($"is larger than {max} bytes.", entry.FullName);
        var content = new MemoryStream();
        await foreach (var block in BlocksAsync(entry, cancellationToken).ConfigureAwait(false))
            content.Write(block.Span);
        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }

    /// <summary>The lines of a part, entry by entry as they stand in the archive. What is given holds until the next is asked for.</summary>
    public async IAsyncEnumerable<ArchiveLine> LinesAsync(string part, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in Entries.Where(entry => ArchiveFormat.PartOf(entry.FullName) == part))
        {
            var line = new LineBuffer();
            var number = 0L;
            await foreach (var block in BlocksAsync(entry, cancellationToken).ConfigureAwait(false))
            {
                var rest = block;
                for (var end = rest.Span.IndexOf((byte)'\n'); end >= 0; end = rest.Span.IndexOf((byte)'\n'))
                {
                    yield return new ArchiveLine(line.Complete(rest[..end], entry.FullName, ++number), entry.FullName, number);
                    line.Clear();
                    rest = rest[(end + 1)..];
                }

                line.Add(rest, entry.FullName, number + 1);
            }

            if (!line.IsEmpty)
                yield return new ArchiveLine(line.Complete(default, entry.FullName, ++number), entry.FullName, number);
        }
    }

    public void Dispose() => zip.Dispose();

    private static void CheckNames(ReadOnlyCollection<ZipArchiveEntry> entries)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < entries.Count; i++)
        {
            var name = entries[i].FullName;
            if (name.Length is 0 or > MaxName || name.Any(c => c is <= ' ' or >= '\u007f' or '\\' or ':') || name[0] == '/'
                || name.Split('/').Contains("..", StringComparer.Ordinal))
                throw new ArchiveException(FormattableString.Invariant($"Entry {i + 1} has a name that no archive's entry has."));
            if (!names.Add(name))
                throw new ArchiveException("stands in the archive twice.", name);
        }
    }

    // All together: entries may lie on top of each other. What they claim is held against what is read.
    private static void CheckSize(ReadOnlyCollection<ZipArchiveEntry> entries, long max)
    {
        var left = max;
        foreach (var entry in entries)
        {
            if (entry.Length < 0 || entry.Length > left)
                throw new ArchiveException($"The entries grow to more than {ArchiveFormat.MaxRatio} times the archive's size.");
            left -= entry.Length;
        }
    }

    private static bool IsDamage(Exception e) =>
        e is InvalidDataException or NotSupportedException or EndOfStreamException or ArgumentException or OverflowException or IndexOutOfRangeException;

    // The checksum is ours to compare, and lengths are only believed once they were read.
    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> BlocksAsync(ZipArchiveEntry entry, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = OpenEntry(entry);
        await using var closing = stream.ConfigureAwait(false);
        var buffer = new byte[64 * 1024];
        var (length, crc) = (0L, Crc32.Start);
        for (var count = await FillAsync(stream, buffer, entry, cancellationToken).ConfigureAwait(false); count > 0;
            count = await FillAsync(stream, buffer, entry, cancellationToken).ConfigureAwait(false))
        {
            length += count;
            if (length > entry.Length)
                break;
            crc = Crc32.Add(crc, buffer.AsSpan(0, count));
            yield return buffer.AsMemory(0, count);
        }

        if (length != entry.Length || Crc32.Finish(crc) != entry.Crc32)
            throw new ArchiveException("is damaged: its length or checksum is not what the archive says.", entry.FullName);
    }

    private static Stream OpenEntry(ZipArchiveEntry entry)
    {
        try
        {
            return entry.Open();
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new ArchiveException("cannot be read.", entry.FullName, inner: e);
        }
    }

    private static async ValueTask<int> FillAsync(Stream stream, byte[] buffer, ZipArchiveEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new ArchiveException("cannot be read.", entry.FullName, inner: e);
        }
    }

    private sealed class LineBuffer
    {
        private readonly ArrayBufferWriter<byte> kept = new();

        public bool IsEmpty => kept.WrittenCount == 0;

        public void Clear() => kept.ResetWrittenCount();

        public void Add(ReadOnlyMemory<byte> bytes, string entry, long line)
        {
            if (kept.WrittenCount + bytes.Length > ArchiveFormat.MaxLine)
                throw new ArchiveException($"The line is longer than {ArchiveFormat.MaxLine} bytes.", entry, line);
            kept.Write(bytes.Span);
        }

        public ReadOnlyMemory<byte> Complete(ReadOnlyMemory<byte> end, string entry, long line)
        {
            if (IsEmpty && end.Length <= ArchiveFormat.MaxLine)
                return end;
            Add(end, entry, line);
            return kept.WrittenMemory;
        }
    }
}

/// <summary>A line of an archive.</summary>
internal readonly record struct ArchiveLine(ReadOnlyMemory<byte> Json, string Entry, long Number);
