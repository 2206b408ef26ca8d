namespace Microblog;

/// <summary>What somebody decides when they invite others.</summary>
public sealed record InvitationTerms
{
    /// <summary>How long the link works.</summary>
    /// <value>Default 7 days; more than nothing, at most 366 days.</value>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many people may join by it.</summary>
    /// <value>Default 1; 1 to 100.</value>
    public int MaxUses { get; init; } = 1;

    /// <summary>Whether the inviter follows whoever joins.</summary>
    /// <value>Default: no.</value>
    public bool FollowsBack { get; init; }
}

/// <summary>An invitation that has just been made.</summary>
/// <param name="Invitation">What is kept of it.</param>
/// <param name="Link">The address to hand on. It is nowhere else: whoever loses it makes another.</param>
public sealed record NewInvitation(Invitation Invitation, string Link);
