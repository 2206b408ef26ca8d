using System.Data.Common;
using System.Diagnostics;

namespace Microblog.Load;

/// <summary>One row, committed durably with the node's settings: the least that a publish can cost.</summary>
internal sealed class BareCommit : IDisposable
{
    private readonly DbConnection connection;
    private readonly DbCommand insert;

    private BareCommit(DbConnection connection)
    {
        this.connection = connection;
        insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO notice (content) VALUES ('Nothing much happened, and that is written here at the usual length.')";
        insert.Prepare();
    }

    public static async Task<BareCommit> OpenAsync(NodeDatabase database)
    {
        var connection = await database.OpenAsync();
        await database.RunAsync(connection, database.Postgres is not null
            ? "CREATE TABLE notice (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content text NOT NULL)"
            : "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE notice (id INTEGER PRIMARY KEY, content TEXT NOT NULL)");
        return new BareCommit(connection);
    }

    /// <summary>Commits one row.</summary>
    /// <returns>How long it took, in microseconds.</returns>
    public double Measure()
    {
        var started = Stopwatch.GetTimestamp();
        insert.ExecuteNonQuery();
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds;
    }

    public void Dispose()
    {
        insert.Dispose();
        connection.Dispose();
    }
}
