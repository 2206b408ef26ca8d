using System.Reflection;

namespace Microblog.House.Tests;

/// <summary>The packages, as they were built.</summary>
internal static class Rooms
{
    public static Assembly Core { get; } = typeof(MicroblogNode).Assembly;

    public static Assembly Omb { get; } = typeof(Omb.OmbOptions).Assembly;

    public static Assembly Sqlite { get; } = typeof(Storage.Sqlite.SqliteStore).Assembly;

    public static Assembly Postgres { get; } = typeof(Storage.Postgres.PostgresStore).Assembly;

    public static Assembly AspNetCore { get; } = typeof(AspNetCore.MicroblogWebOptions).Assembly;

    public static Assembly Testing { get; } = typeof(Microblog.Testing.SimulatedNetwork).Assembly;

    public static Assembly TwitterApi { get; } = typeof(Microblog.TwitterApi.TwitterApiOptions).Assembly;

    public static TheoryData<string> Names => [.. All.Select(room => room.GetName().Name!)];

    public static IReadOnlyList<Assembly> All => [Core, Omb, Sqlite, Postgres, AspNetCore, Testing, TwitterApi];

    public static Assembly Named(string name) => All.Single(room => room.GetName().Name == name);

    /// <summary>The repository's root.</summary>
    public static DirectoryInfo Root
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "Microblog.sln")))
                directory = directory.Parent!;
            return directory;
        }
    }
}
