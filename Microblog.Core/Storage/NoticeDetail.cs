using System.Text;
using System.Text.Json;

namespace Microblog.Storage;

/// <summary>The fields that few notices have and no list is made by, as one text, so that a store needs one column for all of them.</summary>
public static class NoticeDetail
{
    /// <summary>Most characters of <see cref="Notice.Warning"/>, as people count them.</summary>
    public const int MaxWarningLength = 500;

    /// <summary>Most characters of <see cref="Notice.Language"/>.</summary>
    public const int MaxLanguageLength = 35;

    /// <summary>The fields as a text; empty when the notice has none of them.</summary>
    public static string Write(Notice notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return WriteFields(notice.Language, notice.Warning, notice.IsSensitive, notice.EditedAt, notice.Groups, notice.Source);
    }

    private static string WriteFields(
        string language, string warning, bool isSensitive, DateTimeOffset? edited, IReadOnlyList<NamedGroup> groups, NoticeSource? source)
    {
        if (language.Length == 0 && warning.Length == 0 && !isSensitive && edited is null && groups.Count == 0 && source is null)
            return "";
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (language.Length > 0)
                json.WriteString("language", language);
            if (warning.Length > 0)
                json.WriteString("warning", warning);
            if (isSensitive)
                json.WriteBoolean("sensitive", true);
            if (edited is { } time)
                json.WriteNumber("edited", time.ToUnixTimeMilliseconds());
            if (groups.Count > 0)
                WriteGroups(json, groups);
            if (source is not null)
                json.WriteString("source", source.Name);
            if (source is { Url.Length: > 0 })
                json.WriteString("sourceUrl", source.Url);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>The notice with the fields that <see cref="Write"/> made a text of.</summary>
    /// <exception cref="JsonException">The text is not one of ours.</exception>
    public static Notice Read(Notice notice, string detail)
    {
        ArgumentNullException.ThrowIfNull(notice);
        ArgumentNullException.ThrowIfNull(detail);
        if (detail.Length == 0)
            return notice;
        using var json = JsonDocument.Parse(detail);
        var fields = json.RootElement;
        return notice with
        {
            Language = Text(fields, "language"),
            Warning = Text(fields, "warning"),
            IsSensitive = fields.TryGetProperty("sensitive", out var sensitive) && sensitive.GetBoolean(),
            EditedAt = fields.TryGetProperty("edited", out var edited) ? DateTimeOffset.FromUnixTimeMilliseconds(edited.GetInt64()) : null,
            Groups = fields.TryGetProperty("groups", out var groups)
                ? [.. groups.EnumerateObject().Select(group => new NamedGroup(new GroupId(group.Value.GetInt64()), group.Name))]
                : [],
            Source = Text(fields, "source") is { Length: > 0 } source ? new NoticeSource(source, Text(fields, "sourceUrl")) : null,
        };
    }

    /// <summary>The fields that <see cref="ReadRevision"/> reads, as a text.</summary>
    public static string WriteRevision(NoticeRevision revision)
    {
        ArgumentNullException.ThrowIfNull(revision);
        return WriteFields(revision.Language, revision.Warning, isSensitive: false, edited: null, groups: [], source: null);
    }

    /// <summary>What a notice said, from the text that <see cref="Write"/> made then.</summary>
    public static NoticeRevision ReadRevision(DateTimeOffset until, string content, string detail)
    {
        ArgumentNullException.ThrowIfNull(detail);
        if (detail.Length == 0)
            return new NoticeRevision(until, content, "", "");
        using var json = JsonDocument.Parse(detail);
        return new NoticeRevision(until, content, Text(json.RootElement, "language"), Text(json.RootElement, "warning"));
    }

    /// <summary>Whether two versions of a notice say something else to its readers.</summary>
    public static bool Differ(Notice one, Notice other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return (one.Content, one.Language, one.Warning, one.IsSensitive) != (other.Content, other.Language, other.Warning, other.IsSensitive);
    }

    /// <summary>Whether a text has the form of a BCP 47 tag: letters and digits in groups of up to eight, put together with hyphens.</summary>
    public static bool IsLanguage(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is >= 2 and <= MaxLanguageLength
            && text.Split('-').All(part => part.Length is >= 1 and <= 8 && part.All(char.IsAsciiLetterOrDigit))
            && text.TakeWhile(c => c != '-').All(char.IsAsciiLetter);
    }

    private static void WriteGroups(Utf8JsonWriter json, IReadOnlyList<NamedGroup> groups)
    {
        json.WriteStartObject("groups");
        foreach (var group in groups)
            json.WriteNumber(group.Name, group.Id.Value);
        json.WriteEndObject();
    }

    private static string Text(JsonElement fields, string name) => fields.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
