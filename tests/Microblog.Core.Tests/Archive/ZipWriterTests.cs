using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microblog.Archive;

namespace Microblog.Core.Tests.Archive;

/// <summary>What our writer writes, another one reads: here the base library's.</summary>
public sealed class ZipWriterTests
{
    [Fact]
    public async Task Entries_come_back_in_order_with_their_content()
    {
        using var stream = new MemoryStream();
        await WriteAsync(stream, 0, 3);

        AssertRead(stream, 3);
    }

    [Fact]
    public async Task More_entries_than_16_bits_count_and_offsets_beyond_4_GiB_are_read_as_well()
    {
        var file = Path.GetTempFileName();
        try
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
            // A hole, which takes no room on the disk.
            stream.SetLength(5L * 1024 * 1024 * 1024);
            stream.Position = stream.Length;
            await WriteAsync(stream, stream.Length, 66_000);

            AssertRead(stream, 66_000);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task WriteAsync(Stream stream, long offset, int count)
    {
        var zip = new ZipWriter(stream, offset);
        for (var i = 0; i < count; i++)
            await zip.AddAsync(string.Create(CultureInfo.InvariantCulture, $"a/{i}"), Encoding.UTF8.GetBytes($"content {i}"), CancellationToken.None);
        await zip.FinishAsync(CancellationToken.None);
    }

    private static void AssertRead(Stream stream, int count)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"a/{i}"), zip.Entries.Select(entry => entry.FullName));
        foreach (var i in new[] { 0, count - 1 })
        {
            using var reader = new StreamReader(zip.Entries[i].Open());
            Assert.Equal($"content {i}", reader.ReadToEnd());
        }
    }
}
