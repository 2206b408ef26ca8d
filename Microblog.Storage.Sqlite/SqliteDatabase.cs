using System.Diagnostics;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Microblog.Storage.Sqlite;

/// <summary>One connection with its prepared statements. Not safe for several threads at once.</summary>
internal sealed class SqliteDatabase(SqliteConnection connection, bool isOwner) : IDisposable
{
    private const int PreparePersistent = 1;

    // Keyed by reference: the texts are constants, and comparing them would cost more than running some of them.
    private readonly Dictionary<object, SqliteStatement> statements = new(ReferenceEqualityComparer.Instance);
    private byte[] buffer = new byte[1024];

    public sqlite3 Handle { get; } = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");

    /// <summary>The file's full path; empty for a database in memory.</summary>
    public string Path => raw.sqlite3_db_filename(Handle, "main").utf8_to_string() ?? "";

    public bool IsInTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>The prepared statement of a constant text, or of one that is put together of few parts and interned. Dispose it when its rows
    /// have been read.</summary>
    public SqliteStatement Use(string sql)
    {
        if (statements.TryGetValue(sql, out var statement))
            return statement;
        Debug.Assert(ReferenceEquals(string.IsInterned(sql), sql), "A text made anew each time would be prepared, and kept, each time.");
        var result = raw.sqlite3_prepare_v3(Handle, sql, PreparePersistent, out var handle);
        if (result != raw.SQLITE_OK)
            Fail(result);
        statement = new SqliteStatement(this, handle);
        statements.Add(sql, statement);
        return statement;
    }

    public int Run(string sql) => Use(sql).Run();

    /// <summary>Runs a statement without parameters and reports SQLITE_BUSY instead of throwing.</summary>
    /// <returns>False when another connection has the lock.</returns>
    public bool TryRun(string sql)
    {
        try
        {
            Use(sql).Run();
            return true;
        }
        catch (StoreException exception) when (exception.IsTransient)
        {
            return false;
        }
    }

    /// <summary>Runs a script, or a statement that is used once.</summary>
    public void RunScript(string sql)
    {
        var result = raw.sqlite3_exec(Handle, sql);
        if (result != raw.SQLITE_OK)
            Fail(result);
    }

    /// <summary>The value of a PRAGMA.</summary>
    public string ReadPragma(string name)
    {
        var result = raw.sqlite3_prepare_v2(Handle, "PRAGMA " + name, out var handle);
        if (result != raw.SQLITE_OK)
            Fail(result);
        using (handle)
            return new SqliteStatement(this, handle) is var statement && statement.Step() ? statement.Text(0) : "";
    }

    /// <summary>UTF-8 in a buffer that holds until the next call.</summary>
    public ReadOnlySpan<byte> Encode(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (buffer.Length < most)
            buffer = new byte[most];
        return buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer));
    }

    public void Fail(int result)
    {
        var extended = raw.sqlite3_extended_errcode(Handle);
        var message = raw.sqlite3_errmsg(Handle).utf8_to_string();
        throw new StoreException($"SQLite failed: {message} ({extended}).", new SqliteException(message, result, extended))
        {
            IsTransient = (result & 0xFF) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED,
        };
    }

    public void Dispose()
    {
        foreach (var statement in statements.Values)
            statement.Finish();
        statements.Clear();
        if (isOwner)
            connection.Dispose();
    }
}
