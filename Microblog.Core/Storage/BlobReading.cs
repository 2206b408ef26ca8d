namespace Microblog.Storage;

/// <summary>Reads bytes whole, where they are needed whole.</summary>
internal static class BlobReading
{
    /// <summary>All bytes under a key; <see langword="null"/> when they are not there.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(this IBlobStore blobs, BlobKey key, CancellationToken cancellationToken)
    {
        var stream = await blobs.OpenAsync(key, cancellationToken).ConfigureAwait(false);
        if (stream is null)
            return null;
        await using var closing = stream.ConfigureAwait(false);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
        return content.ToArray();
    }
}
