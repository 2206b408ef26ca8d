using Microblog.Diagnostics;
using Microblog.Remote;

namespace Microblog.Cli.Doctor;

/// <summary>The node that is looked at, by its public address.</summary>
/// <param name="Base">The public address, its path ending in a slash.</param>
/// <param name="Network">The way there.</param>
/// <param name="Clock">Our clock, which the node's is compared with.</param>
internal sealed record Patient(Uri Base, DoctorNetwork Network, TimeProvider Clock)
{
    private readonly List<string> references = [];

    /// <summary>References of refusals that nobody expected.</summary>
    public IReadOnlyList<string> References => references;

    /// <summary>An address below the base.</summary>
    /// <param name="path">Begins with a slash, escapes as they shall go out.</param>
    public Uri At(string path) => new(Base.AbsoluteUri.TrimEnd('/') + path);

    /// <summary>Whether an address lies below the base.</summary>
    public bool Has(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && Uri.Compare(uri, Base, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0
        && (uri.AbsolutePath + "/").StartsWith(Base.AbsolutePath, StringComparison.Ordinal);

    public ValueTask<RemoteResult> SendAsync(RemoteRequest request, CancellationToken cancellationToken) =>
        Network.Client.SendAsync(request, cancellationToken);

    /// <summary>A GET whose redirects are the answer.</summary>
    public ValueTask<RemoteResult> GetAsync(Uri address, string accept, CancellationToken cancellationToken) =>
        SendAsync(RemoteRequest.Get(address, accept) with { MaxRedirects = 0 }, cancellationToken);

    /// <summary>Remembers the reference of a refusal.</summary>
    /// <returns>The words for it; empty without one.</returns>
    public string Note(RemoteResult.Answered refusal)
    {
        if (refusal.Header(RefusalLog.HeaderName) is not { Length: > 0 and <= 40 } reference || !reference.All(char.IsAsciiLetterOrDigit))
            return "";
        references.Add(reference);
        return $" Reference {reference}.";
    }
}
