using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>The row that a reader stands on, in the types of the domain.</summary>
internal readonly struct PostgresRow(NpgsqlDataReader reader)
{
    public long Int64(int column) => reader.GetInt64(column);

    public long? Int64OrNull(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    public int Int32(int column) => reader.GetInt32(column);

    public bool Bool(int column) => reader.GetBoolean(column);

    public string Text(int column) => reader.GetString(column);

    public string? TextOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public byte[] Blob(int column) => reader.GetFieldValue<byte[]>(column);

    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));

    public DateTimeOffset? TimeOrNull(int column) => reader.IsDBNull(column) ? null : Time(column);

    public bool IsNull(int column) => reader.IsDBNull(column);
}
