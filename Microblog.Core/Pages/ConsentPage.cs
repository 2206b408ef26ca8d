namespace Microblog.Pages;

/// <summary>Asks a person here whether somebody of another service may send notices (openmicroblogging.md §5; OMB-31, OMB-42).</summary>
/// <remarks>A form with <see cref="Fields"/>, the forgery token and two buttons named <c>decision</c> with the values
/// <c>allow</c> and <c>refuse</c>.</remarks>
public sealed record ConsentPage : Page
{
    /// <inheritdoc/>
    public override string Title => $"Subscribe to {Listenee.Address}?";

    /// <inheritdoc/>
    public override bool LeadsElsewhere => true;

    /// <summary>The key under which the other service asks.</summary>
    public required string ConsumerKey { get; init; }

    /// <summary>The host that the key names; empty when it names none.</summary>
    public required string ConsumerHost { get; init; }

    /// <summary>Who would be heard, by the other service's word.</summary>
    public required ConsentListenee Listenee { get; init; }

    /// <summary>The host of the listenee's identifier; empty when it has none.</summary>
    public required string IdentifierHost { get; init; }

    /// <summary>The host to which the browser goes afterwards; empty when there is no callback.</summary>
    public required string CallbackHost { get; init; }

    /// <summary>Whether these hosts are not all the same, which the page then says loudly.</summary>
    public required bool HostsDiffer { get; init; }

    /// <summary>Whether the protocol cannot tell that the person who decides is the one who began; the page then asks for care.</summary>
    public bool CannotTellWhoBegan { get; init; }

    /// <summary>Hidden fields of the form, as names and values.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; }

    /// <summary>The value for <see cref="Http.ForgeryTokens.Field"/>.</summary>
    public required string ForgeryToken { get; init; }

    /// <summary>Where the form is posted to: a public path of this node.</summary>
    public required string Action { get; init; }
}

/// <summary>What another service says about the person to be heard. Plain text, nothing of it checked.</summary>
public sealed record ConsentListenee
{
    /// <summary>The nickname there.</summary>
    public required string Nickname { get; init; }

    /// <summary><c>nick@host</c> (OMB-42).</summary>
    public required string Address { get; init; }

    /// <summary>The full name; empty when there is none.</summary>
    public string FullName { get; init; } = "";

    /// <summary>The bio; empty when there is none.</summary>
    public string Bio { get; init; } = "";

    /// <summary>The location; empty when there is none.</summary>
    public string Location { get; init; } = "";

    /// <summary>The homepage; empty when there is none. Shown as text.</summary>
    public string Homepage { get; init; } = "";

    /// <summary>The profile's address.</summary>
    public required string ProfileUrl { get; init; }

    /// <summary>Whether <see cref="ProfileUrl"/> may be a link: its XRDS names the identifier.</summary>
    public required bool IsProfileUrlProven { get; init; }

    /// <summary>The licence of the notices, an address.</summary>
    public required string License { get; init; }
}
