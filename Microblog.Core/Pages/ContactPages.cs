using Microblog.Contacts;

namespace Microblog.Pages;

/// <summary>Where people bring a list of contacts along, and take one away.</summary>
public sealed record ContactsPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Your contacts";

    /// <summary>Most bytes of a list.</summary>
    public const int MaxBytes = ContactFile.MaxBytes;

    /// <summary>Most people in a list.</summary>
    public const int MaxContacts = ContactFile.MaxContacts;

    /// <summary>What was typed or pasted before.</summary>
    public string Typed { get; init; } = "";

    /// <summary>Why the list was not read; empty the first time.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}

/// <summary>A part of a list that somebody brought along: who was found, to be chosen from.</summary>
public sealed record ContactOfferPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Whom to follow";

    /// <inheritdoc/>
    public override bool LeadsElsewhere => true;

    /// <summary>Those of this part, people of this node first. Empty when all parts are done.</summary>
    public required IReadOnlyList<FoundContact> Found { get; init; }

    /// <summary>How many people the list has.</summary>
    public required int Total { get; init; }

    /// <summary>How many of them this part and those before have.</summary>
    public required int Shown { get; init; }

    /// <summary>The parts to come, to be sent along with the choice: nothing of them is kept here. Empty when there are none.</summary>
    public string Rest { get; init; } = "";

    /// <summary>What has just happened; empty for nothing.</summary>
    public string Message { get; init; } = "";

    /// <summary>Who could not be followed, and why.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
