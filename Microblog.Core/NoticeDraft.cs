namespace Microblog;

/// <summary>A notice that somebody here is about to publish.</summary>
public sealed record NoticeDraft
{
    /// <summary>Why a draft whose <see cref="Once"/> was there before is refused.</summary>
    public const string PublishedAlready = "This has been published already.";

    /// <summary>Why a draft is refused that says again what its author said within <see cref="NotAgainWithin"/>.</summary>
    public const string SaidAlready = "You have said that just now.";

    /// <summary>The text, kept exactly as it is. Not empty, and at most <see cref="MicroblogOptions.MaxNoticeLength"/> characters, as <see cref="Text.NoticeText.Length"/> counts them.</summary>
    public required string Content { get; init; }

    /// <summary>Who may see it. Default: everybody.</summary>
    public Visibility Visibility { get; init; }

    /// <summary>Whether it stays on this node whatever its visibility. Default: no.</summary>
    public bool IsLocalOnly { get; init; }

    /// <summary>The notice that it answers; none by default.</summary>
    public NoticeId ReplyTo { get; init; }

    /// <summary>What this draft is published once by: a second one with the same key is refused with <see cref="PublishedAlready"/>, in whatever process.
    /// Remembered in the transaction of the notice. Default: it may be published as often as it comes.</summary>
    public Storage.OnceKey? Once { get; init; }

    /// <summary>How long ago the author may not have said the same, to everybody or to followers, among their three newest notices: for clients that send again
    /// when they got no answer. Such a draft is refused with <see cref="SaidAlready"/>, also of two at once. Default: they may repeat themselves.</summary>
    public TimeSpan? NotAgainWithin { get; init; }

    /// <summary>The program it is written with. Default: the node's own pages.</summary>
    public NoticeSource? Source { get; init; }

    /// <summary>Its licence, if not the author's default.</summary>
    public License? License { get; init; }

    /// <summary>Additional content.</summary>
    public SeeAlso? SeeAlso { get; init; }

    /// <summary>Uploads of the author that belong to no notice yet, in the order in which they are looked at; at most
    /// <see cref="MicroblogOptions.MaxAttachments"/>.</summary>
    public IReadOnlyList<AttachmentId> Attachments { get; init; } = [];

    /// <summary>To whom a direct notice goes: local people, besides those mentioned in it.</summary>
    public IReadOnlyList<ProfileId> Audience { get; init; } = [];

    /// <summary>Whether a direct notice also goes to those whom its text mentions. Default: yes. Where not, it mentions nobody else.</summary>
    public bool AddressesMentioned { get; init; } = true;

    /// <summary>The language of the text as a BCP 47 tag such as <c>pt-BR</c>. Default: not said.</summary>
    public string Language { get; init; } = "";

    /// <summary>What stands in front of the text, which is shown only to those who ask for it. One line of at most
    /// <see cref="Storage.NoticeDetail.MaxWarningLength"/> characters. Default: nothing.</summary>
    public string Warning { get; init; } = "";

    /// <summary>Whether pictures are shown only to those who ask for them. Default: no.</summary>
    public bool IsSensitive { get; init; }
}
