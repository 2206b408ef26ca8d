namespace Microblog.Testing.Conformance;

/// <summary>What an attacker tries that no single clause names. The kit's own list, apart from the specification's.</summary>
internal static class HostileClauses
{
    private const string Group = "Hostile requests";

    public static IReadOnlyList<Clause> All { get; } =
    [
        new("HOSTILE-1", ClauseLevel.Must, "A form of ten megabytes is refused, and the service goes on serving.", Group),
        new("HOSTILE-2", ClauseLevel.Must, "Bytes that are not UTF-8 in an identifier are refused and break nothing.", Group),
        new("HOSTILE-3", ClauseLevel.Must, "A form of ten thousand parameters is refused or taken, and breaks nothing.", Group),
        new("HOSTILE-4", ClauseLevel.Must, "A broken Authorization header is refused and breaks nothing.", Group),
    ];
}
