using System.Globalization;

namespace Microblog.TwitterApi.Wire;

/// <summary>Writes an answer once, whatever its format. A name is a property's in JSON, and not written where there is none, at the root and in a list;
/// in XML it is the element's everywhere.</summary>
internal abstract class ApiWriter : IDisposable
{
    private const string TwitterTime = "ddd MMM dd HH:mm:ss '+0000' yyyy";

    public abstract void StartObject(string name);

    public abstract void EndObject();

    /// <summary>Begins a list, whose things are written behind each other until it ends.</summary>
    public abstract void StartList(string name);

    public abstract void EndList();

    /// <summary>Writes a text; <see langword="null"/> is null, or an empty element.</summary>
    public abstract void Write(string name, string? value);

    public abstract void Write(string name, long value);

    public abstract void Write(string name, double value);

    public abstract void Write(string name, bool value);

    /// <summary>The answer, which outlives the writer.</summary>
    public abstract ReadOnlyMemory<byte> Finish();

    public abstract void Dispose();

    public void WriteTime(string name, DateTimeOffset time) => Write(name, TimeText(time));

    /// <summary>Writes a number, or null for one that names nothing.</summary>
    public void WriteNumber(string name, long number)
    {
        if (number == 0)
            Write(name, null);
        else
            Write(name, number);
    }

    /// <summary>Writes a number as a number and as a text, for languages whose numbers are too small.</summary>
    public void WriteId(string name, long number)
    {
        WriteNumber(name, number);
        Write(name + "_str", number == 0 ? null : number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A text that may be missing: what is empty is null.</summary>
    public void WriteOptional(string name, string value) => Write(name, value.Length == 0 ? null : value);

    /// <summary>A moment as Twitter wrote it; always UTC, because clients read the offset and forget it.</summary>
    public static string TimeText(DateTimeOffset time) => time.UtcDateTime.ToString(TwitterTime, CultureInfo.InvariantCulture);

    /// <summary>A writer of a format that has objects.</summary>
    public static ApiWriter Create(ApiFormats format) => format == ApiFormats.Xml ? new XmlApiWriter() : new JsonApiWriter();
}
