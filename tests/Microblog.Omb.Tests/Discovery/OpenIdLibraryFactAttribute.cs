using System.Diagnostics;

namespace Microblog.Omb.Tests.Discovery;

/// <summary>A test that needs python3-openid (Debian package of that name): skipped where it is absent, but never in CI.</summary>
internal sealed class OpenIdLibraryFactAttribute : FactAttribute
{
    public const string Python = "/usr/bin/python3";

    private static readonly Lazy<bool> Present = new(() =>
    {
        if (!File.Exists(Python))
            return false;
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", "import openid.yadis.discover"]) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    });

    public OpenIdLibraryFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true" && !Present.Value)
            Skip = "needs python3-openid";
    }
}
