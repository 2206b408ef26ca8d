namespace Microblog.Storage.Moving;

/// <summary>A database that is being filled.</summary>
/// <remarks>The rows themselves say how far a copy got: they come in the order of their key, and each batch is one durable transaction.
/// So whatever instant it is killed at, it goes on behind the last key that is there, and no row is lost or there twice.</remarks>
public interface ICopyTarget : IAsyncDisposable
{
    /// <inheritdoc cref="ICopySource.Tables"/>
    IReadOnlyList<NodeTable> Tables { get; }

    /// <inheritdoc cref="ICopySource.Blobs"/>
    IBlobStore Blobs { get; }

    /// <summary>Marks the database as half a copy of a source, so that no node starts on it.</summary>
    /// <returns>Whether this goes on with a copy that was begun before.</returns>
    /// <exception cref="StoreException">It is half a copy of something else, or there are rows and no copy was begun.</exception>
    ValueTask<bool> BeginAsync(string source, CancellationToken cancellationToken);

    /// <summary>How many rows a table has.</summary>
    ValueTask<long> CountAsync(NodeTable table, CancellationToken cancellationToken);

    /// <summary>The key of the last row, in the order of <see cref="ICopySource.ReadAsync"/>; <see langword="null"/> when there is none.</summary>
    ValueTask<IReadOnlyList<object>?> FindLastKeyAsync(NodeTable table, CancellationToken cancellationToken);

    /// <summary>Adds rows in one durable transaction.</summary>
    /// <param name="table">The source's description of the table: its columns are in the order of the rows' values.</param>
    /// <param name="rows">Rows that are not there yet.</param>
    ValueTask WriteAsync(NodeTable table, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken);

    /// <summary>Has the counters go on behind these numbers, makes what is derived from rows, and takes the mark away; all in one transaction.</summary>
    ValueTask CompleteAsync(IReadOnlyDictionary<string, long> lastNumbers, CancellationToken cancellationToken);
}
