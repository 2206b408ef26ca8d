using System.Diagnostics;

namespace Microblog.Load.Servers;

/// <summary>A server in a process of its own, so that its memory and garbage are its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process process;

    private ServerProcess(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    public int Id => process.Id;

    /// <summary>What the server's process has used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public static Task<ServerProcess> StartNodeAsync(NodeDatabase database) => StartAsync("node", database.Directory, database.Postgres);

    /// <param name="kind">node, bare or sinks.</param>
    /// <param name="directory">Where its files lie.</param>
    /// <param name="detail">For a node the PostgreSQL database, if it is on one; for sinks how many.</param>
    public static async Task<ServerProcess> StartAsync(string kind, string directory, string? detail = null)
    {
        var start = new ProcessStartInfo(
            "dotnet", [typeof(ServerProcess).Assembly.Location, "serve", kind, directory, .. detail is null ? [] : new[] { detail }])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var address = await process.StandardOutput.ReadLineAsync();
        return address is not null ? new ServerProcess(process, new Uri(address))
            : throw new InvalidOperationException($"The server ({kind}) did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
