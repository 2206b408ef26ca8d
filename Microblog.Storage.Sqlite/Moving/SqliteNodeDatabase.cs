using Microblog.Storage.Moving;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Storage.Sqlite.Moving;

/// <summary>A node's SQLite file, for whoever creates, upgrades, checks or moves it.</summary>
/// <remarks>What writes or copies needs the file alone, and keeps nodes from starting on it meanwhile. The host's own tables in
/// the file are neither checked against anything nor copied.</remarks>
public sealed class SqliteNodeDatabase : INodeDatabase
{
    private const string WrongCounts =
        """
        SELECT 'The profile ' || person || ' is kept with ' || sum(kept) || ' ' || what || ' and has ' || sum(found) || '.' FROM (
            SELECT profile AS person, 'notices' AS what, notices AS kept, 0 AS found FROM microblog_profile_count
            UNION ALL SELECT profile, 'followers', followers, 0 FROM microblog_profile_count
            UNION ALL SELECT profile, 'subscriptions', following, 0 FROM microblog_profile_count
            UNION ALL SELECT profile, 'favourites', favourites, 0 FROM microblog_profile_count
            UNION ALL SELECT author, 'notices', 0, 1 FROM microblog_notice WHERE NOT is_remote AND NOT is_deleted AND visibility < 3
            UNION ALL SELECT publisher, 'followers', 0, 1 FROM microblog_subscription WHERE state = 1 AND (NOT is_subscriber_local OR protocol = 'local')
            UNION ALL SELECT subscriber, 'subscriptions', 0, 1 FROM microblog_subscription WHERE state = 1 AND is_subscriber_local
            UNION ALL SELECT person, 'favourites', 0, 1 FROM microblog_favourite) counted
        GROUP BY person, what HAVING sum(kept) <> sum(found) ORDER BY person, what LIMIT 10
        """;

    private static readonly int Known = SchemaUpgrade.Scripts.Count;

    private readonly SqliteStoreOptions options;
    private readonly SqliteConnector connector;
    private readonly ILogger logger;
    private readonly string path;

    /// <param name="options">Which file.</param>
    /// <param name="logger">Hears of upgrades; may be left out.</param>
    /// <exception cref="ArgumentException">The options name no file.</exception>
    public SqliteNodeDatabase(SqliteStoreOptions options, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        this.logger = logger ?? NullLogger.Instance;
        connector = new SqliteConnector(options);
        path = Path.GetFullPath(new SqliteConnectionStringBuilder(options.ConnectionString).DataSource);
    }

    /// <inheritdoc/>
    public string Name => path;

    /// <inheritdoc/>
    public ValueTask<DatabaseState> InspectAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!File.Exists(path))
            return new(new DatabaseState { Version = 0, KnownVersion = Known });
        using var alone = TryOpenAlone();
        using var shared = alone is null ? connector.OpenReader() : null;
        var database = alone ?? shared!;
        return new(new DatabaseState
        {
            Version = ReadVersion(database),
            KnownVersion = Known,
            IsInUse = alone is null,
            IsHalfCopied = CopyMark.Find(database) is not null,
        });
    }

    /// <inheritdoc/>
    /// <remarks>Reads the whole file (<c>PRAGMA integrity_check</c>), the host's own tables too.</remarks>
    public ValueTask<IReadOnlyList<string>> FindDamageAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!File.Exists(path))
            return new([]);
        using var database = connector.OpenReader();
        var found = List(database, "PRAGMA integrity_check");
        if (found is not ["ok"])
            return new(found);
        return new(ReadVersion(database) == Known ? List(database, WrongCounts) : []);
    }

    /// <inheritdoc/>
    public ValueTask<(int From, int To)> UpgradeAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var database = OpenAlone();
        CopyMark.Refuse(database);
        return new(SchemaUpgrade.Apply(database, SchemaUpgrade.Scripts, options.BusyTimeout, logger));
    }

    /// <inheritdoc/>
    public ValueTask<ICopySource> OpenSourceAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!File.Exists(path))
            throw new StoreException($"There is no database {path}.");
        return new(Open<ICopySource>(database =>
        {
            CopyMark.Refuse(database);
            RequireKnownVersion(database, "Upgrade it first, with “microblog database upgrade” or by starting the node once.");
            return new SqliteCopySource(database, FilesOf(database));
        }));
    }

    /// <inheritdoc/>
    public ValueTask<ICopyTarget> OpenTargetAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Open<ICopyTarget>(database =>
        {
            if (CopyMark.Find(database) is null)
                SchemaUpgrade.Apply(database, SchemaUpgrade.Scripts, options.BusyTimeout, logger);
            RequireKnownVersion(database, "The copy was begun by an older Microblog: delete the file and begin anew.");
            return new SqliteCopyTarget(database, FilesOf(database));
        }));
    }

    private static List<string> List(SqliteDatabase database, string sql)
    {
        var list = new List<string>();
        using var rows = database.Use(sql);
        while (rows.Step())
            list.Add(rows.Text(0));
        return list;
    }

    private T Open<T>(Func<SqliteDatabase, T> open)
    {
        var database = OpenAlone();
        try
        {
            return open(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private FileBlobs FilesOf(SqliteDatabase database)
    {
        var files = new FileBlobs(options.FolderOf(database.Path), TimeProvider.System);
        files.Start();
        return files;
    }

    private SqliteDatabase OpenAlone() => TryOpenAlone() ?? throw new StoreException(
        $"The database {path} is in use. Stop the node, and whatever else has the file open, and try again.") { IsTransient = true };

    private SqliteDatabase? TryOpenAlone()
    {
        try
        {
            return connector.OpenAlone();
        }
        catch (StoreException exception) when (exception.IsTransient)
        {
            return null;
        }
    }

    private static int ReadVersion(SqliteDatabase database)
    {
        var hasVersion = database.Use("SELECT count(*) FROM main.sqlite_master WHERE type = 'table' AND name = 'microblog_schema'").RunScalar() > 0;
        return hasVersion ? (int)(database.Use("SELECT version FROM microblog_schema").RunScalar() ?? 0) : 0;
    }

    private void RequireKnownVersion(SqliteDatabase database, string whenOlder)
    {
        var version = ReadVersion(database);
        if (version == 0)
            throw new StoreException($"There is no node in the database {path}.");
        if (version != Known)
        {
            throw new StoreException($"The database {path} has schema version {version}, and this version of Microblog needs {Known}. "
                + (version < Known ? whenOlder : "Use the newer Microblog that upgraded it."));
        }
    }
}
