namespace Microblog.Storage.Moving;

/// <summary>A node's database seen from outside the node: by whoever creates, upgrades, checks or moves it.</summary>
/// <remarks>Safe for one caller at a time. Every failure is a <see cref="StoreException"/> whose message says what to do.</remarks>
public interface INodeDatabase
{
    /// <summary>What people call it: a file, or a server and a database. Never a password.</summary>
    string Name { get; }

    /// <summary>Looks at it without changing a row; may be asked while a node runs on it.</summary>
    ValueTask<DatabaseState> InspectAsync(CancellationToken cancellationToken);

    /// <summary>Reads what there is and says what the database itself finds broken, and what numbers kept of people are wrong; may be asked while a node runs on it, and takes its time.</summary>
    /// <returns>Sentences; none when all is sound, or there is no database.</returns>
    ValueTask<IReadOnlyList<string>> FindDamageAsync(CancellationToken cancellationToken);

    /// <summary>Brings the tables to the version of this code, and creates what is missing. Changes nothing when there is nothing to do.</summary>
    /// <returns>The version before, 0 where there were no tables, and after.</returns>
    /// <exception cref="StoreException">A node runs on it, a copy into it has not been finished, or it is newer than this code.</exception>
    ValueTask<(int From, int To)> UpgradeAsync(CancellationToken cancellationToken);

    /// <summary>Opens it to be copied from, and keeps nodes away until the result is disposed.</summary>
    /// <exception cref="StoreException">A node runs on it, it is not there, is itself half a copy, or is older or newer than this code.</exception>
    ValueTask<ICopySource> OpenSourceAsync(CancellationToken cancellationToken);

    /// <summary>Opens it to be copied into, creates the tables if need be, and keeps nodes away until the result is disposed.</summary>
    /// <exception cref="StoreException">A node runs on it, or it is newer than this code.</exception>
    ValueTask<ICopyTarget> OpenTargetAsync(CancellationToken cancellationToken);
}

/// <summary>What <see cref="INodeDatabase.InspectAsync"/> saw.</summary>
public sealed record DatabaseState
{
    /// <summary>The version of the tables; 0 where there are none, also where there is no database.</summary>
    public required int Version { get; init; }

    /// <summary>The version that this code brings them to.</summary>
    public required int KnownVersion { get; init; }

    /// <summary>Whether a node, or another tool, has it open.</summary>
    public bool IsInUse { get; init; }

    /// <summary>Whether a copy into it was begun and not finished: no node starts on it.</summary>
    public bool IsHalfCopied { get; init; }
}
