using System.Globalization;
using Microblog.Storage;

namespace Microblog.Diagnostics;

/// <summary>Writes one value and measures how long it takes until it is durable.</summary>
internal sealed class StoreCheck(IMicroblogStore store, TimeProvider clock) : INodeCheck
{
    private const string SettingName = "checked-at";
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    public string Name => "store";

    public async ValueTask<Finding> CheckAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        try
        {
            await store.ExecuteAsync(
                async (session, ct) =>
                {
                    await session.Settings.SetAsync(SettingName, clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture), ct).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            return new Finding(
                Severity.Failure,
                $"A write failed: {e.Message} Nothing can be posted or received. Look whether the disk is full or read-only, and whether the file belongs to this process.");
        }

        var took = clock.GetElapsedTime(started);
        return took > Slow
            ? new Finding(Severity.Warning, $"A write took {took.TotalMilliseconds:0} ms. The disk is slow or busy; everything that is posted or received waits for it.")
            : new Finding(Severity.Good, $"A write took {took.TotalMilliseconds:0.0} ms.");
    }
}
