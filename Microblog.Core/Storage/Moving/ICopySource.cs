namespace Microblog.Storage.Moving;

/// <summary>A database that stands still while it is copied.</summary>
public interface ICopySource : IAsyncDisposable
{
    /// <summary>Names this database in its present state: another one after any write to it, so that no copy is put together from two states.</summary>
    string Identity { get; }

    /// <summary>The tables, read from the database itself, so that none is forgotten; ordered by name.</summary>
    IReadOnlyList<NodeTable> Tables { get; }

    /// <summary>The bytes of the attachments.</summary>
    IBlobStore Blobs { get; }

    /// <summary>How many rows a table has.</summary>
    ValueTask<long> CountAsync(NodeTable table, CancellationToken cancellationToken);

    /// <summary>The rows in the order of their key: numbers by size, text by its UTF-8 bytes.</summary>
    /// <param name="table">One of <see cref="Tables"/>.</param>
    /// <param name="after">The values of a key: only what lies behind it is read. <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <remarks>One reading at a time, and nothing else meanwhile. Rows stream: only a few are in memory.</remarks>
    IAsyncEnumerable<object?[]> ReadAsync(NodeTable table, IReadOnlyList<object>? after, CancellationToken cancellationToken);

    /// <summary>The last number that each counter gave, by its name: that of a self-numbering table, or <c>lease</c>. Numbers are never
    /// used again, also when their rows are gone.</summary>
    ValueTask<IReadOnlyDictionary<string, long>> ReadLastNumbersAsync(CancellationToken cancellationToken);
}
