using Microblog.Diagnostics;
using Microblog.Http;
using Microblog.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microblog;

/// <summary>Brings the node up before the host takes requests: the schema, the keys, the addresses it had before.</summary>
internal sealed class NodeStart(IMicroblogStore store, NodeKeys keys, NodeAddresses addresses, ILogger<NodeStart> logger) : IHostedLifecycleService
{
    /// <summary>The setting with the addresses at which the node has been started, one a line, oldest first.</summary>
    public const string BaseUrisName = "base-uris";

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await store.StartAsync(cancellationToken).ConfigureAwait(false);
        await keys.StartAsync(cancellationToken).ConfigureAwait(false);
        var current = addresses.BaseUri.AbsoluteUri;
        var (known, isNew) = await store.ExecuteAsync(
            async (session, ct) =>
            {
                var before = await session.Settings.FindAsync(BaseUrisName, ct).ConfigureAwait(false) ?? "";
                var isNew = !before.Split('\n').Contains(current, StringComparer.Ordinal);
                if (isNew)
                    await session.Settings.SetAsync(BaseUrisName, before.Length == 0 ? current : before + "\n" + current, ct).ConfigureAwait(false);
                return (before, isNew);
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var former in known.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(b => b != current).Select(b => new Uri(b)))
        {
            addresses.AddFormer(former);
            if (isNew)
                logger.NodeMoved(former);
        }

        logger.NodeStarted(addresses.BaseUri);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
