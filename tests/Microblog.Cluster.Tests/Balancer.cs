using System.Diagnostics;
using System.Net;
using Microblog.TestServers;

namespace Microblog.Cluster.Tests;

/// <summary>haproxy in front of the processes that answer, as the sample has it.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly List<Turn> turns = [];
    private Process? process;

    /// <summary>The program, or <see langword="null"/> when it is not installed.</summary>
    public static string? Program => new[] { "/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/usr/bin/haproxy", "/usr/local/bin/haproxy", "/opt/homebrew/bin/haproxy" }
        .FirstOrDefault(File.Exists);

    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort.Find()}/");

    /// <summary>Who answered what, in the order in which the requests came.</summary>
    public Turn[] Turns
    {
        get
        {
            lock (turns)
                return [.. turns.OrderBy(turn => turn.Number)];
        }
    }

    public async Task StartAsync(string directory, IEnumerable<SampleProcess> servers)
    {
        var file = Path.Combine(directory, "haproxy.cfg");
        var common = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "Cluster", "haproxy.cfg"));
        await File.WriteAllTextAsync(
            file, common + string.Concat(servers.Select(server => $"  server {server.Name} {server.Address.Authority}\n")));
        var start = new ProcessStartInfo(Program ?? throw new InvalidOperationException("haproxy is not installed."), ["-db", "-f", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["BIND"] = Address.Authority;
        process = Process.Start(start)!;
        process.OutputDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
        await Waiting.UntilAsync(() => AnswersAsync(client), answers => answers);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is null)
            return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<bool> AnswersAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync(Address);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    // "%rt %s %ST %HM %HP" of samples/Cluster/haproxy.cfg.
    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data?.Split(' ') is not [var counter, var server, var status, var method, var path]
            || !int.TryParse(counter, out var number) || !int.TryParse(status, out var code))
            return;
        lock (turns)
            turns.Add(new Turn(number, server, code, method, path));
    }

    /// <summary>One request.</summary>
    /// <param name="Number">Its place among all.</param>
    /// <param name="Server">Who answered.</param>
    /// <param name="Status">With what.</param>
    /// <param name="Method">The request's method.</param>
    /// <param name="Path">Its path, without the query.</param>
    internal sealed record Turn(int Number, string Server, int Status, string Method, string Path);
}
