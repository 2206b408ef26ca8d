namespace Microblog.Archive;

/// <summary>What an archive holds and this version does not know.</summary>
internal sealed class LeftOut
{
    private const int Most = 100;

    private readonly SortedSet<string> names = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Names => [.. names];

    public void Add(string name)
    {
        if (names.Count < Most)
            names.Add(name);
    }
}
