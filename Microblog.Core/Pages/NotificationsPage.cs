using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>What the viewer is told.</summary>
public sealed record NotificationsPage : Page
{
    private const int Count = 20;

    /// <inheritdoc/>
    public override string Title => "Notifications";

    /// <inheritdoc/>
    public override bool HasScript => Live is not null;

    /// <summary>What happened, newest first.</summary>
    public required IReadOnlyList<NotificationEntry> Entries { get; init; }

    /// <summary>What the viewer did to the notices shown.</summary>
    public IReadOnlyList<Reaction> Reactions { get; init; } = [];

    /// <summary>How far the viewer has read.</summary>
    public TimelinePosition Read { get; init; }

    /// <summary>Follow with <c>?before=</c> this; <see langword="null"/> at the end.</summary>
    public TimelinePosition? Older { get; init; }

    /// <summary>The address of the stream that goes on where this page ends at the top, below the node's base; <see langword="null"/> on any but the newest page.</summary>
    public string? Live { get; init; }

    // One more than is shown says whether there is more.
    internal static NotificationsPage Of(NotificationPage entries, PageRequest request)
    {
        List<NotificationEntry> shown = [.. request.After is null ? entries.Take(Count) : entries.TakeLast(Count)];
        return new()
        {
            Entries = shown,
            Older = shown.Count > 0 && (request.After is not null || entries.Count > Count) ? shown[^1].Position : null,
            Live = request.Before is null && request.After is null ? $"/live/notifications?after={entries.Next}" : null,
        };
    }
}
