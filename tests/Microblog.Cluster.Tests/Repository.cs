namespace Microblog.Cluster.Tests;

/// <summary>Where things are.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>A sample, built as these tests were.</summary>
    public static string AssemblyOf(string sample)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Root, "samples", sample, "bin", here.Parent!.Name, here.Name, sample + ".dll");
    }

    private static string FindRoot()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Microblog.sln")))
            root = root.Parent!;
        return root.FullName;
    }
}
