using Microblog.Moderation;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>What people reported, for operators.</summary>
public sealed record ReportsPage : Page
{
    /// <inheritdoc/>
    public override string Title => AreOpen ? "Reports" : "Closed reports";

    /// <summary>Whether these are the open ones.</summary>
    public required bool AreOpen { get; init; }

    /// <summary>The reports, newest first, with who made them if they are stored.</summary>
    public required IReadOnlyList<(Report Report, Profile? Reporter)> Reports { get; init; }

    /// <summary>Where the next page begins; 0 when there is none.</summary>
    public long Next { get; init; }
}

/// <summary>One report, for operators, and what they can do.</summary>
public sealed record ReportPage : Page
{
    /// <inheritdoc/>
    public override string Title => $"Report {Report.Number}";

    /// <summary>The report.</summary>
    public required Report Report { get; init; }

    /// <summary>Who made it; <see langword="null"/> when they are gone from the store.</summary>
    public required Profile? Reporter { get; init; }

    /// <summary>How the person is treated whom it is about.</summary>
    public required Standing Standing { get; init; }

    /// <summary>The notices that it names, whoever may see them, without the deleted ones.</summary>
    public required IReadOnlyList<Notice> Notices { get; init; }
}

/// <summary>How a person is treated, for operators.</summary>
public sealed record StandingPage : Page
{
    /// <inheritdoc/>
    public override string Title => "People";

    /// <summary>Whom; <see langword="null"/> before somebody is chosen.</summary>
    public ProfileUri? Person { get; init; }

    /// <summary>What is stored of them; <see langword="null"/> for nothing that is proven or local.</summary>
    public Profile? Profile { get; init; }

    /// <summary>How.</summary>
    public Standing Standing { get; init; }

    /// <summary>Why nobody was found; empty for no problem.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}

/// <summary>How domains are treated, for operators.</summary>
public sealed record DomainsPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Domains";

    /// <summary>With whom the node federates.</summary>
    public required FederationMode Mode { get; init; }

    /// <summary>The rules, by name.</summary>
    public required IReadOnlyList<DomainRule> Rules { get; init; }

    /// <summary>The last domain of this page, where the next one begins; empty when there is none.</summary>
    public string Next { get; init; } = "";

    /// <summary>Why nothing was changed; empty for no problem.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}

/// <summary>What operators did, for operators.</summary>
public sealed record AuditPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Audit log";

    /// <summary>The entries, newest first.</summary>
    public required IReadOnlyList<AuditEntry> Entries { get; init; }

    /// <summary>Where the next page begins; 0 when there is none.</summary>
    public long Next { get; init; }
}

/// <summary>What the host's policies would refuse of the newest notices, for operators.</summary>
public sealed record PoliciesPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Policies";

    /// <summary>The names of the policies, in the order in which they are asked.</summary>
    public required IReadOnlyList<string> Policies { get; init; }

    /// <summary>What came out; <see langword="null"/> before they are asked.</summary>
    public DryRunReport? Report { get; init; }
}

/// <summary>Lets a person report somebody, or a notice.</summary>
public sealed record ReportFormPage : Page
{
    /// <inheritdoc/>
    public override string Title => $"Report {Person.Address}";

    /// <summary>Whom.</summary>
    public required Profile Person { get; init; }

    /// <summary>What they wrote; <see langword="null"/> when it is about the person.</summary>
    public TimelineEntry? Notice { get; init; }

    /// <summary>What was typed.</summary>
    public string Text { get; init; } = "";

    /// <summary>Why it was not taken; empty for no problem.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}

/// <summary>Lets a person leave the node for good.</summary>
public sealed record LeavePage : Page
{
    /// <inheritdoc/>
    public override string Title => "Delete your account";

    /// <summary>What has to be typed.</summary>
    public required string Nickname { get; init; }

    /// <summary>Why nothing was done; empty for no problem.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}
