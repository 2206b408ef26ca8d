using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microblog.Omb.Discovery;
using Microblog.Remote;
using Microblog.Text;

namespace Microblog.Cli.Doctor;

/// <summary>Finds somebody to discover: whom the operator names, or whoever has written on the node's first page.</summary>
internal sealed partial class PersonFinder(Patient patient)
{
    private const int MaxTries = 5;

    /// <param name="named">A nickname or an address; <see langword="null"/> to look around.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Uri?> FindAsync(string? named, CancellationToken cancellationToken)
    {
        if (named is not null)
            return Uri.TryCreate(named, UriKind.Absolute, out var address) && patient.Has(named) ? address : patient.At("/" + Uri.EscapeDataString(named));
        var page = await patient.SendAsync(RemoteRequest.Get(patient.Base, "text/html"), cancellationToken);
        if (page is not RemoteResult.Answered { Status: 200 } answer)
            return null;
        foreach (var candidate in Candidates(Encoding.UTF8.GetString(answer.Body.Span)).Take(MaxTries))
        {
            if (await IsPersonAsync(candidate, cancellationToken))
                return candidate;
        }

        return null;
    }

    private IEnumerable<Uri> Candidates(string html) => Links().Matches(html)
        .Select(match => WebUtility.HtmlDecode(match.Groups["link"].Value))
        .Where(link => Uri.TryCreate(patient.Base, link, out _))
        .Select(link => new Uri(patient.Base, link))
        .Where(uri => patient.Has(uri.AbsoluteUri) && uri.Query.Length == 0 && IsNickname(uri.AbsolutePath))
        .Distinct();

    private bool IsNickname(string path) =>
        path.Length > patient.Base.AbsolutePath.Length
        && path[patient.Base.AbsolutePath.Length..] is var name && Nickname.TryParse(name, out var nickname, out _) && nickname == name;

    // Any of the three ways will do: which of them are broken is looked at next.
    private async ValueTask<bool> IsPersonAsync(Uri address, CancellationToken cancellationToken) =>
        await patient.GetAsync(address, "text/html", cancellationToken) is RemoteResult.Answered { Status: 200 } page
        && (page.Header(DiscoveryExam.HeaderName) is not null
            || HtmlHead.FindLocation(Encoding.UTF8.GetString(page.Body.Span)) is not null
            || await patient.GetAsync(address, XrdsTypes.MediaType, cancellationToken) is RemoteResult.Answered { MediaType: XrdsTypes.MediaType });

    [GeneratedRegex("href=\"(?<link>[^\"]{1,2048})\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Links();
}
