namespace Microblog;

/// <summary>An invitation to this node, which whoever has its link may use to join.</summary>
/// <remarks>The link's secret is not here: it is shown once, to whoever made it, and only its hash is kept.</remarks>
public sealed record Invitation
{
    /// <summary>The SHA-256 of the link's secret, in lower-case hexadecimal digits. It names the invitation and opens nothing.</summary>
    public required string Key { get; init; }

    /// <summary>Who invites: a person of this node.</summary>
    public required ProfileId Inviter { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on nobody joins by it.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>How many people may join by it.</summary>
    public required int MaxUses { get; init; }

    /// <summary>How many have.</summary>
    public int Uses { get; init; }

    /// <summary>Whether the inviter follows whoever joins.</summary>
    public bool FollowsBack { get; init; }

    /// <summary>Whether everybody has joined who may.</summary>
    public bool IsUsedUp => Uses >= MaxUses;
}
