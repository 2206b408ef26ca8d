using Microblog.Remote;

namespace Microblog.Omb.Discovery;

/// <summary>Follows the two pointers of an XRDS document and picks the endpoints (OMB reference 3.3, 3.4).</summary>
internal sealed class EndpointReader(YadisFetcher fetcher, FetchBudget budget)
{
    private static readonly string[] PointerTypes = [XrdsTypes.OAuthDiscovery, XrdsTypes.Omb];

    /// <summary>Reads identifier and endpoints.</summary>
    /// <param name="found">The document of the profile.</param>
    /// <param name="choose">Picks one of several equals.</param>
    public async ValueTask<EndpointReading> ReadAsync(
        YadisResult.Found found, Func<IReadOnlyList<string>, string> choose, CancellationToken cancellationToken)
    {
        var pointed = new List<IReadOnlyList<XrdService>>();
        foreach (var type in PointerTypes)
        {
            switch (await FollowAsync(found, type, choose, cancellationToken).ConfigureAwait(false))
            {
                case Pointed.To to:
                    pointed.Add(to.Services);
                    break;
                case Pointed.Nowhere:
                    // Tolerance for documents without pointers: look everywhere.
                    pointed.Add(found.Document.Descriptions.SelectMany(d => d.Services).ToList());
                    break;
                case Pointed.Failed failed:
                    return new EndpointReading.None(failed.Failure);
            }
        }

        return Select(pointed[0], pointed[1], choose);
    }

    private async ValueTask<Pointed> FollowAsync(
        YadisResult.Found found, string type, Func<IReadOnlyList<string>, string> choose, CancellationToken cancellationToken)
    {
        if (found.Document.Entry(found.Fragment) is not { } entry)
            return new Pointed.Nowhere();

        var offers = ServiceSelection.Best(entry.Services, type, uri => Uri.TryCreate(found.DocumentUri, uri, out _));
        if (offers.Count == 0)
            return new Pointed.Nowhere();

        var pointer = choose([.. offers.Select(o => o.Uri)]);
        var target = new Uri(found.DocumentUri, pointer);
        var id = Uri.UnescapeDataString(target.Fragment.TrimStart('#'));
        if (pointer.StartsWith('#') || SameDocument(target, found.DocumentUri))
            return found.Document.ById(id) is { } inside ? new Pointed.To(inside.Services) : new Pointed.Nowhere();

        if (target.Scheme == Uri.UriSchemeHttp && found.DocumentUri.Scheme == Uri.UriSchemeHttps)
        {
            return new Pointed.Failed(new DiscoveryResult.Failed(
                DiscoveryFailure.Downgrade, $"The document at {found.DocumentUri} points from https to http."));
        }

        return await fetcher.FetchAsync(target, budget, cancellationToken).ConfigureAwait(false) switch
        {
            YadisResult.Found other when other.Document.Entry(id.Length > 0 ? id : other.Fragment) is { } there => new Pointed.To(there.Services),
            YadisResult.Found other => new Pointed.Failed(new DiscoveryResult.Failed(
                DiscoveryFailure.BadDocument, $"The document at {other.DocumentUri} has no part named {id}.")),
            YadisResult.None none => new Pointed.Failed(none.Failure),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static EndpointReading Select(
        IReadOnlyList<XrdService> oauth, IReadOnlyList<XrdService> omb, Func<IReadOnlyList<string>, string> choose)
    {
        var requests = ServiceSelection.Best(oauth, XrdsTypes.RequestToken, IsEndpoint);
        if (requests.Count == 0)
            return Missing("a request token endpoint");

        // One service carries both, so choose among those that do.
        var withId = requests.Where(r => r.LocalIds.Any(IsIdentifier)).ToList();
        if (withId.Count == 0)
        {
            return new EndpointReading.None(new DiscoveryResult.Failed(DiscoveryFailure.MissingIdentifier,
                "The XRDS document does not say whose profile it is: the request token service has no usable LocalID."));
        }

        var request = choose([.. withId.Select(r => r.Uri)]);
        var identifier = choose([.. withId.First(r => r.Uri == request).LocalIds.Where(IsIdentifier)]);
        if (Pick(oauth, XrdsTypes.Authorize) is not { } authorize)
            return Missing("an authorization endpoint");
        if (Pick(oauth, XrdsTypes.AccessToken) is not { } access)
            return Missing("an access token endpoint");
        if (Pick(omb, XrdsTypes.PostNotice) is not { } postNotice)
            return Missing("a postNotice endpoint");
        if (Pick(omb, XrdsTypes.UpdateProfile) is not { } updateProfile)
            return Missing("an updateProfile endpoint");

        return new EndpointReading.Read(new OmbEndpoints
        {
            Identifier = identifier,
            RequestToken = request,
            Authorize = authorize,
            AccessToken = access,
            PostNotice = postNotice,
            UpdateProfile = updateProfile,
        });

        string? Pick(IReadOnlyList<XrdService> services, string type) =>
            ServiceSelection.Best(services, type, IsEndpoint) is { Count: > 0 } offers ? choose([.. offers.Select(o => o.Uri)]) : null;
    }

    private static EndpointReading.None Missing(string what) => new(new DiscoveryResult.Failed(
        DiscoveryFailure.MissingEndpoint, $"The profile cannot be subscribed: its XRDS document does not name {what} at an http or https address."));

    private static bool IsEndpoint(string text) => WebAddress.IsValid(text);

    // An http(s) identifier must be one that can be asked (OMB-126).
    private static bool IsIdentifier(string text) =>
        ProfileUri.TryParse(text, out _)
        && (!text.StartsWith("http:", StringComparison.OrdinalIgnoreCase) && !text.StartsWith("https:", StringComparison.OrdinalIgnoreCase)
            || WebAddress.IsValid(text));

    private static bool SameDocument(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.HttpRequestUrl, UriFormat.UriEscaped, StringComparison.Ordinal) == 0;

    private abstract record Pointed
    {
        public sealed record To(IReadOnlyList<XrdService> Services) : Pointed;

        public sealed record Nowhere : Pointed;

        public sealed record Failed(DiscoveryResult.Failed Failure) : Pointed;
    }
}

/// <summary>What <see cref="EndpointReader"/> read.</summary>
internal abstract record EndpointReading
{
    private EndpointReading()
    {
    }

    /// <summary>All of them.</summary>
    public sealed record Read(OmbEndpoints Endpoints) : EndpointReading;

    /// <summary>Not all.</summary>
    public sealed record None(DiscoveryResult.Failed Failure) : EndpointReading;
}
