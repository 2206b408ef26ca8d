namespace Microblog.Pages;

/// <summary>Lets a visitor from another service say where he is at home, to hear somebody of this node there.</summary>
public sealed record RemoteSubscribePage : Page
{
    /// <summary>The name of the field in which the visitor's profile address is typed.</summary>
    public const string AddressField = "profile";

    /// <inheritdoc/>
    public override string Title => $"Subscribe to {Publisher.Nickname}";

    /// <inheritdoc/>
    public override bool LeadsElsewhere => true;

    /// <summary>Who would be heard.</summary>
    public required Profile Publisher { get; init; }

    /// <summary>Where the form is posted to: a public path of this node.</summary>
    public required string Action { get; init; }

    /// <summary>The value for <see cref="Http.ForgeryTokens.Field"/>.</summary>
    public required string ForgeryToken { get; init; }

    /// <summary>What the visitor typed before.</summary>
    public string TypedAddress { get; init; } = "";

    /// <summary>What went wrong with it; empty the first time.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}
