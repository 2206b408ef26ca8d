using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microblog.Omb.OAuth;
using Microblog.Text;

namespace Microblog.Omb.Messages;

/// <summary>Reads the fields of one message and keeps the first thing that is wrong with them.</summary>
/// <remarks>A required field is there once and not empty (OMB-52); an optional one is there at most once.</remarks>
internal sealed class FieldReader(Func<string, FormField> find)
{
    /// <summary>The first problem; <see langword="null"/> while all is well.</summary>
    public OmbRefusal? Problem { get; private set; }

    /// <summary>Checks <c>omb_version</c>, after decoding, byte for byte (OMB-20).</summary>
    public void Version()
    {
        var version = Required(OmbNames.Version);
        if (version.Length > 0 && version != OmbNames.ProtocolVersion)
            Fail(new OmbRefusal(OmbRejection.Version, $"{OmbNames.Version} is not {OmbNames.ProtocolVersion}."));
    }

    /// <summary>A field that has to be there; empty after a problem.</summary>
    public string Required(string name) =>
        Read(name) is not { } text ? Fail($"{name} is missing.")
        : text.Length == 0 ? Fail($"{name} is empty.")
        : text;

    /// <summary>A field that may be missing or empty: both are the empty text.</summary>
    public string Optional(string name) => Read(name) ?? "";

    /// <summary>A field whose absence differs from an empty value (OMB-70, OMB-71): <see langword="null"/> when absent.</summary>
    public string? Read(string name)
    {
        var field = find(name);
        if (field.IsRepeated)
            return Fail($"{name} is there more than once.");
        if (!field.IsMissing && !field.IsWellFormed)
            return Fail($"{name} has a percent sign that is not followed by two hexadecimal digits.");
        return field.Text is { } text && text.Contains('\0', StringComparison.Ordinal) ? Fail($"{name} contains a NUL character.") : field.Text;
    }

    /// <summary>Any absolute URI (OMB-40).</summary>
    public ProfileUri? ProfileUri(string name)
    {
        var text = Required(name);
        if (Microblog.ProfileUri.TryParse(text, out var uri) && HasPlainHost(text))
            return uri;
        Fail($"{name} is not an absolute URI with its host in ASCII.");
        return null;
    }

    /// <summary>Any absolute URI.</summary>
    public NoticeUri? NoticeUri(string name)
    {
        var text = Required(name);
        if (Microblog.NoticeUri.TryParse(text, out var uri) && HasPlainHost(text))
            return uri;
        Fail($"{name} is not an absolute URI with its host in ASCII.");
        return null;
    }

    /// <summary>An http(s) address or nothing.</summary>
    public void Address(string name, [NotNullIfNotNull(nameof(text))] string? text)
    {
        if (!string.IsNullOrEmpty(text) && !(WebAddress.IsValid(text) && HasPlainHost(text)))
            Fail($"{name} is not an http(s) address with its host in ASCII.");
    }

    /// <summary>Text of at most so many code points.</summary>
    public void Length(string name, string? text, int limit)
    {
        if (text is not null && text.Length > limit && NoticeText.Length(text) > limit)
            Fail($"{name} is longer than {limit} characters.");
    }

    /// <summary>Keeps the first problem.</summary>
    public string Fail(string explanation)
    {
        Fail(OmbRefusal.Malformed(explanation));
        return "";
    }

    /// <summary>Keeps the first problem.</summary>
    public void Fail(OmbRefusal refusal) => Problem ??= refusal;

    // A URI is ASCII (RFC 3986 §2). In a host that is not, a browser folds characters ("ｎotes.example" is notes.example), so such a
    // one could pass for ours (OMB-41) or another's. U+FFFD stands for bytes that are not UTF-8: two identifiers would be one.
    private static bool HasPlainHost(string text) =>
        !text.Contains('\ufffd', StringComparison.Ordinal)
        && Uri.TryCreate(text, UriKind.Absolute, out var uri) && Ascii.IsValid(uri.Host);
}
