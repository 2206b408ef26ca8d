using System.Text.Json;
using Microblog.Text;

namespace Microblog.Archive;

/// <summary>Reads the fields of one JSON object of an archive, and says where one is not what it has to be.</summary>
/// <param name="element">The object.</param>
/// <param name="entry">In which entry it stands.</param>
/// <param name="line">In which line.</param>
/// <param name="path">What leads to it from the line, such as <c>seeAlso.</c>; empty for the line itself.</param>
internal sealed class ArchiveFields(JsonElement element, string entry, long line, string path = "")
{
    private const long MaxNumber = (1L << 53) - 1;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    public static JsonDocument Parse(ReadOnlyMemory<byte> json, string entry, long line)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(json, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            document?.Dispose();
            throw new ArchiveException("This is no JSON object on one line.", entry, line, e);
        }

        document.Dispose();
        throw new ArchiveException("This is no JSON object.", entry, line);
    }

    public ArchiveException Wrong(string name, string problem) => new($"“{path}{name}” {problem}", entry, line);

    /// <summary>Text without NUL; empty when the field is not there.</summary>
    public string Text(string name, int maxLength)
    {
        if (Find(name) is not { } value)
            return "";
        return TextOf(value, name, maxLength);
    }

    public string RequiredText(string name, int maxLength) =>
        Text(name, maxLength) is { Length: > 0 } text ? text : throw Wrong(name, "is missing or empty.");

    /// <summary>An http(s) address; empty when the field is not there.</summary>
    public string Address(string name, int maxLength = WebAddress.MaxLength)
    {
        var text = Text(name, maxLength);
        return text.Length == 0 || WebAddress.IsValid(text) ? text : throw Wrong(name, "is no http(s) address.");
    }

    public ProfileUri RequiredProfileUri(string name) =>
        ProfileUri.TryParse(Text(name, ProfileUri.MaxLength), out var uri) ? uri : throw Wrong(name, "is missing or no absolute URI.");

    public NoticeUri RequiredNoticeUri(string name) =>
        NoticeUri.TryParse(Text(name, NoticeUri.MaxLength), out var uri) ? uri : throw Wrong(name, "is missing or no absolute URI.");

    /// <summary>A number of at most 53 bits; 0 when the field is not there.</summary>
    public long Number(string name)
    {
        if (Find(name) is not { } value)
            return 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number is > 0 and <= MaxNumber
            ? number
            : throw Wrong(name, "is no whole number from 1 to 2^53 - 1.");
    }

    public bool Flag(string name) => Find(name) is { } value && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, "is neither true nor false."),
    };

    /// <summary>A moment from 2008 on that is not later than <paramref name="latest"/>, cut to the millisecond.</summary>
    public DateTimeOffset RequiredTime(string name, DateTimeOffset latest) =>
        Time(name, latest) ?? throw Wrong(name, "is missing or no time such as 2009-02-13T23:31:30.000Z.");

    /// <summary>As <see cref="RequiredTime"/>; <see langword="null"/> when the field is not there.</summary>
    public DateTimeOffset? Time(string name, DateTimeOffset latest)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.String || !value.TryGetDateTimeOffset(out var time))
            throw Wrong(name, "is missing or no time such as 2009-02-13T23:31:30.000Z.");
        if (time < ArchiveFormat.Earliest)
            throw Wrong(name, "is before 2008.");
        return time <= latest
            ? DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds())
            : throw Wrong(name, "is in the future.");
    }

    public ArchiveFields? Object(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new ArchiveFields(value, entry, line, $"{path}{name}."),
        _ => throw Wrong(name, "is no object."),
    };

    public IReadOnlyList<ArchiveFields> Objects(string name) => [.. Items(name).Select(value => value.ValueKind == JsonValueKind.Object
        ? new ArchiveFields(value, entry, line, $"{path}{name}.")
        : throw Wrong(name, "is no list of objects."))];

    public IReadOnlyList<string> Texts(string name, int maxLength) => [.. Items(name).Select(value => TextOf(value, name, maxLength))];

    /// <summary>Notes the fields that nobody asked for.</summary>
    public void NoteOthers(string part, LeftOut leftOut)
    {
        foreach (var property in element.EnumerateObject())
        {
            var name = NameOf(property);
            if (!known.Contains(name))
                leftOut.Add($"{part}: {path}{name}");
        }
    }

    private JsonElement[] Items(string name)
    {
        if (Find(name) is not { } list)
            return [];
        if (list.ValueKind != JsonValueKind.Array)
            throw Wrong(name, "is no list.");
        return list.GetArrayLength() <= ArchiveFormat.MaxPeople ? [.. list.EnumerateArray()] : throw Wrong(name, "is too long a list.");
    }

    private JsonElement? Find(string name)
    {
        known.Add(name);
        return element.TryGetProperty(name, out var value) ? value : null;
    }

    private string TextOf(JsonElement value, string name, int maxLength)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Wrong(name, "is no text.");
        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped.
            throw Wrong(name, "contains half a character.");
        }

        if (text.Contains('\0', StringComparison.Ordinal))
            throw Wrong(name, "contains a NUL character.");
        if (!NoticeText.IsWellFormed(text))
            throw Wrong(name, "contains half a character.");
        return text.Length <= maxLength ? text : throw Wrong(name, $"has more than {maxLength} characters.");
    }

    // Names come from outside as well, and are shown to people.
    private string NameOf(JsonProperty property)
    {
        try
        {
            var name = property.Name;
            if (name.Length is > 0 and <= 100 && !name.Any(char.IsControl) && NoticeText.IsWellFormed(name))
                return name;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped.
        }

        throw new ArchiveException("A field has a name that cannot be shown.", entry, line);
    }
}
