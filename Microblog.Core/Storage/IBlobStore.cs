namespace Microblog.Storage;

/// <summary>Keeps bytes under their own hash. What is kept for nobody is swept away later, so the order is: the bytes first, then the row that
/// names them; and the row first when both go.</summary>
/// <remarks>Safe for many threads, and for as many processes as the store itself.</remarks>
public interface IBlobStore
{
    /// <summary>Keeps bytes. When this returns they survive a power cut, and <see cref="RemoveAsync"/> leaves them for as long as whoever sweeps waits.</summary>
    /// <param name="key">The bytes' own key. What is there already is kept as if it were written now.</param>
    /// <param name="content">The bytes; a picture, so they are in memory anyway.</param>
    /// <param name="cancellationToken">Cancels the write; nothing of it is kept then.</param>
    /// <exception cref="ArgumentException">The key is not that of the bytes.</exception>
    /// <exception cref="StoreException">The store failed.</exception>
    ValueTask WriteAsync(BlobKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Opens bytes for reading; <see langword="null"/> when they are not there.</summary>
    /// <remarks>Of bytes that are removed meanwhile the rest may be missing: then reading throws.</remarks>
    /// <exception cref="StoreException">The store failed.</exception>
    ValueTask<Stream?> OpenAsync(BlobKey key, CancellationToken cancellationToken);

    /// <summary>The keys of what was last written before a moment, in the order of their text.</summary>
    /// <param name="after">Only keys behind this one; <see langword="null"/> for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="writtenBefore">The moment.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<BlobKey>> ListAsync(BlobKey? after, int count, DateTimeOffset writtenBefore, CancellationToken cancellationToken);

    /// <summary>Removes bytes, unless they were written, or written again, since a moment.</summary>
    /// <returns>Whether they were there and are gone.</returns>
    ValueTask<bool> RemoveAsync(BlobKey key, DateTimeOffset writtenBefore, CancellationToken cancellationToken);
}
