using Microblog.Omb.OAuth;

namespace Microblog.Omb.Messages;

/// <summary>A notice as it is posted: openmicroblogging.md §7.</summary>
internal sealed record PostNoticeMessage
{
    /// <summary>Longest accepted notice, in characters as .NET counts them. The specification sets no limit (OMB-54).</summary>
    public const int MaxContentLength = 65_536;

    public required ProfileUri Listenee { get; init; }

    public required NoticeUri Notice { get; init; }

    public required string Content { get; init; }

    public string Url { get; init; } = "";

    /// <summary>Empty: the listenee's default of this moment (OMB-62).</summary>
    public string License { get; init; } = "";

    public SeeAlso? SeeAlso { get; init; }

    /// <summary>Reads the fields of a request whose signature holds.</summary>
    public static OmbRefusal? TryRead(SignedRequest request, out PostNoticeMessage? message)
    {
        message = null;
        var reader = new FieldReader(request.Field);
        reader.Version();
        var listenee = reader.ProfileUri(OmbNames.Listenee);
        var notice = reader.NoticeUri(OmbNames.Notice);
        var content = reader.Required(OmbNames.NoticeContent);
        if (content.Length > MaxContentLength)
            reader.Fail($"{OmbNames.NoticeContent} is longer than {MaxContentLength} characters.");
        var url = Address(reader, OmbNames.NoticeUrl);
        var license = Address(reader, OmbNames.NoticeLicense);
        var seeAlso = ReadSeeAlso(reader);
        if (reader.Problem is { } problem)
            return problem;
        message = new PostNoticeMessage
        {
            Listenee = listenee!,
            Notice = notice!,
            Content = content,
            Url = url,
            License = license,
            SeeAlso = seeAlso,
        };
        return null;
    }

    /// <summary>The fields that are sent; an absent optional one is left out.</summary>
    public static List<KeyValuePair<string, string>> Write(Notice notice, Profile author)
    {
        var fields = new List<KeyValuePair<string, string>>
        {
            new(OmbNames.Version, OmbNames.ProtocolVersion),
            new(OmbNames.Listenee, author.Uri.Value),
            new(OmbNames.Notice, notice.Uri.Value),
            new(OmbNames.NoticeContent, notice.Content),
            new(OmbNames.NoticeUrl, notice.Url),
            new(OmbNames.NoticeLicense, notice.License),
        };
        if (notice.SeeAlso is { } more)
        {
            fields.Add(new(OmbNames.SeeAlso, more.Url));
            fields.Add(new(OmbNames.SeeAlsoDisposition, more.IsInline ? "inline" : "link"));
            fields.Add(new(OmbNames.SeeAlsoMediaType, more.MediaType));
            fields.Add(new(OmbNames.SeeAlsoLicense, more.License));
        }

        fields.RemoveAll(field => field.Value.Length == 0);
        return fields;
    }

    private static SeeAlso? ReadSeeAlso(FieldReader reader)
    {
        var address = Address(reader, OmbNames.SeeAlso);
        var isInline = reader.Optional(OmbNames.SeeAlsoDisposition) switch
        {
            "" or "link" => false,
            "inline" => true,
            _ => reader.Fail($"{OmbNames.SeeAlsoDisposition} is neither link nor inline.").Length > 0,
        };
        var mediaType = reader.Optional(OmbNames.SeeAlsoMediaType);
        reader.Length(OmbNames.SeeAlsoMediaType, mediaType, 255);
        var license = Address(reader, OmbNames.SeeAlsoLicense);
        // The companions mean nothing without the address.
        return address.Length == 0 ? null : new SeeAlso(address, isInline, mediaType, license);
    }

    private static string Address(FieldReader reader, string name)
    {
        var text = reader.Optional(name);
        reader.Address(name, text);
        return text;
    }
}
