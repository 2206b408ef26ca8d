using System.Text.Json;
using Microblog.Media;
using Microblog.People;
using Microblog.Storage;
using Microblog.Text;

namespace Microblog.Archive;

/// <summary>Somebody whom an archive names.</summary>
internal sealed record ArchivedPerson(ProfileUri Uri, string Nickname, string Url, string FullName)
{
    /// <param name="fields">The object.</param>
    /// <param name="self">Whose archive it is: of them the identifier is enough.</param>
    public static ArchivedPerson Read(ArchiveFields fields, ProfileUri self)
    {
        var uri = fields.RequiredProfileUri("uri");
        if (uri == self)
            return new(uri, "", "", "");
        var nickname = fields.RequiredText("nickname", Text.Nickname.MaxLength);
        if (nickname.Any(char.IsControl))
            throw fields.Wrong("nickname", "contains characters that cannot be shown.");
        var name = fields.Text("fullName", 2 * ProfileLimits.FullName);
        if (name.Any(char.IsControl))
            throw fields.Wrong("fullName", "contains characters that cannot be shown.");
        return new(uri, nickname, fields.Address("url"), name);
    }

    /// <summary>What is kept of them here: for the person's own eyes, and proven by nothing (OMB-65).</summary>
    public Profile ToProfile(ProfileId id, SubscriptionId scope) => new()
    {
        Id = id,
        Uri = Uri,
        Nickname = Nickname,
        Url = Url,
        IsLocal = false,
        Host = WebAddress.HostOf(Url),
        FullName = FullName,
        Scope = scope,
    };
}

/// <summary>A line of the following and the followers.</summary>
internal sealed record ArchivedSubscription(ArchivedPerson Person, DateTimeOffset Since)
{
    public static ArchivedSubscription Read(ArchiveFields fields, ProfileUri self, DateTimeOffset latest)
    {
        var person = ArchivedPerson.Read(fields, self);
        return person.Uri == self
            ? throw fields.Wrong("uri", "is the person's own.")
            : new(person, fields.RequiredTime("since", latest));
    }
}

/// <summary>A line of the blocks.</summary>
internal sealed record ArchivedBlock(ProfileUri Blocked, DateTimeOffset Since)
{
    public static ArchivedBlock Read(ArchiveFields fields, DateTimeOffset latest) =>
        new(fields.RequiredProfileUri("uri"), fields.RequiredTime("since", latest));
}

/// <summary>A line of the mutes.</summary>
internal sealed record ArchivedMute(Mute Mute)
{
    public static ArchivedMute Read(ArchiveFields fields, DateTimeOffset latest)
    {
        var mute = new Mute(fields.RequiredProfileUri("uri"), fields.RequiredTime("since", latest), fields.Time("until", DateTimeOffset.MaxValue));
        return mute.Until > mute.At || mute.Until is null ? new(mute) : throw fields.Wrong("until", "is not after “since”.");
    }
}

/// <summary>A line of the revisions: what one of the notices said for a time.</summary>
internal sealed record ArchivedRevision(NoticeUri Notice, NoticeRevision Revision)
{
    public static ArchivedRevision Read(ArchiveFields fields, DateTimeOffset latest) => new(
        fields.RequiredNoticeUri("notice"),
        new NoticeRevision(
            fields.RequiredTime("until", latest), ArchivedNotice.Content(fields), ArchivedNotice.Language(fields), ArchivedNotice.Warning(fields)));
}

/// <summary>A line of the favourites.</summary>
internal sealed record ArchivedFavourite(NoticeUri Notice, DateTimeOffset Since)
{
    public static ArchivedFavourite Read(ArchiveFields fields, DateTimeOffset latest) =>
        new(fields.RequiredNoticeUri("notice"), fields.RequiredTime("since", latest));
}

/// <summary>An attachment that a notice names: the entry's name without its folder, and what is said of it.</summary>
internal sealed record ArchivedAttachment(string File, string Description)
{
    public static ArchivedAttachment Read(ArchiveFields fields)
    {
        var file = fields.RequiredText("file", 100);
        if (!ArchiveFormat.IsFileName(file))
            throw fields.Wrong("file", "is no name of an attachment's file.");
        var description = fields.Text("description", 20 * Attachment.MaxDescription);
        return AttachmentDesk.ObjectTo(description) is { } problem ? throw fields.Wrong("description", problem) : new(file, description);
    }
}

