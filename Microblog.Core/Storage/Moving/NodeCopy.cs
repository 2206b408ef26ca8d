namespace Microblog.Storage.Moving;

/// <summary>Copies a whole node from one database into another, of the same or another kind.</summary>
/// <remarks>Killed or cancelled at any instant it goes on where it was when it is called again. Memory is bounded by the batch.</remarks>
public sealed class NodeCopy
{
    /// <summary>Rows per transaction.</summary>
    private const int BatchRows = 5_000;

    /// <summary>About how much of rows is held at once, in bytes; a single row may be larger.</summary>
    private const int BatchBytes = 4 * 1024 * 1024;

    private readonly ICopySource source;
    private readonly ICopyTarget target;
    private readonly IProgress<CopyProgress>? progress;
    private readonly Dictionary<string, long> counts = [];
    private long copied;

    private NodeCopy(ICopySource source, ICopyTarget target, IProgress<CopyProgress>? progress)
    {
        this.source = source;
        this.target = target;
        this.progress = progress;
    }

    /// <summary>Copies, or goes on copying, until the target has everything and a node may start on it.</summary>
    /// <param name="from">The source. It is not changed.</param>
    /// <param name="to">The target: empty, or the unfinished copy of this very source.</param>
    /// <param name="progress">Hears of every batch, on the thread that copies.</param>
    /// <param name="cancellationToken">Stops between two batches, or while one is being read.</param>
    /// <returns>How many rows the target has.</returns>
    /// <exception cref="StoreException">Either database refuses, or they do not fit; the message says what to do.</exception>
    public static async ValueTask<long> RunAsync(
        INodeDatabase from, INodeDatabase to, IProgress<CopyProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var opened = await from.OpenSourceAsync(cancellationToken).ConfigureAwait(false);
        await using var keepSource = opened.ConfigureAwait(false);
        var empty = await to.OpenTargetAsync(cancellationToken).ConfigureAwait(false);
        await using var keepTarget = empty.ConfigureAwait(false);
        var copy = new NodeCopy(opened, empty, progress);
        copy.Compare();
        await copy.RunAsync(cancellationToken).ConfigureAwait(false);
        return copy.copied;
    }

    // Every kind of store counts its versions by itself, so the tables are compared, not the versions.
    private void Compare()
    {
        foreach (var name in source.Tables.Concat(target.Tables).Select(table => table.Name).Distinct())
        {
            var (here, there) = (Find(source.Tables, name), Find(target.Tables, name));
            if (here is null || there is null || !here.Fits(there))
            {
                throw new StoreException(
                    $"The table “{name}” is not the same in both databases, so nothing was copied. "
                    + "Tables of your own must not carry the node's prefix; otherwise the two stores are of different releases of Microblog.");
            }
        }
    }

    private static NodeTable? Find(IReadOnlyList<NodeTable> tables, string name) => tables.FirstOrDefault(table => table.Name == name);

    private async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        var isResumed = await target.BeginAsync(source.Identity, cancellationToken).ConfigureAwait(false);
        foreach (var table in source.Tables)
        {
            counts[table.Name] = await source.CountAsync(table, cancellationToken).ConfigureAwait(false);
            copied += isResumed ? await target.CountAsync(table, cancellationToken).ConfigureAwait(false) : 0;
        }

        foreach (var table in source.Tables)
            await CopyAsync(table, isResumed, cancellationToken).ConfigureAwait(false);
        await CopyBlobsAsync(cancellationToken).ConfigureAwait(false);
        await VerifyAsync(cancellationToken).ConfigureAwait(false);
        var lastNumbers = await source.ReadLastNumbersAsync(cancellationToken).ConfigureAwait(false);
        await target.CompleteAsync(lastNumbers, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CopyAsync(NodeTable table, bool isResumed, CancellationToken cancellationToken)
    {
        Report(table);
        var after = isResumed ? await target.FindLastKeyAsync(table, cancellationToken).ConfigureAwait(false) : null;
        var batch = new List<object?[]>();
        long bytes = 0;
        await foreach (var row in source.ReadAsync(table, after, cancellationToken).ConfigureAwait(false))
        {
            batch.Add(row);
            bytes += SizeOf(row);
            if (batch.Count >= BatchRows || bytes >= BatchBytes)
            {
                await WriteAsync(table, batch, cancellationToken).ConfigureAwait(false);
                bytes = 0;
            }
        }

        if (batch.Count > 0)
            await WriteAsync(table, batch, cancellationToken).ConfigureAwait(false);
    }

    // Before the target is one that a node starts on, so that no row is there without its bytes. Each is checked against its key.
    private async ValueTask CopyBlobsAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<BlobKey> page = [];
        do
        {
            page = await source.Blobs.ListAsync(page.Count == 0 ? null : page[^1], BatchRows, DateTimeOffset.MaxValue, cancellationToken).ConfigureAwait(false);
            foreach (var key in page)
                await CopyAsync(key, cancellationToken).ConfigureAwait(false);
        }
        while (page.Count == BatchRows);
    }

    private async ValueTask CopyAsync(BlobKey key, CancellationToken cancellationToken)
    {
        var there = await target.Blobs.OpenAsync(key, cancellationToken).ConfigureAwait(false);
        if (there is not null)
        {
            await there.DisposeAsync().ConfigureAwait(false);
            return;
        }

        if (await source.Blobs.ReadAsync(key, cancellationToken).ConfigureAwait(false) is not { } content)
            return;
        if (BlobKey.Of(content.Span) != key)
            throw new StoreException($"The attachment {key} is damaged in the source: restore it from a backup, and copy again.");
        await target.Blobs.WriteAsync(key, content, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask WriteAsync(NodeTable table, List<object?[]> batch, CancellationToken cancellationToken)
    {
        await target.WriteAsync(table, batch, cancellationToken).ConfigureAwait(false);
        copied += batch.Count;
        batch.Clear();
        Report(table);
    }

    private async ValueTask VerifyAsync(CancellationToken cancellationToken)
    {
        foreach (var table in source.Tables)
        {
            var there = await target.CountAsync(table, cancellationToken).ConfigureAwait(false);
            if (there != counts[table.Name])
            {
                throw new StoreException(
                    $"The table “{table.Name}” has {counts[table.Name]} rows in the source and {there} in the copy. "
                    + "Something else has written to the copy: empty it and begin anew.");
            }
        }
    }

    private void Report(NodeTable table) => progress?.Report(new CopyProgress(table.Name, copied, counts.Values.Sum()));

    private static long SizeOf(object?[] row)
    {
        long size = 0;
        foreach (var value in row)
        {
            size += value switch
            {
                string text => 32 + (text.Length * sizeof(char)),
                byte[] bytes => 32 + bytes.Length,
                _ => 32,
            };
        }

        return size;
    }
}

/// <summary>How far a copy is.</summary>
/// <param name="Table">The table that is being copied.</param>
/// <param name="Rows">Rows that the target has.</param>
/// <param name="Total">Rows that it will have.</param>
public sealed record CopyProgress(string Table, long Rows, long Total);
