using Microblog.Diagnostics;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Search;

/// <summary>Says when new notices are not found.</summary>
internal sealed class SearchCheck(IMicroblogStore store, TimeProvider clock, IOptions<MicroblogOptions> options) : INodeCheck
{
    public string Name => "search";

    public async ValueTask<Finding> CheckAsync(CancellationToken cancellationToken)
    {
        var state = await store.ReadAsync(Freshness.MayLag, (session, ct) => session.Search.MeasureAsync(ct), cancellationToken).ConfigureAwait(false);
        if (state.WaitingSince is { } since && clock.GetUtcNow() - since > options.Value.Delivery.LateAfter)
        {
            return new Finding(
                Severity.Warning,
                $"Notices since {since:u} are not found by search yet. Look whether a process of the node runs, what its log says of search, and whether the store is slow.");
        }

        return new Finding(
            Severity.Good,
            state.OlderThan is { } older ? $"New notices are found; of those from before the upgrade all since {older:u}, and the rest follows." : "Every notice is found.");
    }
}
