namespace Microblog.AspNetCore.Tests;

/// <summary>A test that needs programs of the machine: skipped where one is missing, except in CI, where it then fails.</summary>
internal sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] tools)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var missing = tools.FirstOrDefault(t => !path.Any(p => File.Exists(Path.Combine(p, t))));
        if (missing is not null && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = $"{missing} is not installed.";
    }
}
