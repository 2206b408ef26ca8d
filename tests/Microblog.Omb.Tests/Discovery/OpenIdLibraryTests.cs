using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microblog.Omb.Discovery;
using Microblog.Tests.Foreign;

namespace Microblog.Omb.Tests.Discovery;

/// <summary>A YADIS resolver that we did not write finds our document, over real sockets, in all three ways.</summary>
public sealed class OpenIdLibraryTests
{
    private const string Python = "/usr/bin/python3";

    [ForeignFact(Python + ":openid.yadis.discover")]
    public async Task Python_openid_finds_the_document_by_Accept_by_header_and_by_meta()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var site = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        using var stop = new CancellationTokenSource();
        var serving = ServeAsync(listener, site, stop.Token);

        var results = await ResolveAsync($"{site}/accept", $"{site}/header", $"{site}/meta");
        await stop.CancelAsync();
        await serving;

        Assert.Equal(3, results.Count);
        Assert.Equal([$"{site}/accept", $"{site}/xrds", $"{site}/xrds"], results.Select(r => r.GetProperty("uri").GetString()));
        var written = Encoding.UTF8.GetString(Document);
        Assert.All(results, r =>
        {
            Assert.True(r.GetProperty("xrds").GetBoolean());
            Assert.Equal("application/xrds+xml", r.GetProperty("type").GetString());
            Assert.Equal(written, r.GetProperty("text").GetString());
        });
    }

    private static byte[] Document => XrdsWriter.Write(Samples.Dora, XrdsWriter.DefaultCapabilities);

    private static byte[] Answer(string head, string site)
    {
        var accept = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Accept:", StringComparison.OrdinalIgnoreCase))?[7..].Trim();
        var (type, extra, body) = head.Split(' ')[1] switch
        {
            "/xrds" => ("application/xrds+xml", "", Document),
            "/accept" when YadisNegotiation.PrefersXrds(accept) => ("application/xrds+xml", "Vary: Accept\r\n", Document),
            "/header" => ("text/html", $"X-XRDS-Location: {site}/xrds\r\n", "<p>Dora</p>"u8.ToArray()),
            "/meta" => ("text/html", "", Encoding.UTF8.GetBytes(
                $"<!DOCTYPE html><html><head><title>Dora</title><meta http-equiv=\"X-XRDS-Location\" content=\"{site}/xrds\"></head><body></body></html>")),
            _ => ("text/plain", "", "nothing here"u8.ToArray()),
        };
        return [.. Encoding.ASCII.GetBytes(
            $"HTTP/1.0 200 OK\r\nContent-Type: {type}\r\n{extra}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n"), .. body];
    }

    private static async Task ServeAsync(TcpListener listener, string site, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(cancellationToken);
                using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                var head = new StringBuilder();
                while (await reader.ReadLineAsync(cancellationToken) is { Length: > 0 } line)
                    head.Append(line).Append("\r\n");
                await client.GetStream().WriteAsync(Answer(head.ToString(), site), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static async Task<List<JsonElement>> ResolveAsync(params string[] urls)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "foreign", "yadis_discover.py");
        using var process = Process.Start(new ProcessStartInfo(Python, [script, .. urls])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return [.. lines.Select(l => JsonDocument.Parse(l).RootElement)];
    }
}
