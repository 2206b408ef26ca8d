using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Microblog.Archive;

/// <summary>Writes the entries of an archive, cutting parts of many lines into entries of bounded size.</summary>
internal sealed class ArchiveWriter(Stream output)
{
    // Text stays readable; nothing here is shown by a browser as it is.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ZipWriter zip = new(output);
    private readonly ArrayBufferWriter<byte> buffer = new();
    private string part = "";
    private int entries;
    private int lines;

    public async ValueTask AddAsync(string entry, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await zip.AddAsync(entry, content, cancellationToken).ConfigureAwait(false);

    public async ValueTask AddAsync(string entry, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        Write(write);
        await zip.AddAsync(entry, buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        buffer.ResetWrittenCount();
    }

    /// <summary>Begins a part; its lines follow.</summary>
    public void Begin(string name) => (part, entries, lines) = (name, 0, 0);

    public async ValueTask AddLineAsync(Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        Write(write);
        if (++lines == ArchiveFormat.EntryLines || buffer.WrittenCount >= ArchiveFormat.EntryBytes)
            await EndEntryAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (lines > 0)
            await EndEntryAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask FinishAsync(CancellationToken cancellationToken) => zip.FinishAsync(cancellationToken);

    private async ValueTask EndEntryAsync(CancellationToken cancellationToken)
    {
        await zip.AddAsync(ArchiveFormat.EntryOf(part, ++entries), buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        buffer.ResetWrittenCount();
        lines = 0;
    }

    private void Write(Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
    }
}