/// <summary>A line of the notices. <see cref="Notice.Id"/> is 0 where the archive gives no number; people are not resolved yet.</summary>
internal sealed record ArchivedNotice(
    Notice Notice, DateTimeOffset Published, IReadOnlyList<ArchivedPerson> Mentions, IReadOnlyList<ArchivedPerson> Audience,
    IReadOnlyList<ArchivedAttachment> Attachments)
{
    private const int MaxTag = 1_000;
    private const int MaxExtensions = 64 * 1024;

    public static ArchivedNotice Read(ArchiveFields fields, ProfileUri author, DateTimeOffset latest, LeftOut leftOut)
    {
        if (fields.Text("author", ProfileUri.MaxLength) is { Length: > 0 } named && named != author.Value)
            throw fields.Wrong("author", "is somebody else.");
        var published = fields.RequiredTime("published", latest);
        var id = new NoticeId(fields.Number("number"));
        if (!id.IsNone && id.AcceptedAt != published)
            throw fields.Wrong("number", "carries another time than “published”.");
        var conversation = new NoticeId(fields.Number("conversation"));
        if (conversation.AcceptedAt > latest)
            throw fields.Wrong("conversation", "lies in the future.");
        var notice = new Notice
        {
            Id = id,
            Uri = fields.RequiredNoticeUri("uri"),
            Author = default,
            Content = Content(fields),
            Url = fields.Address("url"),
            License = fields.Address("license", 255),
            Visibility = VisibilityOf(fields),
            IsLocalOnly = fields.Flag("localOnly"),
            Language = Language(fields),
            Warning = Warning(fields),
            IsSensitive = fields.Flag("sensitive"),
            EditedAt = fields.Time("edited", latest),
            ReplyToUri = ReplyTo(fields),
            Conversation = conversation,
            SeeAlso = fields.Object("seeAlso") is { } more ? ReadSeeAlso(more, leftOut) : null,
            Source = Source(fields),
            Tags = Tags(fields),
            Extensions = Extensions(fields),
        };
        return new(notice, published, People(fields, "mentions", author, leftOut), People(fields, "audience", author, leftOut), ReadAttachments(fields, leftOut));
    }

    public static string Content(ArchiveFields fields)
    {
        var content = fields.RequiredText("content", 2 * ArchiveFormat.MaxContent);
        return NoticeText.Length(content) <= ArchiveFormat.MaxContent
            ? content
            : throw fields.Wrong("content", $"has more than {ArchiveFormat.MaxContent} characters.");
    }

    public static string Language(ArchiveFields fields)
    {
        var language = fields.Text("language", NoticeDetail.MaxLanguageLength);
        return language.Length == 0 || NoticeDetail.IsLanguage(language) ? language : throw fields.Wrong("language", "is no language tag such as “pt-BR”.");
    }

    public static string Warning(ArchiveFields fields)
    {
        var warning = fields.Text("warning", 8 * NoticeDetail.MaxWarningLength);
        return warning == OneLine.Of(warning) && NoticeText.Length(warning) <= NoticeDetail.MaxWarningLength
            ? warning
            : throw fields.Wrong("warning", $"is not one line of at most {NoticeDetail.MaxWarningLength} characters.");
    }

    private static Visibility VisibilityOf(ArchiveFields fields) => fields.RequiredText("visibility", 20) switch
    {
        "public" => Visibility.Public,
        "unlisted" => Visibility.Unlisted,
        "followers" => Visibility.Followers,
        "direct" => Visibility.Direct,
        // Shown to too many by a guess of ours it could not be taken back.
        _ => throw fields.Wrong("visibility", "is neither public, unlisted, followers nor direct."),
    };

    private static string ReplyTo(ArchiveFields fields)
    {
        var text = fields.Text("replyTo", NoticeUri.MaxLength);
        return text.Length == 0 || NoticeUri.TryParse(text, out _) ? text : throw fields.Wrong("replyTo", "is no absolute URI.");
    }

    private static NoticeSource? Source(ArchiveFields fields)
    {
        var source = new NoticeSource(fields.Text("source", NoticeSource.MaxName), fields.Address("sourceUrl"));
        return source.Name.Length == 0 ? null : source.IsValid ? source : throw fields.Wrong("source", "is not one line.");
    }

    private static SeeAlso ReadSeeAlso(ArchiveFields fields, LeftOut leftOut)
    {
        var url = fields.Address("url");
        if (url.Length == 0)
            throw fields.Wrong("url", "is missing or empty.");
        var more = new SeeAlso(url, fields.Flag("inline"), fields.Text("mediaType", 255), fields.Text("license", WebAddress.MaxLength));
        fields.NoteOthers(ArchiveFormat.Notices, leftOut);
        return more;
    }

    private static List<ArchivedAttachment> ReadAttachments(ArchiveFields fields, LeftOut leftOut)
    {
        var items = fields.Objects("attachments");
        if (items.Count > ArchiveFormat.MaxAttachments)
            throw fields.Wrong("attachments", $"has more than {ArchiveFormat.MaxAttachments}.");
        var list = new List<ArchivedAttachment>(items.Count);
        foreach (var item in items)
        {
            list.Add(ArchivedAttachment.Read(item));
            item.NoteOthers(ArchiveFormat.Notices, leftOut);
        }

        return list;
    }

    // As they are stored: folded, and parted by spaces.
    private static IReadOnlyList<string> Tags(ArchiveFields fields)
    {
        var tags = fields.Texts("tags", MaxTag);
        return tags.All(tag => tag.Length > 0 && !tag.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) && tag == NoticeText.FoldTag(tag))
            && tags.Distinct(StringComparer.Ordinal).Count() == tags.Count
            ? tags
            : throw fields.Wrong("tags", "holds one that is no tag in lower case, or one twice.");
    }

    private static string Extensions(ArchiveFields fields)
    {
        var text = fields.Text("extensions", MaxExtensions);
        if (text.Length == 0)
            return text;
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                return text;
        }
        catch (JsonException)
        {
            // The answer is the same.
        }

        throw fields.Wrong("extensions", "is no text that holds a JSON object.");
    }

    private static List<ArchivedPerson> People(ArchiveFields fields, string name, ProfileUri self, LeftOut leftOut)
    {
        var people = new List<ArchivedPerson>();
        foreach (var item in fields.Objects(name))
        {
            people.Add(ArchivedPerson.Read(item, self));
            item.NoteOthers(ArchiveFormat.Notices, leftOut);
        }

        return people.Select(person => person.Uri).Distinct().Count() == people.Count
            ? people
            : throw fields.Wrong(name, "names somebody twice.");
    }
}
