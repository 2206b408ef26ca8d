using System.Text.RegularExpressions;
using Microblog.Testing;

namespace Microblog.Storage.Sqlite.Tests;

public sealed partial class DurabilityTests : IDisposable
{
    private readonly TempDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task What_was_acknowledged_survives_SIGKILL()
    {
        var acknowledged = 0;
        using (var process = WriterProcess.Start(database.File, 1_000_000))
        {
            for (; acknowledged < 300; acknowledged++)
                Assert.Equal($"ack {acknowledged};", await process.StandardOutput.ReadLineAsync());
            process.Kill();
            await process.WaitForExitAsync();
            while (await process.StandardOutput.ReadLineAsync() is { } line && line == $"ack {acknowledged};")
                acknowledged++;
        }

        await using var store = database.CreateStore(new FakeTimeProvider());
        await store.StartAsync(CancellationToken.None);
        for (var number = 0; number < acknowledged; number++)
        {
            Assert.Equal("there", await store.ReadAsync(
                Freshness.Latest, (session, token) => session.Settings.FindAsync($"{number}", token), CancellationToken.None));
        }
    }

    [StraceFact]
    public async Task The_disk_is_synchronised_before_each_acknowledgement()
    {
        const int Count = 20;
        var trace = database.File + ".trace";
        using (var process = WriterProcess.Start(database.File, Count, "strace", "-f", "-e", "trace=fdatasync,fsync,write", "-o", trace))
        {
            await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }

        var synchronised = 0;
        var acknowledged = 0;
        foreach (var line in await File.ReadAllLinesAsync(trace))
        {
            if (Synchronised().IsMatch(line))
                synchronised++;
            if (!line.Contains($"\"ack {acknowledged};", StringComparison.Ordinal))
                continue;
            Assert.True(synchronised > 0, $"nothing was synchronised before acknowledgement {acknowledged}");
            synchronised = 0;
            acknowledged++;
        }

        Assert.Equal(Count, acknowledged);
    }

    [GeneratedRegex(@"(fdatasync|fsync)(\(\d+\)| resumed>\)?).*= 0$")]
    private static partial Regex Synchronised();
}

/// <summary>Skipped where strace is missing, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StraceFactAttribute : FactAttribute
{
    public StraceFactAttribute()
    {
        if (!File.Exists("/usr/bin/strace") && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = "strace is not installed";
    }
}
