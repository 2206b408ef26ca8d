using System.Diagnostics;

namespace Microblog.Cli.Tests;

/// <summary>The tool as people run it: a process.</summary>
internal static class Tool
{
    public static Process Start(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly(), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <returns>How it ended, and all that it said.</returns>
    public static async Task<(int Code, string Output)> RunAsync(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }

    public static Task<(int Code, string Output)> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    // In its own directory, where everything lies that it needs.
    private static string Assembly()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var root = here;
        while (!File.Exists(Path.Combine(root.FullName, "Microblog.sln")))
            root = root.Parent!;
        return Path.Combine(root.FullName, "Microblog.Cli", "bin", here.Parent!.Name, here.Name, "Microblog.Cli.dll");
    }
}
