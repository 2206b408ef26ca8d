namespace Microblog.Tests.Media;

/// <summary>A test that needs Python 3: skipped where it is absent, but never in CI.</summary>
internal sealed class PythonFactAttribute : FactAttribute
{
    public const string Python = "/usr/bin/python3";

    public PythonFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true" && !File.Exists(Python))
            Skip = "needs " + Python;
    }
}
