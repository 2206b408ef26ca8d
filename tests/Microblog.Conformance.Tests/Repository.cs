namespace Microblog.Conformance.Tests;

/// <summary>Where things are.</summary>
internal static class Repository
{
    private static readonly DirectoryInfo Here = new(AppContext.BaseDirectory);

    public static string Root { get; } = Find();

    public static string Cli { get; } = Path.Combine(Root, "Microblog.Cli", "bin", Here.Parent!.Name, Here.Name, "Microblog.Cli.dll");

    private static string Find()
    {
        var directory = Here;
        while (!File.Exists(Path.Combine(directory.FullName, "Microblog.sln")))
            directory = directory.Parent!;
        return directory.FullName;
    }
}
