using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Microblog.Storage;

/// <summary>A notice's attachments as text, for the column beside the notice, so that reading a list costs no further look-up.</summary>
public static class AttachmentList
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text; empty for none.</summary>
    public static string Write(IReadOnlyList<Attachment> attachments)
    {
        if (attachments.Count == 0)
            return "";
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartArray();
            foreach (var item in attachments)
                Write(json, item);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads what <see cref="Write(IReadOnlyList{Attachment})"/> wrote.</summary>
    public static IReadOnlyList<Attachment> Read(string text)
    {
        if (text.Length == 0)
            return [];
        using var json = JsonDocument.Parse(text);
        return [.. json.RootElement.EnumerateArray().Select(Read)];
    }

    private static void Write(Utf8JsonWriter json, Attachment item)
    {
        json.WriteStartObject();
        json.WriteNumber("id", item.Id.Value);
        json.WriteString("blob", item.Blob.Value);
        json.WriteString("type", item.MediaType);
        json.WriteNumber("size", item.Size);
        json.WriteNumber("width", item.Width);
        json.WriteNumber("height", item.Height);
        json.WriteString("text", item.Description);
        json.WriteEndObject();
    }

    private static Attachment Read(JsonElement item) => new()
    {
        Id = new AttachmentId(item.GetProperty("id").GetInt64()),
        Blob = BlobKey.Parse(item.GetProperty("blob").GetString()!),
        MediaType = item.GetProperty("type").GetString()!,
        Size = item.GetProperty("size").GetInt32(),
        Width = item.GetProperty("width").GetInt32(),
        Height = item.GetProperty("height").GetInt32(),
        Description = item.GetProperty("text").GetString()!,
    };
}
