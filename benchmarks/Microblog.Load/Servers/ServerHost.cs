using System.Globalization;
using Microsoft.AspNetCore.Builder;

namespace Microblog.Load.Servers;

/// <summary>The other end of a <see cref="ServerProcess"/>: serves until its standard input is closed.</summary>
internal static class ServerHost
{
    public static async Task<int> RunAsync(string kind, string directory, string? detail)
    {
        // Ctrl+C reaches every process of the terminal; the one that started us tells us when to stop.
        Console.CancelKeyPress += (_, e) => e.Cancel = true;
        await using var application = kind switch
        {
            "node" => NodeServer.Build(new NodeDatabase(directory, detail)),
            "api" => NodeServer.Build(new NodeDatabase(directory, detail), configure: NodeServer.AddApi),
            "api-bare" => BareApi.Build(directory),
            "live" => LiveServer.BuildNode(new NodeDatabase(directory, detail)),
            "live-bare" => LiveServer.BuildBare(),
            "sinks" => SinkServer.Build(int.Parse(detail!, CultureInfo.InvariantCulture)),
            _ => BareServer.Build(directory),
        };
        await application.StartAsync();
        if (kind == "node")
            await Grant.PrepareAsync(application.Services, directory);
        Console.WriteLine(application.Urls.First());
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        await application.StopAsync();
        return 0;
    }
}
