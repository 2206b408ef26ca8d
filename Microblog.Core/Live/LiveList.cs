using Microblog.Storage;

namespace Microblog.Live;

/// <summary>A list whose news somebody is told, as one viewer sees it. What a viewer may see is decided by the store, at each read.</summary>
/// <param name="Kind">Which list.</param>
/// <param name="Viewer">Who looks; none for visitors.</param>
/// <param name="Name">Of <see cref="LiveKind.Tag"/> the tag, folded; of <see cref="LiveKind.Group"/> the nickname; otherwise empty.</param>
internal sealed record LiveList(LiveKind Kind, ProfileId Viewer, string Name = "")
{
    /// <summary>Of <see cref="LiveKind.Group"/>.</summary>
    public GroupId Group { get; init; }

    /// <summary>Of <see cref="LiveKind.Conversation"/>.</summary>
    public NoticeId Conversation { get; init; }

    /// <summary>The path of the page that shows it.</summary>
    public string Path => Kind switch
    {
        LiveKind.Home => "/home",
        LiveKind.Notifications => "/notifications",
        LiveKind.Tag => "/tag/" + Uri.EscapeDataString(Name),
        LiveKind.Group => "/group/" + Name,
        LiveKind.Conversation => $"/conversation/{Conversation}",
        _ => "/",
    };

    public async ValueTask<LivePage> ReadAsync(IReadSession session, int count, CancellationToken cancellationToken)
    {
        var newest = PageRequest.Newest(count);
        if (Kind == LiveKind.Notifications)
        {
            var told = await session.Notifications.ListAsync(Viewer, newest, cancellationToken).ConfigureAwait(false);
            return new LivePage([.. told.Select(entry => new LiveItem(entry.Position, entry.Notice, entry))], told.Next, told.Count < count);
        }

        var page = await ReadAsync(session.Timelines, newest, cancellationToken).ConfigureAwait(false);
        return new LivePage([.. page.Select(entry => new LiveItem(entry.Position, entry, null))], page.Next, page.Count < count);
    }

    /// <summary>The group, if this is one's list and the viewer is an admin of it; none otherwise.</summary>
    public async ValueTask<GroupId> FindAdministeredAsync(IReadSession session, CancellationToken cancellationToken) =>
        !Group.IsNone && !Viewer.IsNone
            && await session.Groups.FindStandingAsync(Group, Viewer, cancellationToken).ConfigureAwait(false) == GroupStanding.Admin ? Group : default;

    private ValueTask<EntryPage> ReadAsync(ITimelineReader timelines, PageRequest page, CancellationToken cancellationToken) => Kind switch
    {
        LiveKind.Home => timelines.HomeAsync(Viewer, page, cancellationToken),
        LiveKind.Public => timelines.PublicAsync(Viewer, page, cancellationToken),
        LiveKind.Tag => timelines.TagAsync(Name, Viewer, page, cancellationToken),
        LiveKind.Group => timelines.GroupAsync(Group, Viewer, page, cancellationToken),
        LiveKind.Conversation => timelines.ConversationAsync(Conversation, Viewer, page, cancellationToken),
        _ => throw new InvalidOperationException($"Nobody reads {Kind}."),
    };
}

/// <summary>Which list is live.</summary>
internal enum LiveKind
{
    /// <summary>What a person hears.</summary>
    Home,

    /// <summary>What a person is told.</summary>
    Notifications,

    /// <summary>The public notices of this node's people.</summary>
    Public,

    /// <summary>Public notices with a hash tag.</summary>
    Tag,

    /// <summary>What went to a group.</summary>
    Group,

    /// <summary>A notice and what answers it.</summary>
    Conversation,
}

/// <summary>The newest part of a list.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="Next">Below this nothing comes any more (<see cref="EntryPage.Next"/>).</param>
/// <param name="IsWhole">Whether there is nothing before the oldest of them.</param>
internal sealed record LivePage(IReadOnlyList<LiveItem> Items, TimelinePosition Next, bool IsWhole)
{
    /// <summary>What the viewer did to those of the notices that somebody still lacks.</summary>
    public IReadOnlyList<Reaction> Reactions { get; init; } = [];

    /// <summary>The group whose list it is, if the viewer may take notices out of it; none otherwise.</summary>
    public GroupId AdministeredGroup { get; init; }

    /// <summary>Whether all that is newer than the position stands on the page.</summary>
    public bool ReachesBackTo(TimelinePosition position) => IsWhole || Items[^1].Position <= position;
}

/// <summary>An entry of a list.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Notice">The notice; <see langword="null"/> for what is about none.</param>
/// <param name="Told">What a person is told; <see langword="null"/> in lists of notices.</param>
internal sealed record LiveItem(TimelinePosition Position, TimelineEntry? Notice, NotificationEntry? Told);
