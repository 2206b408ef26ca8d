using System.Collections.Immutable;

namespace Microblog.Storage.InMemory;

internal sealed class InMemoryBlobs(TimeProvider clock, InMemoryBlobs? killed = null) : IBlobStore
{
    private readonly Lock gate = new();
    private ImmutableSortedDictionary<string, (ReadOnlyMemory<byte> Content, DateTimeOffset WrittenAt)> blobs =
        killed?.blobs ?? ImmutableSortedDictionary.Create<string, (ReadOnlyMemory<byte> Content, DateTimeOffset WrittenAt)>(StringComparer.Ordinal);

    public ValueTask WriteAsync(BlobKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (BlobKey.Of(content.Span) != key)
            throw new ArgumentException("The key is not that of the bytes.", nameof(key));
        lock (gate)
            blobs = blobs.SetItem(key.Value, (content.ToArray(), clock.GetUtcNow()));
        return ValueTask.CompletedTask;
    }

    public ValueTask<Stream?> OpenAsync(BlobKey key, CancellationToken cancellationToken) =>
        new(blobs.TryGetValue(key.Value, out var blob) ? new MemoryStream(blob.Content.ToArray(), writable: false) : null);

    public ValueTask<IReadOnlyList<BlobKey>> ListAsync(BlobKey? after, int count, DateTimeOffset writtenBefore, CancellationToken cancellationToken) =>
        new([.. blobs.Where(pair => pair.Value.WrittenAt < writtenBefore && string.CompareOrdinal(pair.Key, after?.Value) > 0)
            .Take(count).Select(pair => BlobKey.Parse(pair.Key))]);

    public ValueTask<bool> RemoveAsync(BlobKey key, DateTimeOffset writtenBefore, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!blobs.TryGetValue(key.Value, out var blob) || blob.WrittenAt >= writtenBefore)
                return new(false);
            blobs = blobs.Remove(key.Value);
            return new(true);
        }
    }
}
