using Npgsql;
using NpgsqlTypes;

namespace Microblog.Storage.Postgres;

/// <summary>One statement with its values: <c>$1</c> is the first one bound. Sent by the session, alone or together with others.</summary>
internal sealed class PostgresCommand(PostgresSession session, string sql)
{
    private readonly NpgsqlBatchCommand command = new(sql);

    public PostgresCommand Bind(long value) => Add(new NpgsqlParameter<long> { TypedValue = value });

    public PostgresCommand Bind(int value) => Add(new NpgsqlParameter<int> { TypedValue = value });

    public PostgresCommand Bind(bool value) => Add(new NpgsqlParameter<bool> { TypedValue = value });

    public PostgresCommand Bind(string? value) => Add(value is null
        ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }
        : new NpgsqlParameter<string> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text });

    public PostgresCommand Bind(ReadOnlyMemory<byte> value) => Add(new NpgsqlParameter<byte[]> { TypedValue = value.ToArray() });

    public PostgresCommand Bind(DateTimeOffset value) => Bind(value.ToUnixTimeMilliseconds());

    public PostgresCommand Bind(DateTimeOffset? value) => Bind(value?.ToUnixTimeMilliseconds());

    public PostgresCommand Bind(long? value) => value is { } there
        ? Bind(there)
        : Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });

    public PostgresCommand Bind(bool? value) => value is { } there
        ? Bind(there)
        : Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean });

    public PostgresCommand Bind(IReadOnlyCollection<long> values) => Add(new NpgsqlParameter<long[]> { TypedValue = [.. values] });

    public PostgresCommand Bind(IReadOnlyCollection<long?> values) => Add(new NpgsqlParameter<long?[]> { TypedValue = [.. values] });

    public PostgresCommand Bind(IReadOnlyCollection<int> values) => Add(new NpgsqlParameter<int[]> { TypedValue = [.. values] });

    public PostgresCommand Bind(IReadOnlyCollection<bool> values) => Add(new NpgsqlParameter<bool[]> { TypedValue = [.. values] });

    public PostgresCommand Bind(IReadOnlyCollection<bool?> values) => Add(new NpgsqlParameter<bool?[]> { TypedValue = [.. values] });

    public PostgresCommand Bind(IReadOnlyCollection<string?> values) => Add(new NpgsqlParameter<string?[]>
    {
        TypedValue = [.. values],
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
    });

    /// <summary>Sends it together with the next statement whose answer somebody waits for, at the latest with the commit.</summary>
    public void Later() => session.Defer(command);

    /// <summary>Runs it now.</summary>
    /// <returns>How many rows it changed.</returns>
    public ValueTask<int> RunAsync() => session.RunAsync(command);

    /// <summary>The first row, or nothing.</summary>
    public ValueTask<T?> FindAsync<T>(Func<PostgresRow, T?> read)
        where T : class => session.FindAsync(command, read);

    /// <summary>The first row's first value, a bigint; <see langword="null"/> when there is no row, or nothing in it.</summary>
    public ValueTask<long?> ScalarAsync() => session.ScalarAsync(command);

    /// <summary>Whether there is a row.</summary>
    public async ValueTask<bool> AnyAsync() => (await ListAsync(static _ => true).ConfigureAwait(false)).Count > 0;

    /// <summary>All rows.</summary>
    public ValueTask<List<T>> ListAsync<T>(Func<PostgresRow, T> read) => session.ListAsync(command, read);

    private PostgresCommand Add(NpgsqlParameter parameter)
    {
        command.Parameters.Add(parameter);
        return this;
    }
}
