using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Xunit.Abstractions;

namespace Microblog.Storage.Sqlite.Tests;

/// <summary>What was acknowledged is there, whatever becomes of the process. MICROBLOG_KILLS says how often it is killed (tests/soak/README.md).</summary>
public sealed partial class DurabilityTests(ITestOutputHelper output) : IDisposable
{
    private const int Writers = 4;
    private static readonly int Kills = NumberOf("MICROBLOG_KILLS") ?? 40;

    private readonly TempDatabase database = new();
    private readonly HashSet<NoticeId> acknowledged = [];

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task No_acknowledged_notice_is_lost_though_the_process_is_killed_at_any_instant()
    {
        var seed = NumberOf("MICROBLOG_SEED") ?? Random.Shared.Next();
        output.WriteLine($"seed {seed}, {Kills} kills");
        var random = new Random(seed);
        var early = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            early += await PublishUntilKilledAsync(random) ? 0 : 1;
            // Not every time, so that the next process is often the one that finds the file as the dead one left it.
            if (random.Next(8) == 0 || kill == Kills - 1)
                Check($"seed {seed}, kill {kill}");
        }

        output.WriteLine($"{acknowledged.Count} notices acknowledged, 0 lost; {early} processes died before their first");
        Assert.True(acknowledged.Count > Kills, $"only {acknowledged.Count} notices were acknowledged");
    }

    [StraceFact]
    public async Task The_disk_is_synchronised_before_each_acknowledgement()
    {
        const int Count = 20;
        var trace = database.File + ".trace";
        using (var process = WriterProcess.Start(database.File, 1, Count, "strace", "-f", "-e", "trace=fdatasync,fsync,write", "-o", trace))
        {
            await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }

        var synchronised = 0;
        var seen = 0;
        foreach (var line in await File.ReadAllLinesAsync(trace))
        {
            if (Synchronised().IsMatch(line))
                synchronised++;
            if (!line.Contains("\"ack ", StringComparison.Ordinal))
                continue;
            Assert.True(synchronised > 0, $"nothing was synchronised before acknowledgement {seen}");
            synchronised = 0;
            seen++;
        }

        Assert.Equal(Count, seen);
    }

    [GeneratedRegex(@"(fdatasync|fsync)(\(\d+\)| resumed>\)?).*= 0$")]
    private static partial Regex Synchronised();

    private static int? NumberOf(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    // One in eight dies while it starts, which is when it recovers what the one before left.
    private async Task<bool> PublishUntilKilledAsync(Random random)
    {
        var (wanted, patience) = random.Next(8) == 0 ? (0, random.Next(300_000)) : (random.Next(1, 100), random.Next(3_000));
        using var process = WriterProcess.Start(database.File, Writers, 1_000_000);
        var before = acknowledged.Count;
        while (acknowledged.Count - before < wanted && await ReadAsync(process))
        {
        }

        // Spinning, for a timer would round the instant.
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalMicroseconds < patience;)
            Thread.SpinWait(20);
        Assert.False(process.HasExited);
        process.Kill();
        await process.WaitForExitAsync();
        while (await ReadAsync(process))
        {
        }

        return acknowledged.Count > before;
    }

    private async Task<bool> ReadAsync(Process process)
    {
        if (await process.StandardOutput.ReadLineAsync() is not { } line)
            return false;
        if (WriterProcess.TryParse(line, out var notice))
            Assert.True(acknowledged.Add(notice), $"{notice} was acknowledged twice");
        return true;
    }

    private void Check(string when)
    {
        using var connection = new SqliteConnection(database.ConnectionString + ";Pooling=False");
        connection.Open();
        Assert.Equal(["ok"], List(connection, "PRAGMA integrity_check"));
        var stored = List(connection, "SELECT id FROM microblog_notice").Select(id => new NoticeId(long.Parse(id, CultureInfo.InvariantCulture)));
        var lost = acknowledged.Except(stored).ToList();
        Assert.True(lost.Count == 0, $"{when}: {lost.Count} of {acknowledged.Count} acknowledged notices are lost");
        // Nor is half a transaction there.
        Assert.Equal(["0"], List(connection, """
            SELECT count(*) FROM microblog_notice n WHERE NOT EXISTS (SELECT 1 FROM microblog_event e WHERE e.notice = n.id)
                OR NOT EXISTS (SELECT 1 FROM microblog_home h WHERE h.notice = n.id)
            """));
    }

    private static List<string> List(SqliteConnection connection, string sql)
    {
        using var command = new SqliteCommand(sql, connection);
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.GetString(0));
        return rows;
    }
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
