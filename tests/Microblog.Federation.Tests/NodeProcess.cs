using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;

namespace Microblog.Federation.Tests;

/// <summary>The sample node as a process of its own, on a real SQLite file. The browser tests start it too.</summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("microblog-node-").FullName;
    private readonly List<string> log = [];
    private Process? process;

    public Uri BaseUri { get; } = new($"http://127.0.0.1:{FreePort()}/");

    public string[] Log
    {
        get
        {
            lock (log)
                return [.. log];
        }
    }

    public async Task StartAsync()
    {
        string[] arguments = ["--urls", BaseUri.AbsoluteUri.TrimEnd('/'), "--data", Path.Combine(directory, "node.db"), "--api:acceptBasic", "true"];
        var start = new ProcessStartInfo("dotnet", [NodeAssembly(), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        process = Process.Start(start)!;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        using var client = new HttpClient { BaseAddress = BaseUri };
        await Eventually.Async(() => IsUpAsync(client), isUp => isUp);
    }

    /// <summary>SIGKILL: no farewell, no flushing.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>What a person heard from others, oldest first, straight from the file.</summary>
    public Task<IReadOnlyList<string>> HeardAsync(string person) => QueryAsync(
        """
        SELECT n.content FROM microblog_home h JOIN microblog_notice n ON n.id = h.notice
        JOIN microblog_profile p ON p.id = h.owner AND p.nickname = $person
        WHERE n.is_remote = 1 ORDER BY h.position
        """,
        person);

    /// <summary>The first column of any query of the node's file, which may name a person.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(string sql, string person = "")
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory, "node.db"), Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$person", person);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await KillAsync();
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<bool> IsUpAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(client.BaseAddress!, "health"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string NodeAssembly()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (here.Name, here.Parent!.Name);
        var root = here;
        while (!File.Exists(Path.Combine(root.FullName, "Microblog.sln")))
            root = root.Parent!;
        return Path.Combine(root.FullName, "samples", "Node", "bin", configuration, framework, "Node.dll");
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (log)
            log.Add(line.Data ?? "");
    }
}
