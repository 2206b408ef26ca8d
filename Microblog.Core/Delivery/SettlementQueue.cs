using Microblog.Scheduling;
using Microblog.Storage;

namespace Microblog.Delivery;

/// <summary>Settles lanes, several in one transaction: those that come while others are under way go together in the next.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class SettlementQueue(IMicroblogStore store, TaskStarter starter)
{
    private readonly GroupCommit<LaneSettlement, bool> queue = new(
        store,
        starter,
        // A lane whose lease ran out may be here twice, and in one settlement only once.
        (group, next) => group.Count < store.LanesPerTransaction && group.All(settlement => settlement.LaneId != next.LaneId),
        SettleAsync);

    /// <summary>Settles one lane. Not cancelled by a stop: what was sent is settled, so that it is not sent twice.</summary>
    /// <returns>Whether the lane was still held and what it gave up is recorded; also false when it gave nothing up.</returns>
    public Task<bool> SettleAsync(LaneSettlement settlement) => queue.ExecuteAsync(settlement, CancellationToken.None);

    private static async ValueTask<IReadOnlyList<bool>> SettleAsync(
        IStoreSession session, IReadOnlyList<LaneSettlement> settlements, CancellationToken cancellationToken)
    {
        await session.Deliveries.SettleAsync([.. settlements.Where(settlement => settlement.Refused.Count == 0)], cancellationToken).ConfigureAwait(false);
        var gaveUp = new bool[settlements.Count];
        for (var i = 0; i < gaveUp.Length; i++)
        {
            // Alone, because its author is told only if it was still ours.
            if (settlements[i].Refused.Count > 0)
                gaveUp[i] = await session.Deliveries.SettleAsync([settlements[i]], cancellationToken).ConfigureAwait(false) == 1;
        }

        return gaveUp;
    }
}
