using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Testing.Tests;

public sealed class ReplayTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_same_seed_gives_the_same_run_in_another_process_too(int seed)
    {
        var here = await RunAsync(seed);
        Assert.Contains("is killed", here, StringComparison.Ordinal);
        Assert.Equal(here, await RunAsync(seed));
        Assert.Equal(here, await StartAsync(null, "transcript", seed.ToString(CultureInfo.InvariantCulture), "1"));
        Assert.NotEqual(here, await RunAsync(seed + 100));
    }

    [Fact]
    public async Task A_host_with_pages_and_a_database_file_gives_the_same_run_again()
    {
        Assert.Equal(await RunHostAsync(), await RunHostAsync());

        static async Task<string> RunHostAsync()
        {
            var files = Directory.CreateTempSubdirectory("microblog-replay-");
            try
            {
                await using var network = new SimulatedNetwork(3);
                await FourNodes.RunAsync(network, TimeSpan.FromHours(6), name => services =>
                    services.AddMicroblog().UseSqlite($"Data Source={Path.Combine(files.FullName, name)}.db").AddOmb());
                Assert.True(network.IsReplayable);
                return network.Transcript.ToString();
            }
            finally
            {
                files.Delete(recursive: true);
            }
        }
    }

    [Fact]
    public async Task A_failing_seed_is_named_and_replayed_alone_with_the_same_transcript()
    {
        var first = await StartAsync(null, "explore");
        var seed = first.Split("Seed ")[1].Split(' ')[0];
        Assert.Contains($"{SimulatedNetwork.SeedVariable}={seed}", first, StringComparison.Ordinal);
        Assert.Contains("It was sent twice.", first, StringComparison.Ordinal);
        Assert.Contains("/notice", first, StringComparison.Ordinal);

        var again = await StartAsync(seed, "explore");
        Assert.StartsWith($"Seed {seed} fails", again, StringComparison.Ordinal);
        Assert.EndsWith(again, first, StringComparison.Ordinal);

        var other = int.Parse(seed, CultureInfo.InvariantCulture) == 1 ? null : "1";
        if (other is not null)
            Assert.Equal("passed 1", (await StartAsync(other, "explore")).Trim());
    }

    private static async Task<string> RunAsync(int seed)
    {
        await using var network = new SimulatedNetwork(seed);
        await FourNodes.RunAsync(network, TimeSpan.FromDays(1));
        Assert.True(network.IsReplayable);
        return network.Transcript.ToString();
    }

    private static async Task<string> StartAsync(string? seed, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ReplayTests).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true, StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        start.Environment[SimulatedNetwork.SeedVariable] = seed;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
