using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Microblog.AspNetCore.Tests.Samples;

/// <summary>A sample as a process of its own, with its data in a directory of its own.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly DirectoryInfo directory;

    private SampleProcess(Process process, DirectoryInfo directory, Uri address)
    {
        (this.process, this.directory) = (process, directory);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address };
    }

    /// <summary>A browser of sorts: it keeps cookies, and follows nothing by itself.</summary>
    public HttpClient Client { get; }

    /// <summary>Where it keeps its data.</summary>
    public string Directory => directory.FullName;

    public static async Task<SampleProcess> StartAsync(string name, Func<Uri, string[]> arguments)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}/");
        var directory = System.IO.Directory.CreateTempSubdirectory("microblog-sample-");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, name + ".dll"), "--urls", address.GetLeftPart(UriPartial.Authority), .. arguments(address)])
        {
            WorkingDirectory = directory.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        var process = Process.Start(start)!;
        var ready = new TaskCompletionSource();
        var output = new System.Text.StringBuilder();
        void Look(object sender, DataReceivedEventArgs e)
        {
            lock (output)
                output.AppendLine(e.Data);
            if (e.Data?.Contains("Application started", StringComparison.Ordinal) == true)
                ready.TrySetResult();
        }

        process.OutputDataReceived += Look;
        process.ErrorDataReceived += Look;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException(output.ToString()));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return new SampleProcess(process, directory, address);
    }

    public async Task<string> ReadAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Fills in the form of a page that posts to an address, hidden fields included, and sends it.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var html = await ReadAsync(page);
        var form = html.Split("<form ").Skip(1).First(f => f.Contains($"action=\"{action}\"", StringComparison.Ordinal)).Split("</form>")[0];
        var hidden = form.Split("type=\"hidden\" name=\"").Skip(1)
            .Select(f => f.Split('"'))
            .Select(f => KeyValuePair.Create(f[0], WebUtility.HtmlDecode(f[2])));
        return await Client.PostAsync(action, new FormUrlEncodedContent(hidden.Concat(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)))));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        directory.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
