namespace Microblog.Pages;

/// <summary>A person and the person's notices.</summary>
public sealed record ProfilePage : Page
{
    /// <inheritdoc/>
    public override string Title => Person.FullName.Length > 0 ? $"{Person.FullName} ({Person.Address})" : Person.Address;

    /// <summary>Whose page.</summary>
    public required Profile Person { get; init; }

    /// <summary>What is counted of a person of this node; <see langword="null"/> for somebody of another, of whom only a part is known here.</summary>
    public ProfileCounts? Counts { get; init; }

    /// <summary>The notices.</summary>
    public required TimelineSlice Slice { get; init; }

    /// <summary>The viewer's subscription to the person, unless ended; <see langword="null"/> for none.</summary>
    public Subscription? Subscription { get; init; }

    /// <summary>Whether the viewer blocks the person.</summary>
    public bool IsBlocked { get; init; }

    /// <summary>Whether the viewer has muted the person.</summary>
    public bool IsMuted { get; init; }

    /// <summary>Where a visitor from another service begins to subscribe; empty for nowhere.</summary>
    public string RemoteSubscribeUrl { get; init; } = "";
}
