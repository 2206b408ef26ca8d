using System.Text;
using Newtonsoft.Json;

namespace Microblog.TwitterApi.Wire;

internal sealed class JsonApiWriter : ApiWriter
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly MemoryStream buffer = new(16 * 1024);
    private readonly JsonTextWriter json;

    public JsonApiWriter() => json = new JsonTextWriter(new StreamWriter(buffer, Utf8, 16 * 1024)) { Formatting = Formatting.None };

    public override void StartObject(string name)
    {
        Name(name);
        json.WriteStartObject();
    }

    public override void EndObject() => json.WriteEndObject();

    public override void StartList(string name)
    {
        Name(name);
        json.WriteStartArray();
    }

    public override void EndList() => json.WriteEndArray();

    public override void Write(string name, string? value)
    {
        Name(name);
        json.WriteValue(value);
    }

    public override void Write(string name, long value)
    {
        Name(name);
        json.WriteValue(value);
    }

    public override void Write(string name, double value)
    {
        Name(name);
        json.WriteValue(value);
    }

    public override void Write(string name, bool value)
    {
        Name(name);
        json.WriteValue(value);
    }

    public override ReadOnlyMemory<byte> Finish()
    {
        json.Flush();
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    public override void Dispose() => ((IDisposable)json).Dispose();

    private void Name(string name)
    {
        if (json.WriteState == WriteState.Object)
            json.WritePropertyName(name, escape: false);
    }
}
