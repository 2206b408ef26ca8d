using System.Text;
using Microblog.Remote;

namespace Microblog.Omb.Discovery;

/// <summary>Finds the XRDS document of an address by the YADIS flow (OMB reference 3.1; OMB-100).</summary>
internal sealed class YadisFetcher(RemoteClient remote, Func<string, bool> isLocal)
{
    /// <summary>XRDS comes first and bare, since OpenMicroBlogger recognises it in no other form (Q6).</summary>
    private const string Accept = "application/xrds+xml, application/xhtml+xml;q=0.5, text/html;q=0.3";

    /// <summary>Fetches the page, and the document that it names unless it is one itself.</summary>
    /// <param name="address">Absolute; the fragment is not sent.</param>
    /// <param name="budget">Charged for every request.</param>
    public async ValueTask<YadisResult> FetchAsync(Uri address, FetchBudget budget, CancellationToken cancellationToken)
    {
        var answer = await GetAsync(address, budget, cancellationToken).ConfigureAwait(false);
        if (answer is not YadisAnswer.Page page)
            return ((YadisAnswer.None)answer).Why;
        if (page.MediaType == XrdsTypes.MediaType)
            return Parse(page, page, fragment: null);
        if (FindLocation(page) is not { } location)
            return Mislabelled(page);
        if (!Uri.TryCreate(page.Uri, location, out var target))
            return Fail(DiscoveryFailure.BadDocument, $"{page.Uri.Host} names an XRDS document by an address that cannot be read.");
        if (page.Uri.Scheme == Uri.UriSchemeHttps && target.Scheme == Uri.UriSchemeHttp)
            return Fail(DiscoveryFailure.Downgrade, $"{page.Uri.Host} is reached by https but names an XRDS document at http.");

        answer = await GetAsync(target, budget, cancellationToken).ConfigureAwait(false);
        return answer is YadisAnswer.Page document
            ? Parse(page, document, target.Fragment.TrimStart('#'))
            : ((YadisAnswer.None)answer).Why;
    }

    private async ValueTask<YadisAnswer> GetAsync(Uri address, FetchBudget budget, CancellationToken cancellationToken)
    {
        var local = isLocal(address.AbsoluteUri);
        if (!local)
        {
            var result = await remote.SendAsync(
                RemoteRequest.Get(address, Accept) with
                {
                    Budget = budget,
                    MaxBytes = XrdsParser.MaxBytes,
                    MayFollow = (_, to) => !(local |= isLocal(to.AbsoluteUri)),
                },
                cancellationToken).ConfigureAwait(false);

            if (result is RemoteResult.Answered { Status: 200 or 206 } ok)
                return new YadisAnswer.Page(ok);
            if (result is RemoteResult.Answered answered)
                return new YadisAnswer.None(Fail(DiscoveryFailure.BadStatus, $"{address.Host} answered with status {answered.Status}."));
            if (!local && result is RemoteResult.Failed failed)
            {
                return new YadisAnswer.None(failed.Reason == RemoteFailure.Downgrade
                    ? Fail(DiscoveryFailure.Downgrade, $"{address.Host} leads from https to http.")
                    : Fail(DiscoveryFailure.Unreachable, $"{address.Host} could not be read: {failed.Detail}."));
            }
        }

        return new YadisAnswer.None(Fail(DiscoveryFailure.Local, "The address leads to this very site."));
    }

    private static string? FindLocation(YadisAnswer.Page page)
    {
        var location = page.Header("X-XRDS-Location") ?? page.Header("X-YADIS-Location");
        if (location is null && page.MediaType is not ("text/xml" or "application/xml"))
            location = HtmlHead.FindLocation(Encoding.UTF8.GetString(page.Body.Span));
        return location;
    }

    // Some services call their document text/xml (Q9). A page that is no XRDS is not reproached for its XML.
    private static YadisResult Mislabelled(YadisAnswer.Page page) =>
        XrdsParser.Parse(page.Body) is XrdsParsing.Parsed parsed
            ? new YadisResult.Found(parsed.Document, page.Uri, page.Uri, "")
            : Fail(DiscoveryFailure.NoDocument, $"{page.Uri} does not say where its XRDS document is, so nobody can be subscribed there by OpenMicroBlogging.");

    private static YadisResult Parse(YadisAnswer.Page page, YadisAnswer.Page document, string? fragment) => XrdsParser.Parse(document.Body) switch
    {
        XrdsParsing.Parsed parsed => new YadisResult.Found(parsed.Document, document.Uri, page.Uri, fragment ?? ""),
        XrdsParsing.Refused refused => Fail(DiscoveryFailure.BadDocument, $"The document at {document.Uri} cannot be used: {refused.Detail}."),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static YadisResult.None Fail(DiscoveryFailure reason, string detail) => new(new DiscoveryResult.Failed(reason, detail));

    private abstract record YadisAnswer
    {
        public sealed record Page(Uri Uri, string MediaType, ReadOnlyMemory<byte> Body, RemoteResult.Answered Answer) : YadisAnswer
        {
            public Page(RemoteResult.Answered answer)
                : this(answer.FinalUri, answer.MediaType, answer.Body, answer)
            {
            }

            public string? Header(string name) => Answer.Header(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
        }

        public sealed record None(YadisResult.None Why) : YadisAnswer;
    }
}

/// <summary>What the YADIS flow found.</summary>
internal abstract record YadisResult
{
    private YadisResult()
    {
    }

    /// <param name="Document">The document.</param>
    /// <param name="DocumentUri">Where it came from.</param>
    /// <param name="PageUri">Where the page's redirects ended.</param>
    /// <param name="Fragment">The fragment by which the page named it, without <c>#</c>; empty without one.</param>
    public sealed record Found(XrdsDocument Document, Uri DocumentUri, Uri PageUri, string Fragment) : YadisResult;

    /// <summary>Nothing.</summary>
    public sealed record None(DiscoveryResult.Failed Failure) : YadisResult;
}
