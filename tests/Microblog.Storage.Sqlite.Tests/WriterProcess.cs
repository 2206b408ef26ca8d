using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Storage.Sqlite.Tests;

/// <summary>A process that writes numbered settings one by one and says so after each acknowledgement.</summary>
internal static class WriterProcess
{
    public static async Task Main(string[] arguments)
    {
        var options = new SqliteStoreOptions { ConnectionString = $"Data Source={arguments[0]}" };
        await using var store = new SqliteStore(options, TimeProvider.System, NullLogger<SqliteStore>.Instance);
        await store.StartAsync(CancellationToken.None);
        var count = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        for (var number = 0; number < count; number++)
        {
            await store.ExecuteAsync(
                async (session, token) =>
                {
                    await session.Settings.SetAsync($"{number}", "there", token);
                    return true;
                },
                CancellationToken.None);
            await Console.Out.WriteLineAsync($"ack {number};");
        }
    }

    /// <summary>Starts it, under another program if one is given.</summary>
    public static Process Start(string file, int count, params string[] under)
    {
        string[] command = [.. under, Environment.ProcessPath!, "exec", typeof(WriterProcess).Assembly.Location, file, $"{count}"];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true };
        return Process.Start(start)!;
    }
}
