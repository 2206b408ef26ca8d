using Microblog.Tests.Foreign;

namespace Microblog.Omb.Tests.OAuth;

/// <summary>samples/OAuthProvider, started once for all tests of a class on a free port of its own choice.</summary>
public sealed class ProviderProcess : IAsyncLifetime
{
    private ForeignProgram? process;

    public string Address { get; private set; } = "";

    public async Task InitializeAsync()
    {
        // …/tests/X/bin/Debug/net10.0/ → …/samples/OAuthProvider/bin/Debug/net10.0/
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(
            ForeignProgram.Root(), "samples", "OAuthProvider", "bin", framework.Parent!.Name, framework.Name, "OAuthProvider.dll");
        Address = $"http://127.0.0.1:{FreePort()}";
        process = ForeignProgram.Start(
            "dotnet", program, "--urls", Address, "--BaseUri", Address, "--contentRoot", Path.GetDirectoryName(program)!,
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information", "--Logging:Console:FormatterName", "simple");

        while (await process.ReadTextAsync() is { } line)
        {
            if (line.Contains("Application started", StringComparison.Ordinal))
                return;
        }

        throw new InvalidOperationException("The sample did not start.");
    }

    public Task DisposeAsync()
    {
        process?.Dispose();
        return Task.CompletedTask;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
