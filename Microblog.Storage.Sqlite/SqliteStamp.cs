namespace Microblog.Storage.Sqlite;

/// <summary>Says whether anything was written, by a connection that does nothing else: SQLite counts, for each connection, what others committed.</summary>
internal sealed class SqliteStamp(SqliteConnector connector) : IDisposable
{
    private readonly Lock gate = new();
    private SqliteDatabase? database;
    private bool isDisposed;

    public long Read()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, typeof(SqliteStore));
            database ??= connector.OpenReader();
            return database.Use("PRAGMA data_version").RunScalar() ?? 0;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            database?.Dispose();
        }
    }
}
