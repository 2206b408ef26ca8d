using System.Diagnostics;
using Dapper;

namespace Microblog.Hosts.Tests;

/// <summary>A host that posts recipes, each with its notice in one transaction, and says how far it is; or one that delivers them.</summary>
internal static class HostProcess
{
    /// <summary>Before the commit, which then waits for a line.</summary>
    public const string Committing = "committing ";

    /// <summary>After it.</summary>
    public const string Committed = "committed ";

    /// <summary>Once the notice was delivered.</summary>
    public const string Heard = "heard ";

    public static async Task Main(string[] arguments)
    {
        var database = HostDatabase.Open(arguments[0], arguments[1]);
        if (arguments[2] == "posting")
        {
            // It delivers nothing, for what a killed worker had leased would have to wait until the lease ends.
            await using var site = await Site.StartAsync(database, hear: null);
            for (var number = 0; ; number++)
                await PostAsync(site, database, $"run {arguments[3]}, number {number}");
        }

        await using var worker = await Site.StartAsync(database, content => Console.Out.WriteLine($"{Heard}{content};"));
        await Task.Delay(Timeout.Infinite);
    }

    /// <summary>Starts it.</summary>
    /// <param name="database">Its database.</param>
    /// <param name="role"><c>posting</c>, or <c>delivering</c> for one that only delivers.</param>
    /// <param name="run">Tells the recipes of several runs apart.</param>
    public static Process Start(HostDatabase database, string role, int run) => Process.Start(new ProcessStartInfo(
        Environment.ProcessPath!, ["exec", typeof(HostProcess).Assembly.Location, database.Kind, database.ConnectionString, role, $"{run}"])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private static async Task PostAsync(Site site, HostDatabase database, string title)
    {
        await using var connection = database.Connect();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("INSERT INTO recipe VALUES (@title)", new { title }, transaction);
        if ((await site.Node.PublishAsync(site.Alice, new NoticeDraft { Content = title }, transaction)).Problem is { } problem)
            throw new InvalidOperationException(problem);
        Console.Out.WriteLine($"{Committing}{title};");
        await Console.In.ReadLineAsync();
        await transaction.CommitAsync();
        Console.Out.WriteLine($"{Committed}{title};");
    }
}
