namespace Microblog.Storage;

/// <summary>The only door to durable state.</summary>
/// <remarks>
/// <para>A transaction is a function. The caller hands the work over; the store decides when it runs and when it commits, may take it
/// back and run it again, and may commit several callers' work together. So the work awaits nothing but methods of its
/// session, has no effect outside, and ids and secrets are made before it. One caller's exception undoes that caller's work only.</para>
/// <para>Isolation is read committed plus constraints. When a write returns, it survives a crash and a power cut.</para>
/// <para>Everything here is safe for many threads; a session is not, and ends with its work.</para>
/// </remarks>
public interface IMicroblogStore
{
    /// <summary>Draws the numbers of new rows. Available once the store has started.</summary>
    IdSource Ids { get; }

    /// <summary>How many lanes one lease or one settlement should carry: few where all writers share one lock, for everybody else's
    /// write waits for those that are before it.</summary>
    int LanesPerTransaction { get; }

    /// <summary>The bytes of attachments, beside the rows and in no transaction with them. Available once the store has started.</summary>
    IBlobStore Blobs { get; }

    /// <summary>Creates or upgrades the schema. Idempotent; called once before anything else.</summary>
    /// <exception cref="StoreException">The database is newer than this code, or cannot be opened; the message says what to do.</exception>
    ValueTask StartAsync(CancellationToken cancellationToken);

    /// <summary>Runs work that writes and commits it.</summary>
    /// <param name="work">What to do. An exception thrown by it rolls its effects back and is passed on.</param>
    /// <param name="cancellationToken">Stops the waiting before the work has begun; from then on it is not looked at, so that
    /// a caller who gave up never wonders whether the write happened.</param>
    /// <exception cref="StoreException">The database failed. With <see cref="StoreException.IsOutcomeUnknown"/> the commit may or may not
    /// have happened: look up by id before doing it again.</exception>
    ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken);

    /// <summary>Runs work that only reads, on one snapshot.</summary>
    ValueTask<T> ReadAsync<T>(Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken);

    /// <summary>A number that differs from an earlier one if anything was written in between, by whatever process. Whoever asked before a read, and gets
    /// the same number again, need not read again; it may differ without a reason.</summary>
    /// <remarks>What a read leaves out because of the time or of <see cref="IdSource.Horizon"/> comes without a write, and so without another number.</remarks>
    /// <returns><see langword="null"/>, the default, where finding out costs as much as reading, where a replica that lags may answer the read, and while
    /// the database cannot be asked.</returns>
    ValueTask<long?> StampAsync(CancellationToken cancellationToken) => new((long?)null);
}

/// <summary>How new a read has to be.</summary>
public enum Freshness
{
    /// <summary>Everything acknowledged before is visible.</summary>
    Latest,

    /// <summary>A replica that lags may answer.</summary>
    MayLag,
}
