using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Microblog.Hosts.Tests;

/// <summary>A host's process is killed around its commit, again and again. MICROBLOG_HOST_KILLS says how often (tests/soak/README.md).</summary>
public abstract class HostKillTests(string kind, ITestOutputHelper output) : IDisposable
{
    private static readonly int Kills = NumberOf("MICROBLOG_HOST_KILLS") ?? 12;

    private readonly TempDatabase temporary = new(kind);
    private readonly HashSet<string> committing = [];
    private readonly HashSet<string> prevented = [];
    private readonly HashSet<string> committed = [];
    private readonly HashSet<string> heard = [];

    private HostDatabase Database => temporary.Database;

    public void Dispose()
    {
        temporary.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_row_and_its_notice_are_there_both_or_neither_and_what_is_there_is_delivered()
    {
        var seed = NumberOf("MICROBLOG_SEED") ?? Random.Shared.Next();
        output.WriteLine($"seed {seed}, {Kills} kills");
        var random = new Random(seed);
        for (var kill = 0; kill < Kills; kill++)
            await PostUntilKilledAsync(random, kill);

        var recipes = await Database.RecipesAsync();
        Assert.Equal(recipes.ToHashSet(), (await Database.ListAsync($"SELECT content FROM {Database.Notices}")).ToHashSet());
        Assert.Subset(recipes.ToHashSet(), committed);
        Assert.Subset(committing.Except(prevented).ToHashSet(), recipes.ToHashSet());
        await DeliverAsync(recipes);
        output.WriteLine(
            $"{recipes.Count} posted; {prevented.Count} killed before the commit, {committing.Count - prevented.Count - committed.Count} in it, of which "
            + $"{recipes.Count - committed.Count} are there");
        Assert.Equal(recipes.ToHashSet(), heard);
    }

    private static int? NumberOf(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    // Just before the commit, just after it, or at any instant of the first milliseconds from when it is sent.
    private async Task PostUntilKilledAsync(Random random, int run)
    {
        using var process = HostProcess.Start(Database, "posting", run);
        var (rounds, moment) = (random.Next(1, 10), random.Next(4));
        for (var round = 0; round < rounds; round++)
        {
            await ReadUntilAsync(process, committing, $"run {run}, number {round}");
            if (round == rounds - 1 && moment == 0)
                prevented.Add($"run {run}, number {round}");
            else
                await process.StandardInput.WriteLineAsync();
        }

        if (moment == 1)
            await ReadUntilAsync(process, committed, $"run {run}, number {rounds - 1}");
        // Spinning, for a timer would round the instant.
        var patience = moment > 1 ? random.Next(3_000) : 0;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalMicroseconds < patience;)
            Thread.SpinWait(20);
        await KillAsync(process);
    }

    private async Task ReadUntilAsync(Process process, HashSet<string> said, string title)
    {
        while (!said.Contains(title))
            Assert.True(await ReadAsync(process), "the host ended by itself");
    }

    private async Task DeliverAsync(IReadOnlyCollection<string> recipes)
    {
        using var process = HostProcess.Start(Database, "delivering", Kills);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            while (!heard.IsSupersetOf(recipes) && await ReadAsync(process, patience.Token))
            {
            }
        }
        catch (OperationCanceledException)
        {
            // What is missing is said by the assertion.
        }

        await KillAsync(process);
    }

    private async Task KillAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync();
        while (await ReadAsync(process))
        {
        }
    }

    // A line that the process died in has no end.
    private async Task<bool> ReadAsync(Process process, CancellationToken cancellationToken = default)
    {
        if (await process.StandardOutput.ReadLineAsync(cancellationToken) is not { } line)
            return false;
        foreach (var (word, said) in new[] { (HostProcess.Committing, committing), (HostProcess.Committed, committed), (HostProcess.Heard, heard) })
        {
            if (line.StartsWith(word, StringComparison.Ordinal) && line.EndsWith(';'))
                said.Add(line[word.Length..^1]);
        }

        return true;
    }
}

public sealed class SqliteHostKillTests(ITestOutputHelper output) : HostKillTests("sqlite", output);

public sealed class PostgresHostKillTests(ITestOutputHelper output) : HostKillTests("postgres", output);
