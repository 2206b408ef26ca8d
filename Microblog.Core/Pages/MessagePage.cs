namespace Microblog.Pages;

/// <summary>A page that says one thing: that something was done, or why it was not.</summary>
/// <param name="Heading">In a few words.</param>
/// <param name="Message">What happened and what the person can do now.</param>
/// <param name="Status">The HTTP status it is answered with; from 400 on it is shown as a problem.</param>
public sealed record MessagePage(string Heading, string Message, int Status = 200) : Page
{
    /// <inheritdoc/>
    public override string Title => Heading;

    /// <inheritdoc/>
    public override string Objection => Status >= 400 ? Message : "";
}
