using Microblog.Applications;

namespace Microblog.Pages;

/// <summary>The applications that the viewer let in, those that they registered, and a form for another.</summary>
public sealed record ApplicationsPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Applications";

    /// <summary>What the viewer let in, the last first.</summary>
    public required IReadOnlyList<AccessGrant> Grants { get; init; }

    /// <summary>What the viewer registered, newest first.</summary>
    public required IReadOnlyList<Application> Own { get; init; }

    /// <summary>What stands in the form; after a refusal what was typed.</summary>
    public ApplicationDetails Typed { get; init; } = new() { Name = "" };

    /// <summary>Why it was not registered; empty for no problem.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}

/// <summary>An application of the viewer's own: what it signs with, and a form to change it.</summary>
public sealed record ApplicationPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Your application";

    /// <inheritdoc/>
    public override bool ShowsSecret => true;

    /// <summary>The application and its secret.</summary>
    public required RegisteredApplication Application { get; init; }

    /// <summary>What stands in the form; after a refusal what was typed.</summary>
    public required ApplicationDetails Typed { get; init; }

    /// <summary>Where programs begin, an address.</summary>
    public required string Root { get; init; }

    /// <summary>Whether it has just been saved.</summary>
    public bool IsSaved { get; init; }

    /// <summary>Why it was not saved; empty for no problem.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}

/// <summary>The viewer's application passwords, and a form for another.</summary>
public sealed record PasswordsPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Application passwords";

    /// <inheritdoc/>
    public override bool ShowsSecret => Password.Length > 0;

    /// <summary>The viewer's, newest first.</summary>
    public required IReadOnlyList<ApplicationPassword> Passwords { get; init; }

    /// <summary>Where programs begin, an address.</summary>
    public required string Root { get; init; }

    /// <summary>The one that has just been made, shown this once; empty for none.</summary>
    public string Password { get; init; } = "";

    /// <summary>Why none was made; empty for no problem.</summary>
    public string Problem { get; init; } = "";

    /// <inheritdoc/>
    public override string Objection => Problem;
}

/// <summary>Asks a person here whether an application may act for them.</summary>
/// <remarks>A form with the token under the name <c>oauth_token</c>, the forgery token and two buttons named <c>decision</c> with the values
/// <c>allow</c> and <c>refuse</c>.</remarks>
public sealed record AuthorizePage : Page
{
    /// <inheritdoc/>
    public override string Title => Application.IsUnregistered ? "Let an unknown program in?" : $"Let {Application.Details.Name} in?";

    /// <inheritdoc/>
    public override bool LeadsElsewhere => true;

    /// <inheritdoc/>
    public override string OtherScheme => CallbackScheme;

    /// <summary>Who asks, by their own word; of <see cref="Application.Unregistered"/> nothing is known, and the page has to say so.</summary>
    public required Application Application { get; init; }

    /// <summary>The nickname of the person here who registered it; empty when nobody did.</summary>
    public required string OwnerNickname { get; init; }

    /// <summary>The host of its homepage; empty when it has none.</summary>
    public required string HomepageHost { get; init; }

    /// <summary>The host to which the browser goes afterwards; empty when the person carries a number over instead, or a program is opened.</summary>
    public required string CallbackHost { get; init; }

    /// <summary>The scheme of the program that the device opens afterwards; empty for none.</summary>
    public string CallbackScheme { get; init; } = "";

    /// <summary>Who would let it in.</summary>
    public required Profile Person { get; init; }

    /// <summary>The request token.</summary>
    public required string Token { get; init; }

    /// <summary>The value for <see cref="Http.ForgeryTokens.Field"/>.</summary>
    public required string ForgeryToken { get; init; }

    /// <summary>Where the form is posted to: a public path of this node.</summary>
    public required string Action { get; init; }
}

/// <summary>Shows a person who agreed the number to type in at the application.</summary>
/// <param name="Verifier">The number.</param>
/// <param name="ApplicationName">The application.</param>
public sealed record PinPage(string Verifier, string ApplicationName) : Page
{
    /// <inheritdoc/>
    public override string Title => "You agreed";

    /// <inheritdoc/>
    public override bool ShowsSecret => true;
}
