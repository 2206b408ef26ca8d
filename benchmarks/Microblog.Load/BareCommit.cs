using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Microblog.Load;

/// <summary>One row, committed durably with the node's settings: the least that a publish can cost.</summary>
internal sealed class BareCommit : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand insert;

    public BareCommit(string directory)
    {
        connection = new SqliteConnection($"Data Source={Path.Combine(directory, "bare.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE notice (id INTEGER PRIMARY KEY, content TEXT NOT NULL)";
        command.ExecuteNonQuery();
        insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO notice (content) VALUES ('Nothing much happened, and that is written here at the usual length.')";
        insert.Prepare();
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
