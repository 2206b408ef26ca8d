using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>Who hears the viewer, and who asks to.</summary>
public sealed record FollowersPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Followers";

    /// <summary>Those who wait for approval, newest first; only on the first page.</summary>
    public required IReadOnlyList<SubscriptionEntry> Waiting { get; init; }

    /// <summary>Those who hear the viewer, newest first.</summary>
    public required IReadOnlyList<SubscriptionEntry> Followers { get; init; }

    /// <summary>The first of those who heard the viewer where they came from; only on the first page.</summary>
    public IReadOnlyList<SubscriptionEntry> Imported { get; init; } = [];

    /// <summary>Follow with <c>?before=</c> this; <see langword="null"/> at the end.</summary>
    public SubscriptionId? Older { get; init; }
}

/// <summary>Whom the viewer hears.</summary>
public sealed record FollowingPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Following";

    /// <summary>Those whom the viewer hears, newest first.</summary>
    public required IReadOnlyList<SubscriptionEntry> Publishers { get; init; }

    /// <summary>The first of those whom the viewer heard where they came from, to follow again; only on the first page.</summary>
    public IReadOnlyList<SubscriptionEntry> Imported { get; init; } = [];

    /// <inheritdoc/>
    public override bool LeadsElsewhere => Imported.Count > 0;

    /// <summary>What has just happened; empty for nothing.</summary>
    public string Message { get; init; } = "";

    /// <summary>Follow with <c>?before=</c> this; <see langword="null"/> at the end.</summary>
    public SubscriptionId? Older { get; init; }
}

/// <summary>Lets the viewer subscribe to somebody by address.</summary>
public sealed record SubscribePage : Page
{
    /// <inheritdoc/>
    public override string Title => "Follow somebody";

    /// <inheritdoc/>
    public override bool LeadsElsewhere => true;

    /// <summary>What was typed before.</summary>
    public string Target { get; init; } = "";

    /// <summary>Why it did not work; empty the first time.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}

/// <summary>Whom the viewer blocks or has muted.</summary>
public sealed record BlocksPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Blocked and muted people";

    /// <summary>Those blocked, newest first, with the profile if it is known.</summary>
    public required IReadOnlyList<BlockEntry> Blocked { get; init; }

    /// <summary>Those muted, newest first.</summary>
    public IReadOnlyList<MuteEntry> Muted { get; init; } = [];
}

/// <summary>Somebody who is blocked.</summary>
/// <param name="Uri">The identifier, which is what is blocked.</param>
/// <param name="Profile">Who that is, if known.</param>
public sealed record BlockEntry(ProfileUri Uri, Profile? Profile);

/// <summary>Somebody who is muted.</summary>
/// <param name="Mute">Who, and until when.</param>
/// <param name="Profile">Who that is, if known.</param>
public sealed record MuteEntry(Mute Mute, Profile? Profile);
