using Microblog.Remote;
using Microblog.Scheduling;

namespace Microblog.Omb.Discovery;

/// <summary>From a profile URL to the identifier and endpoints of the person behind it (OMB reference 3; OMB-100 to OMB-106, OMB-126).</summary>
/// <param name="remote">The door out.</param>
/// <param name="clock">Limits the whole discovery to 20 seconds.</param>
/// <param name="random">Chooses among services of equal priority.</param>
/// <param name="isLocal">Whether an address or identifier is, or was, one of this node's own.</param>
internal sealed class ProfileDiscovery(RemoteClient remote, TimeProvider clock, RandomSource random, Func<string, bool> isLocal)
{
    /// <summary>Requests for one profile, redirects included: page, document, two pointers, and all that again for the identifier.</summary>
    private const int MaxRequests = 20;

    private const long MaxBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);

    private readonly YadisFetcher _fetcher = new(remote, isLocal);

    /// <summary>Discovers the profile, and proves its identifier where that can be asked.</summary>
    /// <param name="profileUrl">What a person typed: http or https; the fragment is ignored.</param>
    public async ValueTask<DiscoveryResult> DiscoverAsync(string profileUrl, CancellationToken cancellationToken)
    {
        if (!WebAddress.IsValid(profileUrl.Trim()))
            return new DiscoveryResult.Failed(DiscoveryFailure.NotAnAddress, "A profile address begins with http:// or https://.");

        var address = WithoutFragment(new Uri(profileUrl.Trim()));
        using var limit = new CancellationTokenSource(TimeLimit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var budget = new FetchBudget(MaxRequests, MaxBytes);
            return await DiscoverAsync(address, budget, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new DiscoveryResult.Failed(
                DiscoveryFailure.Unreachable, $"{address.Host} needed longer than {TimeLimit.TotalSeconds} seconds altogether.");
        }
    }

    private async ValueTask<DiscoveryResult> DiscoverAsync(Uri profileUrl, FetchBudget budget, CancellationToken cancellationToken)
    {
        var first = await ReadAsync(profileUrl, budget, ByChance, cancellationToken).ConfigureAwait(false);
        if (first is not Reading.Read(var endpoints, var pageUri))
            return ((Reading.Failed)first).Failure;
        if (isLocal(endpoints.Identifier) || endpoints.Addresses.Any(isLocal))
            return new DiscoveryResult.Failed(DiscoveryFailure.Local, "The profile names an identifier or endpoints of this very site.");

        if (!WebAddress.IsValid(endpoints.Identifier))
            return new DiscoveryResult.Found(endpoints, profileUrl, IdentifierProven: false);

        var identifier = new Uri(endpoints.Identifier);

        // The document came from the identifier's own address, at once or after redirects.
        if (identifier.AbsoluteUri == profileUrl.AbsoluteUri || identifier.AbsoluteUri == pageUri.AbsoluteUri)
            return new DiscoveryResult.Found(endpoints, profileUrl, IdentifierProven: true);

        return await ProveAsync(endpoints, identifier, budget, cancellationToken).ConfigureAwait(false) is { } failed
            ? failed
            : new DiscoveryResult.Found(endpoints, profileUrl, IdentifierProven: true);
    }

    /// <summary>Asks the identifier itself, because the author of a page may write a stranger's into it (OMB-126).</summary>
    private async ValueTask<DiscoveryResult.Failed?> ProveAsync(
        OmbEndpoints claimed, Uri identifier, FetchBudget budget, CancellationToken cancellationToken)
    {
        // Chance may fall on another of several equals this time, which would prove nothing.
        var expected = claimed.Addresses.Append(claimed.Identifier).ToHashSet(StringComparer.Ordinal);
        var second = await ReadAsync(
            WithoutFragment(identifier), budget, equals => equals.FirstOrDefault(expected.Contains) ?? equals[0], cancellationToken).ConfigureAwait(false);
        return second switch
        {
            Reading.Read(var endpoints, _) when endpoints == claimed => null,
            Reading.Failed { Failure.Reason: DiscoveryFailure.Local } local => local.Failure,
            Reading.Failed failed => new DiscoveryResult.Failed(DiscoveryFailure.IdentifierNotProven,
                $"The profile names {claimed.Identifier} as its owner, which could not be confirmed there: {failed.Failure.Detail}"),
            _ => new DiscoveryResult.Failed(DiscoveryFailure.IdentifierNotProven,
                $"The profile names {claimed.Identifier} as its owner, but that address leads to another identifier or other endpoints."),
        };
    }

    private async ValueTask<Reading> ReadAsync(
        Uri address, FetchBudget budget, Func<IReadOnlyList<string>, string> choose, CancellationToken cancellationToken)
    {
        var yadis = await _fetcher.FetchAsync(address, budget, cancellationToken).ConfigureAwait(false);
        if (yadis is not YadisResult.Found found)
            return new Reading.Failed(((YadisResult.None)yadis).Failure);

        var reading = await new EndpointReader(_fetcher, budget).ReadAsync(found, choose, cancellationToken).ConfigureAwait(false);
        return reading is EndpointReading.Read read
            ? new Reading.Read(read.Endpoints, found.PageUri)
            : new Reading.Failed(((EndpointReading.None)reading).Failure);
    }

    private string ByChance(IReadOnlyList<string> equals) => equals.Count == 1 ? equals[0] : equals[random.Next(equals.Count)];

    private static Uri WithoutFragment(Uri uri) => uri.Fragment.Length == 0 ? uri : new Uri(uri.GetLeftPart(UriPartial.Query));

    private abstract record Reading
    {
        public sealed record Read(OmbEndpoints Endpoints, Uri PageUri) : Reading;

        public sealed record Failed(DiscoveryResult.Failed Failure) : Reading;
    }
}
