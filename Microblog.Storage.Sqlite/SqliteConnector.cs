using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Microblog.Storage.Sqlite;

/// <summary>Opens connections and makes sure that each has the settings on which the store's promises rest.</summary>
internal sealed class SqliteConnector
{
    private readonly SqliteStoreOptions options;
    private readonly string connectionString;

    public SqliteConnector(SqliteStoreOptions options)
    {
        this.options = options;
        var builder = new SqliteConnectionStringBuilder(options.ConnectionString);
        if (builder.DataSource.Length == 0 || builder.DataSource == ":memory:" || builder.Mode == SqliteOpenMode.Memory)
            throw new ArgumentException("The connection string has to name a file: Data Source=notes.db.", nameof(options));
        if (builder.Cache == SqliteCacheMode.Shared)
            throw new ArgumentException("A shared cache does not go with a write-ahead log; leave Cache out of the connection string.", nameof(options));
        // Settings stick to pooled connections, and ours are kept open anyway.
        builder.Pooling = false;
        builder.Mode = SqliteOpenMode.ReadWriteCreate;
        connectionString = builder.ToString();
    }

    /// <summary>What <c>PRAGMA synchronous</c> has to answer at least: 2 is FULL, 1 is NORMAL.</summary>
    public int Synchronous => options.LoseLastWritesOnPowerCut ? 1 : 2;

    public SqliteDatabase OpenWriter() => Open(cacheKilobytes: 32 * 1024, isReader: false);

    public SqliteDatabase OpenReader() => Open(cacheKilobytes: 4 * 1024, isReader: true);

    /// <summary>A writer beside which nobody else has the file open, or can open it.</summary>
    /// <exception cref="StoreException">Somebody has; transient, and at once: a node that runs will not go away.</exception>
    public SqliteDatabase OpenAlone() => Open(cacheKilobytes: 32 * 1024, isReader: false, isAlone: true);

    private SqliteDatabase Open(int cacheKilobytes, bool isReader, bool isAlone = false)
    {
        SqliteSleepFix.Apply();
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            var database = new SqliteDatabase(connection, isOwner: true);
            KeepPlans(database);
            // Before the first look at the file: a write-ahead log that is opened then is opened with an exclusive lock on the file.
            if (isAlone)
                database.RunScript("PRAGMA locking_mode = EXCLUSIVE");
            SqliteLock.Run(database, "PRAGMA journal_mode = WAL", isAlone ? TimeSpan.Zero : options.BusyTimeout);
            Set(database, "synchronous", Synchronous);
            Set(database, "foreign_keys", 1);
            Set(database, "temp_store", 2);
            Set(database, "cache_size", -cacheKilobytes);
            Set(database, "query_only", isReader ? 1 : 0);
            Expect(database, "journal_mode", "wal");
            Expect(database, "busy_timeout", "0");
            return database;
        }
        catch (Exception exception)
        {
            connection.Dispose();
            if (exception is SqliteException or StoreException { IsTransient: false })
                throw new StoreException($"Cannot open the database {connection.DataSource}: {exception.Message}", exception);
            throw;
        }
    }

    // Otherwise a parameter that is compared with a column of a partial index's condition has SQLite prepare the statement anew
    // whenever it is bound, for another value might choose another index. That costs more than running most of ours.
    private static void KeepPlans(SqliteDatabase database) =>
        _ = raw.sqlite3_db_config(database.Handle, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _);

    private static void Set(SqliteDatabase database, string name, int value)
    {
        database.RunScript($"PRAGMA {name} = {value}");
        Expect(database, name, $"{value}");
    }

    private static void Expect(SqliteDatabase database, string name, string value)
    {
        var found = database.ReadPragma(name);
        if (found != value)
            throw new StoreException($"SQLite answers {name} = {found} where the store needs {value}.");
    }
}
