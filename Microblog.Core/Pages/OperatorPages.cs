using Microblog.Diagnostics;

namespace Microblog.Pages;

/// <summary>What the node's checks find, for operators.</summary>
public sealed record ChecksPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Checks";

    /// <summary>What each found.</summary>
    public required IReadOnlyList<CheckResult> Results { get; init; }
}

/// <summary>The newest refusals, for operators.</summary>
public sealed record RefusalsPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Refusals";

    /// <summary>The newest, newest first.</summary>
    public required IReadOnlyList<NotedRefusal> Newest { get; init; }

    /// <summary>A reference that was looked for and is not remembered; empty when none was.</summary>
    public string Missing { get; init; } = "";
}

/// <summary>One refusal, for operators: what happened, and what the sender would have to change.</summary>
/// <param name="Refusal">The refusal.</param>
public sealed record RefusalPage(NotedRefusal Refusal) : Page
{
    /// <inheritdoc/>
    public override string Title => $"Refusal {Refusal.Reference}";
}
