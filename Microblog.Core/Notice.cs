using System.Runtime.InteropServices;
using Microblog.Text;

namespace Microblog;

/// <summary>A short message, written here or received.</summary>
public sealed record Notice
{
    /// <summary>The number in this store.</summary>
    public required NoticeId Id { get; init; }

    /// <summary>The unchanging identifier, stored when it was made or learned.</summary>
    public required NoticeUri Uri { get; init; }

    /// <summary>Who wrote it.</summary>
    public required ProfileId Author { get; init; }

    /// <summary>The text exactly as it was written or received (OMB-63).</summary>
    public required string Content { get; init; }

    /// <summary>Where it can be read; empty when nowhere is known.</summary>
    public string Url { get; init; } = "";

    /// <summary>Its own licence, settled when it arrived (OMB-62, OMB-72).</summary>
    public required string License { get; init; }

    /// <summary>Who may see it.</summary>
    public Visibility Visibility { get; init; }

    /// <summary>Whether it stays on this node whatever its visibility.</summary>
    public bool IsLocalOnly { get; init; }

    /// <summary>Whether it came from another service.</summary>
    public bool IsRemote { get; init; }

    /// <summary>For a remote notice: the subscription that brought it, none once proven. Unproven ones are seen only by those they were sent to.</summary>
    public SubscriptionId Scope { get; init; }

    /// <summary>What it answers, when that is known here.</summary>
    public NoticeId ReplyTo { get; init; }

    /// <summary>The URI of what it answers, also when that never came here; empty when it answers nothing.</summary>
    public string ReplyToUri { get; init; } = "";

    /// <summary>The first notice of its conversation; its own number when it began one.</summary>
    public NoticeId Conversation { get; init; }

    /// <summary>An address of additional content, or <see langword="null"/>.</summary>
    public SeeAlso? SeeAlso { get; init; }

    /// <summary>The program it was written with; <see langword="null"/> for the node's own pages, and where nobody said.</summary>
    public NoticeSource? Source { get; init; }

    /// <summary>The local people mentioned. A mention notifies; it does not widen who may see the notice.</summary>
    public IReadOnlyList<ProfileId> Mentions { get; init; } = [];

    /// <summary>The hash tags, folded, without the sign.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The groups to which it went when it was published, and how its text calls them. A change of the text changes nothing in that.</summary>
    public IReadOnlyList<NamedGroup> Groups { get; init; } = [];

    /// <summary>To whom a direct notice is addressed, apart from mentions.</summary>
    public IReadOnlyList<ProfileId> Audience { get; init; } = [];

    /// <summary>The notice that this one passes on under its author's name; none for everything else.</summary>
    /// <remarks>The text of such a repeat says the same in words (<c>RT @nick …</c>), for whoever knows no repeats, or may not see what is repeated.</remarks>
    public NoticeId RepeatOf { get; init; }

    /// <summary>The language of the text as a BCP 47 tag; empty when not said.</summary>
    public string Language { get; init; } = "";

    /// <summary>What stands in front of the text, which is shown only to those who ask for it; empty when nothing does.</summary>
    public string Warning { get; init; } = "";

    /// <summary>Whether pictures are shown only to those who ask for them.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>When the text was last changed; <see langword="null"/> when it never was.</summary>
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>Since when it says what it says.</summary>
    public DateTimeOffset ChangedAt => EditedAt ?? AcceptedAt;

    /// <summary>What others made of it so far. Kept by the store; what is given when a notice is stored is not looked at.</summary>
    public NoticeCounts Counts { get; init; }

    /// <summary>The pictures that belong to it, in the order in which they are looked at. Only notices of this node have any.</summary>
    public IReadOnlyList<Attachment> Attachments { get; init; } = [];

    /// <summary>What a protocol said beyond these fields, as a JSON object; empty when nothing.</summary>
    public string Extensions { get; init; } = "";

    /// <summary>When this node accepted it.</summary>
    public DateTimeOffset AcceptedAt => Id.AcceptedAt;

    /// <summary>Whether it is counted where it answers: what not everybody may see is not counted before everybody, and what is unproven
    /// changes nothing that others see (OMB-65).</summary>
    public bool IsCountedReply => !ReplyTo.IsNone && Scope.IsNone && Visibility is (Visibility.Public or Visibility.Unlisted);

    /// <summary>Whether it is counted among its author's notices (<see cref="ProfileCounts.Notices"/>). What other services bring is not: it
    /// would be a number of what came here and not of what they wrote, and cost every push a write.</summary>
    public bool IsCounted => !IsRemote && Visibility != Visibility.Direct;

    /// <summary>Whether it may be read at a public address and may leave by a protocol without audiences (OMB-137).</summary>
    public bool IsPublic => !IsLocalOnly && Visibility is (Visibility.Public or Visibility.Unlisted);
}

/// <summary>Who may see a notice.</summary>
public enum Visibility
{
    /// <summary>Everybody, and it is listed in the public timeline.</summary>
    Public,

    /// <summary>Everybody who has its address, and the followers; not listed.</summary>
    Unlisted,

    /// <summary>The author's approved followers on this node.</summary>
    Followers,

    /// <summary>The audience only.</summary>
    Direct,
}

/// <summary>Additional content that a notice points to.</summary>
/// <param name="Url">An http(s) address; never fetched or shown inline on the sender's word alone (OMB-64).</param>
/// <param name="IsInline">The sender's wish: shown with the notice rather than linked (OMB-61). Default: linked.</param>
/// <param name="MediaType"><c>type/subtype</c> as claimed; empty when not said.</param>
/// <param name="License">Licence of the content; empty when not said.</param>
public sealed record SeeAlso(string Url, bool IsInline = false, string MediaType = "", string License = "");

/// <summary>The program that a notice was written with.</summary>
/// <param name="Name">One line of at most <see cref="MaxName"/> characters.</param>
/// <param name="Url">The program's page, an http(s) address; empty when it has none.</param>
public sealed record NoticeSource(string Name, string Url = "")
{
    /// <summary>Most characters of <see cref="Name"/>.</summary>
    public const int MaxName = 100;

    internal bool IsValid => Name.Length is > 0 and <= MaxName && Name == OneLine.Of(Name) && NoticeText.IsStorable(Name)
        && (Url.Length == 0 || WebAddress.IsValid(Url));
}

/// <summary>What others made of a notice.</summary>
/// <param name="Replies">How many notices answer it.</param>
/// <param name="Repeats">How many people passed it on.</param>
/// <param name="Favourites">How many people marked it as a favourite.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct NoticeCounts(int Replies, int Repeats, int Favourites);
