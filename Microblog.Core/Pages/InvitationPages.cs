namespace Microblog.Pages;

/// <summary>The viewer's invitations, and a form for another.</summary>
public sealed record InvitationsPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Invite people";

    /// <summary>Those that have not expired, newest first.</summary>
    public required IReadOnlyList<Invitation> Invitations { get; init; }

    /// <summary>The link of the one that has just been made, shown this once; empty for none.</summary>
    public string Link { get; init; } = "";

    /// <summary>Why none was made; empty for no problem.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}

/// <summary>What whoever opens an invitation's link sees: who invites, and to what.</summary>
public sealed record InvitationPage : Page
{
    /// <inheritdoc/>
    public override string Title => "You are invited";

    /// <summary>Who invites.</summary>
    public required Profile Inviter { get; init; }

    /// <summary>What the invitation says.</summary>
    public required Invitation Invitation { get; init; }

    /// <summary>The link's secret, which goes along to <c>/join</c>.</summary>
    public required string Secret { get; init; }
}
