using Microblog.Storage.Moving;
using NpgsqlTypes;

namespace Microblog.Storage.Postgres.Moving;

/// <summary>A table with what the server knows of it beyond <see cref="NodeTable"/>.</summary>
/// <param name="Node">As every store has it.</param>
/// <param name="Types">The type of each column, by its name.</param>
/// <param name="Number">The column that numbers itself; <see langword="null"/> when none does.</param>
/// <param name="Sequence">Where its numbers come from, ready to stand in a statement.</param>
internal sealed record PostgresTable(NodeTable Node, IReadOnlyDictionary<string, NpgsqlDbType> Types, string? Number, string? Sequence)
{
    public string Name => $"microblog.{Quote(Node.Name)}";

    public static string List(IEnumerable<string> columns) => string.Join(", ", columns.Select(Quote));

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
