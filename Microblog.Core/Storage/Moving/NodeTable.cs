namespace Microblog.Storage.Moving;

/// <summary>A table that a copy carries over, as every store has it.</summary>
/// <param name="Name">The name without the prefix or schema, such as <c>notice</c>.</param>
/// <param name="Columns">All its columns, in the order in which rows carry their values.</param>
/// <param name="Key">The columns by which its rows are told apart and put in order: a self-numbering table's number, else the primary key.</param>
/// <remarks>A row is an array with one value per column: <see langword="null"/>, <see cref="long"/> (also for times and truth values),
/// <see cref="string"/> or an array of bytes.</remarks>
public sealed record NodeTable(string Name, IReadOnlyList<string> Columns, IReadOnlyList<string> Key)
{
    /// <summary>Whether rows of one go into the other: columns may stand in another order, the key may not.</summary>
    public bool Fits(NodeTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Name == other.Name && Key.SequenceEqual(other.Key) && Columns.Order(StringComparer.Ordinal).SequenceEqual(other.Columns.Order(StringComparer.Ordinal));
    }
}
