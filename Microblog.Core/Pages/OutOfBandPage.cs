namespace Microblog.Pages;

/// <summary>Tells a person who agreed that there is no way back by redirect, and shows the code to type in at the other service.</summary>
/// <param name="Verifier">The code; empty when the other service (OAuth 1.0) needs none.</param>
/// <param name="ConsumerHost">The other service's host, or its key.</param>
public sealed record OutOfBandPage(string Verifier, string ConsumerHost) : Page
{
    /// <inheritdoc/>
    public override string Title => "You agreed";
}
