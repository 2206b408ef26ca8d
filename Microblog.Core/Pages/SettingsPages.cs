using Microblog.Applications;

namespace Microblog.Pages;

/// <summary>The viewer's own profile, to be edited.</summary>
public sealed record SettingsPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Your profile";

    /// <summary>The profile; after a refusal with what was typed.</summary>
    public required Profile Profile { get; init; }

    /// <summary>Why it was not saved; empty for no problem.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;

    /// <summary>Makes a chosen picture as small as avatars are, before it is sent.</summary>
    public override bool HasScript => true;

    /// <summary>How people's own programs come in; <see langword="null"/> where none do.</summary>
    public ClientAccess? Access { get; init; }

    /// <summary>Whether it has just been saved.</summary>
    public bool IsSaved { get; init; }
}

/// <summary>Lets a user of the host choose a nickname: opting in.</summary>
public sealed record JoinPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Join";

    /// <summary>The proposal, or what was typed before.</summary>
    public required string Nickname { get; init; }

    /// <summary>The licence under which the person will publish.</summary>
    public required string License { get; init; }

    /// <summary>The host part of the person's address, for the example.</summary>
    public required string Host { get; init; }

    /// <summary>The secret of the invitation by which the person joins; empty for none.</summary>
    public string Invitation { get; init; } = "";

    /// <summary>Whom the person follows then; <see langword="null"/> for nobody.</summary>
    public Profile? Inviter { get; init; }

    /// <summary>Why it did not work; empty the first time.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}
