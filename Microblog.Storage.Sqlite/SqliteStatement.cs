using System.Text;
using SQLitePCL;

namespace Microblog.Storage.Sqlite;

/// <summary>A prepared statement of one connection. Disposing hands it back to be used again; parameters count from 1, columns from 0.</summary>
/// <remarks>The store calls SQLite directly, because preparing and the provider's reader objects cost more than the statements do.</remarks>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    public SqliteStatement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(handle, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, bool value) => Bind(index, value ? 1 : 0);

    public SqliteStatement Bind(int index, long? value)
    {
        if (value is { } there)
            return Bind(index, there);
        Check(raw.sqlite3_bind_null(handle, index));
        return this;
    }

    public SqliteStatement Bind(int index, DateTimeOffset value) => Bind(index, value.ToUnixTimeMilliseconds());

    public SqliteStatement Bind(int index, DateTimeOffset? value) => Bind(index, value?.ToUnixTimeMilliseconds());

    /// <summary>Binds a parameter that not every one of several like statements has.</summary>
    public SqliteStatement BindIfUsed(int index, DateTimeOffset value) => index <= raw.sqlite3_bind_parameter_count(handle) ? Bind(index, value) : this;

    public SqliteStatement Bind(int index, string? value)
    {
        Check(value switch
        {
            null => raw.sqlite3_bind_null(handle, index),
            // An empty span has no address, and SQLite takes no address for NULL.
            "" => raw.sqlite3_bind_text(handle, index, utf8z.FromSpan("\0"u8)),
            _ => raw.sqlite3_bind_text(handle, index, database.Encode(value)),
        });
        return this;
    }

    public SqliteStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(handle, index, 0) : raw.sqlite3_bind_blob(handle, index, value));
        return this;
    }

    /// <summary>Binds a value as <see cref="Value"/> reads it.</summary>
    public SqliteStatement BindValue(int index, object? value) => value switch
    {
        null => Bind(index, (long?)null),
        long number => Bind(index, number),
        string text => Bind(index, text),
        byte[] bytes => Bind(index, bytes.AsSpan()),
        _ => throw new ArgumentException($"There are no values of {value.GetType()}.", nameof(value)),
    };

    /// <summary>Goes to the next row; false when there is none.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(handle);
        if (result == raw.SQLITE_ROW)
            return true;
        if (result != raw.SQLITE_DONE)
            database.Fail(result);
        return false;
    }

    /// <summary>Runs a statement without rows and hands it back.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Run()
    {
        try
        {
            while (Step())
            {
            }

            return raw.sqlite3_changes(database.Handle);
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>The first column of the first row, and hands the statement back.</summary>
    public long? RunScalar()
    {
        try
        {
            return Step() ? Int64OrNull(0) : null;
        }
        finally
        {
            Dispose();
        }
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    public int Int32(int column) => raw.sqlite3_column_int(handle, column);

    public bool Bool(int column) => raw.sqlite3_column_int(handle, column) != 0;

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Int64(column));

    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);

    // By length rather than up to the first NUL, which text may contain.
    public string Text(int column)
    {
        var bytes = raw.sqlite3_column_blob(handle, column);
        return bytes.IsEmpty ? "" : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Whatever there is: a number, text, bytes or nothing.</summary>
    public object? Value(int column) => raw.sqlite3_column_type(handle, column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => Int64(column),
        raw.SQLITE_TEXT => Text(column),
        raw.SQLITE_BLOB => Blob(column),
        var type => throw new StoreException($"The store has no values of SQLite's type {type}: something else has written to its tables."),
    };

    public byte[] Blob(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    public void Dispose()
    {
        // The result repeats the error of the last step, which has been reported.
        _ = raw.sqlite3_reset(handle);
    }

    public void Finish() => handle.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            database.Fail(result);
    }
}
