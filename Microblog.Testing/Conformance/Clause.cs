namespace Microblog.Testing.Conformance;

/// <summary>How strongly a clause binds.</summary>
public enum ClauseLevel
{
    /// <summary>A service that does otherwise does not interoperate, or endangers people.</summary>
    Must,

    /// <summary>A service that does otherwise has a harder life with its peers.</summary>
    Should,

    /// <summary>A choice.</summary>
    May,
}

/// <summary>One sentence of what OpenMicroBlogging 0.1 and OAuth 1.0 ask of a service.</summary>
/// <param name="Id">Its number, such as <c>OMB-33</c>.</param>
/// <param name="Level">How strongly it binds.</param>
/// <param name="Text">The sentence. Brackets such as "(I, MUST)" say why and how strongly a part binds: S stands in a specification,
/// I is a habit on which services rely, P protects people.</param>
/// <param name="Group">Whom or what it is about.</param>
public sealed record Clause(string Id, ClauseLevel Level, string Text, string Group)
{
    private static readonly Lazy<IReadOnlyList<Clause>> List = new(Read);

    /// <summary>Every clause, in the order of the list. The same list that this project's own tests cite.</summary>
    public static IReadOnlyList<Clause> All => List.Value;

    private static List<Clause> Read()
    {
        using var reader = new StreamReader(typeof(Clause).Assembly.GetManifestResourceStream("clauses.md")!);
        var clauses = new List<Clause>();
        var group = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                group = line[3..];
            else if (line.Split(" | ", 3) is [var id, var level, var text])
                clauses.Add(new Clause(id, Enum.Parse<ClauseLevel>(level, ignoreCase: true), text, group));
        }

        return clauses;
    }
}
