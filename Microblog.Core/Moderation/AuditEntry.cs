namespace Microblog.Moderation;

/// <summary>What an operator did. Written with its effect, and never changed.</summary>
public sealed record AuditEntry
{
    /// <summary>Longest name and longest reason, in characters.</summary>
    public const int MaxLength = 1_000;

    /// <summary>The <see cref="Operator"/> of what a program did.</summary>
    public const string Tool = "tool";

    /// <summary>The number in this store; later entries have higher ones. Given by the store.</summary>
    public long Number { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who: <c>@nickname</c>, the host's subject of an operator without a profile, or <see cref="Tool"/>.</summary>
    public required string Operator { get; init; }

    /// <summary>What.</summary>
    public required ModerationAction Action { get; init; }

    /// <summary>With whom or what: a domain, an identifier, the number of a notice or of a report.</summary>
    public required string Subject { get; init; }

    /// <summary>Why, in the operator's words; may be empty.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>What operators do.</summary>
public enum ModerationAction
{
    /// <summary>Let a domain in.</summary>
    AllowDomain,

    /// <summary>Silenced a domain.</summary>
    SilenceDomain,

    /// <summary>Blocked a domain.</summary>
    BlockDomain,

    /// <summary>Took a domain's rule back.</summary>
    ForgetDomain,

    /// <summary>Federates with everybody again.</summary>
    OpenFederation,

    /// <summary>Federates by the list of allowed domains.</summary>
    RestrictFederation,

    /// <summary>Took back what was done to a person.</summary>
    Reinstate,

    /// <summary>Silenced a person.</summary>
    Silence,

    /// <summary>Suspended a person.</summary>
    Suspend,

    /// <summary>Deleted a notice.</summary>
    DeleteNotice,

    /// <summary>Closed a report.</summary>
    CloseReport,
}
