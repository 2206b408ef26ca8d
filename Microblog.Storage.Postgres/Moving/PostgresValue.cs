using NpgsqlTypes;

namespace Microblog.Storage.Postgres.Moving;

/// <summary>A copy's values as PostgreSQL has them.</summary>
internal static class PostgresValue
{
    public static object? Read(object value) => value switch
    {
        DBNull => null,
        bool truth => truth ? 1L : 0L,
        int number => (long)number,
        _ => value,
    };

    /// <param name="value">As a row carries it.</param>
    /// <param name="type">The column's type.</param>
    /// <param name="keepsNul">Leaves the NUL character, which the server then refuses; otherwise it becomes the replacement character.</param>
    public static object Write(object? value, NpgsqlDbType type, bool keepsNul) => (value, type) switch
    {
        (null, _) => DBNull.Value,
        (long number, NpgsqlDbType.Bigint) => number,
        (long number and >= int.MinValue and <= int.MaxValue, NpgsqlDbType.Integer) => (int)number,
        (0L or 1L, NpgsqlDbType.Boolean) => (long)value == 1,
        (string text, NpgsqlDbType.Text) => keepsNul ? text : text.Replace('\0', '\uFFFD'),
        (byte[] bytes, NpgsqlDbType.Bytea) => bytes,
        _ => throw new StoreException($"The value {(value is long ? value : "of " + value.GetType().Name)} does not fit into a column of the type {type}."),
    };
}
