using System.Diagnostics.Metrics;
using Microblog.Diagnostics;
using Microblog.Scheduling;
using Microblog.Storage;
using Microsoft.Extensions.Logging;

namespace Microblog.Media;

/// <summary>Removes uploads that no notice took within a day, and bytes that nothing names: of deleted notices, and of uploads that ended in a crash.</summary>
/// <remarks>Any number of processes may do so at once. Bytes are removed only if they were written longer ago than a row can be under way;
/// whoever names old ones anew writes them anew, which the store tells apart.</remarks>
internal sealed class AttachmentSweeper(IMicroblogStore store, TaskStarter starter, TimeProvider clock, ILogger<AttachmentSweeper> logger) : NodeWorker(starter)
{
    /// <summary>How often it sweeps.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>How long an upload waits for its notice.</summary>
    public static readonly TimeSpan UploadLifetime = TimeSpan.FromHours(24);

    /// <summary>How long bytes may be without a row.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(2);

    private const int AtOnce = 200;

    private static readonly Counter<long> Removed = MicroblogTelemetry.Meter.CreateCounter<long>(
        "microblog.attachments.swept", "{item}", "Uploads without a notice and bytes without a name that were removed, by kind.");

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PauseAsync(Interval, clock, stoppingToken).ConfigureAwait(false);
                await SweepAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.SweepFailed(e, Interval);
            }
        }
    }

    /// <summary>Sweeps once.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var uploads = await PruneAsync(clock.GetUtcNow() - UploadLifetime, cancellationToken).ConfigureAwait(false);
        var blobs = await RemoveAsync(clock.GetUtcNow() - Grace, cancellationToken).ConfigureAwait(false);
        Removed.Add(uploads, new KeyValuePair<string, object?>("kind", "upload"));
        Removed.Add(blobs, new KeyValuePair<string, object?>("kind", "blob"));
        if (uploads + blobs > 0)
            logger.AttachmentsSwept(uploads, blobs);
    }

    private async ValueTask<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int all = 0, gone;
        do
        {
            gone = await store.ExecuteAsync((session, ct) => session.Attachments.PruneAsync(before, AtOnce, ct), cancellationToken).ConfigureAwait(false);
            all += gone;
        }
        while (gone == AtOnce);

        return all;
    }

    private async ValueTask<int> RemoveAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var removed = 0;
        IReadOnlyList<BlobKey> page = [];
        do
        {
            page = await store.Blobs.ListAsync(page.Count == 0 ? null : page[^1], AtOnce, before, cancellationToken).ConfigureAwait(false);
            var keys = page;
            var named = await store.ReadAsync(
                Freshness.Latest, (session, ct) => session.Attachments.FindNamedAsync(keys, ct), cancellationToken).ConfigureAwait(false);
            foreach (var key in keys.Except(named))
                removed += await store.Blobs.RemoveAsync(key, before, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }
        while (page.Count == AtOnce);

        return removed;
    }
}
