using Microblog.Delivery;
using Microblog.Federation;
using Microblog.Remote;
using Microblog.Storage;

namespace Microblog.Media;

/// <summary>Has remote people's pictures fetched in the background, bounded by host, riding on the delivery queue (OMB-68).</summary>
/// <remarks>A picture that is not what it should be is left out, and one is drawn; a host that does not answer is asked again as a delivery would be.</remarks>
public sealed class AvatarKeeper : ILaneProtocol
{
    private const int PerHost = 100;
    private readonly AvatarFetcher fetcher;
    private readonly IMicroblogStore store;

    internal AvatarKeeper(AvatarFetcher fetcher, IMicroblogStore store) => (this.fetcher, this.store) = (fetcher, store);

    /// <inheritdoc/>
    public string Name => "avatar";

    /// <summary>To be called where a remote profile has come in, in the same transaction: forgets the old picture and has the new one fetched.</summary>
    public async ValueTask RefreshAsync(IStoreSession session, Profile profile, CancellationToken cancellationToken)
    {
        await session.Avatars.SetAsync(profile.Id, null, cancellationToken).ConfigureAwait(false);
        if (WebAddress.HostOf(profile.AvatarUrl) is not { Length: > 0 } host)
            return;
        await session.Deliveries.EnqueueForAsync(
            new Lane(profile.Id, Name, host, host),
            new DeliveryEvent { Author = profile.Id, Kind = DeliveryEventKind.Lookup, Data = profile.AvatarUrl },
            PerHost,
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeliveryOutcome>> SendAsync(LeasedLane lane, CancellationToken cancellationToken) =>
        LaneBatch.SendInOrderAsync(
            lane,
            (item, ct) => FetchAsync(item.Author, item.Data, ct),
            cancellationToken);

    private async ValueTask<DeliveryOutcome> FetchAsync(ProfileId person, string address, CancellationToken cancellationToken)
    {
        var result = await fetcher.AskAsync(address, cancellationToken).ConfigureAwait(false);
        // A host that does not answer is failing, and leaves the slots of the living.
        if (result is RemoteResult.Failed { Reason: RemoteFailure.TimedOut or RemoteFailure.ConnectionFailed } silent)
            return new DeliveryOutcome.TryAgain(silent.Detail, null, IsDestinationFailing: true);
        if (!AvatarFetcher.Read(result).IsDone(out var avatar, out _))
            return DeliveryOutcome.Delivered;
        await store.ExecuteAsync<bool>(
            async (session, ct) =>
            {
                // Another address may have come meanwhile, or none.
                if (await session.Profiles.FindAsync(person, ct).ConfigureAwait(false) is { } profile && profile.AvatarUrl == address)
                    await session.Avatars.SetAsync(person, avatar, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return DeliveryOutcome.Delivered;
    }
}
