using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Microblog.Load;

/// <summary>What the figures were measured on.</summary>
internal static class Machine
{
    public static string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {RuntimeInformation.OSDescription.Trim()}, {Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, load {Load()}");

    /// <summary>How often a second one thread can append 4 KiB to a file and have the disk keep it.</summary>
    public static double MeasureSynchronisations(string directory, TimeSpan duration)
    {
        using var file = File.OpenHandle(Path.Combine(directory, "sync"), FileMode.Create, FileAccess.Write);
        var block = new byte[4096];
        var watch = Stopwatch.StartNew();
        var count = 0;
        for (; watch.Elapsed < duration; count++)
        {
            RandomAccess.Write(file, block, count * (long)block.Length);
            RandomAccess.FlushToDisk(file);
        }

        return count / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Resident memory of a process in MB (10⁶ bytes): now, and at its highest.</summary>
    public static (double Now, double Highest) ReadMemory(int process)
    {
        var lines = File.ReadAllLines($"/proc/{process}/status");
        return (Read("VmRSS:"), Read("VmHWM:"));

        double Read(string name) =>
            double.Parse(lines.First(l => l.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    private static string Processor() => !File.Exists("/proc/cpuinfo") ? $"{RuntimeInformation.ProcessArchitecture}"
        : File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "";

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
