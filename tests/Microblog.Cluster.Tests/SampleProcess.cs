using System.Diagnostics;
using System.Runtime.InteropServices;
using Microblog.TestServers;

namespace Microblog.Cluster.Tests;

/// <summary>A sample as a process of its own, which keeps its address when it is started again.</summary>
internal sealed class SampleProcess(string sample, string directory, string name, Func<Uri, string[]> arguments) : IAsyncDisposable
{
    private readonly string logPath = Path.Combine(directory, name + ".log");
    private readonly Lock gate = new();
    private Process? process;

    private enum Signal
    {
        Terminate = 15,
        Continue = 18,
        Stop = 19,
    }

    public string Name => name;

    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort.Find()}/");

    public bool IsRunning => process is { HasExited: false };

    /// <summary>Hears each line that the process writes.</summary>
    public Action<string> Heard { get; set; } = _ => { };

    /// <summary>What it has written so far, over all its lives.</summary>
    public string[] Log
    {
        get
        {
            lock (gate)
                return File.Exists(logPath) ? File.ReadAllLines(logPath) : [];
        }
    }

    /// <summary>Starts it and does not wait.</summary>
    public void Launch()
    {
        var start = new ProcessStartInfo("dotnet", [Repository.AssemblyOf(sample), "--urls", Address.AbsoluteUri.TrimEnd('/'), "--Logging:LogLevel:Microsoft.AspNetCore", "Warning", .. arguments(Address)])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        process = Process.Start(start)!;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Starts it and waits until it is well.</summary>
    public async Task StartAsync()
    {
        Launch();
        await WaitUntilUpAsync();
    }

    public async Task WaitUntilUpAsync()
    {
        if (!await IsUpOrEndedAsync())
            Assert.Fail($"{name} has ended:\n{string.Join('\n', Log.TakeLast(40))}");
    }

    /// <summary>Waits until it is well.</summary>
    /// <returns>False when it ended instead.</returns>
    public async Task<bool> IsUpOrEndedAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
        return await Waiting.UntilAsync<bool?>(async () => IsRunning ? await IsUpAsync(client) ? true : null : false, isUp => isUp is not null) == true;
    }

    /// <summary>SIGKILL: no farewell, no flushing.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await EndAsync();
    }

    /// <summary>SIGTERM, and waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        Send(Signal.Terminate);
        return await EndAsync();
    }

    /// <summary>SIGTERM, without waiting.</summary>
    public void BeginTermination() => Send(Signal.Terminate);

    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        await process!.WaitForExitAsync();
        var code = process.ExitCode;
        process.Dispose();
        process = null;
        return code;
    }

    /// <summary>SIGSTOP: its connections stay, nobody answers.</summary>
    public void Freeze() => Send(Signal.Stop);

    /// <summary>Lets a frozen process go on.</summary>
    public void Thaw() => Send(Signal.Continue);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await KillAsync();
    }

    private async Task<bool> IsUpAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(Address, "health"));
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private void Send(Signal signal)
    {
        if (process is { HasExited: false })
            Assert.Equal(0, SendSignal(process.Id, (int)signal));
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        lock (gate)
            File.AppendAllLines(logPath, [line.Data]);
        Heard(line.Data);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
