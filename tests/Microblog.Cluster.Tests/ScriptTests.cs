using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Microblog.Cluster.Tests;

public sealed partial class ScriptTests
{
    [ClusterFact]
    public async Task The_script_starts_a_cluster_drives_load_and_leaves_nothing_behind()
    {
        var directory = Directory.CreateTempSubdirectory("microblog-script-");
        try
        {
            // Whoever runs the database has to come through.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(directory.FullName, (UnixFileMode)0b111_001_001);
            var start = new ProcessStartInfo(
                Path.Combine(Repository.Root, "samples", "Cluster", "run"), ["2", "--rate", "10", "--seconds", "4", "--built", Repository.AssemblyOf("Cluster")])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["TMPDIR"] = directory.FullName;
            using var script = Process.Start(start)!;
            var errors = script.StandardError.ReadToEndAsync();
            var output = await script.StandardOutput.ReadToEndAsync();
            await script.WaitForExitAsync();

            Assert.True(script.ExitCode == 0, output + await errors);
            Assert.Matches("[1-9][0-9]* notices written, 0 failed", output);
            var processes = ProcessLine().Matches(output).Select(match => match.Groups["id"].Value).ToList();
            Assert.Equal(2, processes.Count);
            Assert.All(processes, id => Assert.False(Directory.Exists("/proc/" + id), output));
            Assert.Empty(directory.EnumerateFileSystemInfos());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [GeneratedRegex("node[0-9]+ \\((both|web|worker)\\) is process (?<id>[0-9]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex ProcessLine();
}
