using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Microblog.House.Tests;

/// <summary>A stranger has the README and the packages, not our project references.</summary>
public sealed partial class PackagesTests
{
    [Fact]
    public async Task The_program_of_the_README_builds_and_answers_with_the_packed_packages()
    {
        var directory = Directory.CreateTempSubdirectory("microblog-readme-");
        try
        {
            var feed = directory.CreateSubdirectory("feed");
            foreach (var room in Rooms.All)
            {
                var name = room.GetName().Name!;
                await RunAsync(Rooms.Root, "pack", Path.Combine(name, name + ".csproj"), "--no-build", "-c", Configuration, "-o", feed.FullName, "-v", "quiet");
            }

            var program = directory.CreateSubdirectory("program");
            var port = FreePort();
            var code = CSharp().Match(await File.ReadAllTextAsync(Path.Combine(Rooms.Root.FullName, "README.md"))).Groups[1].Value;
            await File.WriteAllTextAsync(Path.Combine(program.FullName, "Program.cs"), code);
            await File.WriteAllTextAsync(Path.Combine(program.FullName, "program.csproj"), Project);
            await File.WriteAllTextAsync(Path.Combine(program.FullName, "nuget.config"), $"""
                <configuration>
                  <packageSources><add key="packed" value="{feed.FullName}" /></packageSources>
                  <config><add key="globalPackagesFolder" value="{Path.Combine(directory.FullName, "cache")}" /></config>
                  <fallbackPackageFolders><clear /><add key="machine" value="{MachineCache()}" /></fallbackPackageFolders>
                </configuration>
                """);
            await RunAsync(program, "build", "-v", "quiet");
            await AnswersAsync(program, port);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk.Web">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <NoWarn>$(NoWarn);NETSDK1206;NU1903</NoWarn>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Microblog.AspNetCore" Version="0.1.0" />
            <PackageReference Include="Microblog.Omb" Version="0.1.0" />
            <PackageReference Include="Microblog.Storage.Sqlite" Version="0.1.0" />
          </ItemGroup>
        </Project>
        """;

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    // What is not ours was restored for this very test run already.
    private static string MachineCache() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static async Task AnswersAsync(DirectoryInfo program, int port)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(program.FullName, "bin", "Debug", "net10.0", "program.dll"), "--urls", $"http://127.0.0.1:{port}"])
        {
            WorkingDirectory = program.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            // The host says so when it listens; it ends without a word to us when it cannot.
            var said = new List<string>();
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                said.Add(line);
                if (line.Contains("Application started", StringComparison.Ordinal))
                    break;
            }

            Assert.False(process.HasExited, string.Join('\n', said) + await DrainAsync(process));
            using var client = new HttpClient();
            var page = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"));
            Assert.Contains("<h1>", page, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<string> DrainAsync(Process process) => process.HasExited ? await process.StandardError.ReadToEndAsync() : "";

    private static async Task RunAsync(DirectoryInfo directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = directory.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}{await errors}");
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();
}
