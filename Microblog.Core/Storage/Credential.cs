namespace Microblog.Storage;

/// <summary>A token of some protocol: issued to a peer, or received from one and waiting to be used.</summary>
public sealed record Credential
{
    /// <summary>Which protocol and kind, such as <c>omb.request</c>; tokens are unique within it.</summary>
    public required string Scope { get; init; }

    /// <summary>The public half.</summary>
    public required string Token { get; init; }

    /// <summary>The secret half, as <see cref="Identity.ISecretProtector"/> left it.</summary>
    public ReadOnlyMemory<byte> ProtectedSecret { get; init; }

    /// <summary>To whom it was issued; limits count by it.</summary>
    public string Consumer { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public required CredentialState State { get; init; }

    /// <summary>The local person it is about; none before anybody agreed.</summary>
    public ProfileId Person { get; init; }

    /// <summary>The subscription it speaks for; none for a request.</summary>
    public SubscriptionId Subscription { get; init; }

    /// <summary>How often somebody tried and failed to use it.</summary>
    public int Failures { get; init; }

    /// <summary>What the protocol keeps with it; the store does not look inside. At most 8 KiB.</summary>
    public string Data { get; init; } = "";

    /// <summary>When it ends by itself, or <see langword="null"/>.</summary>
    public DateTimeOffset? Expires { get; init; }
}

/// <summary>Where a credential stands.</summary>
public enum CredentialState
{
    /// <summary>Asked for; nobody has decided.</summary>
    Pending,

    /// <summary>The person agreed; it may be exchanged once.</summary>
    Authorized,

    /// <summary>Exchanged.</summary>
    Used,

    /// <summary>The person said no, or it was destroyed.</summary>
    Refused,

    /// <summary>In force.</summary>
    Active,

    /// <summary>No longer in force; kept, so that its bearer can be told.</summary>
    Revoked,
}
