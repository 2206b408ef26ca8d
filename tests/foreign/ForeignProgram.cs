using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microblog.Tests.Foreign;

/// <summary>A process that takes and gives lines of JSON. It ends when it is disposed.</summary>
internal sealed class ForeignProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;

    private ForeignProgram(Process process) => this.process = process;

    /// <summary>The folder of the scripts.</summary>
    public static string Folder { get; } = Path.Combine(Root(), "tests", "foreign", "oauth");

    public static ForeignProgram Start(string program, params string[] arguments) => new(Process.Start(Info(program, arguments))!);

    /// <summary>Why the test cannot run here; <see langword="null"/> when it can, or when it must.</summary>
    public static string? Missing(string[] programs) =>
        Environment.GetEnvironmentVariable("CI") == "true" ? null
        : programs.FirstOrDefault(program => !IsThere(program)) is { } missing ? $"{missing} is not installed" : null;

    /// <summary>The root of the repository.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Microblog.sln")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new InvalidOperationException("Microblog.sln is above no folder of the tests.");
    }

    /// <summary>Runs a program to its end and fails if it does.</summary>
    public static void Run(string program, params string[] arguments)
    {
        using var run = Start(program, arguments);
        var output = run.process.StandardOutput.ReadToEndAsync();
        Assert.True(run.process.WaitForExit(Patience), program + " does not end");
        Assert.True(run.process.ExitCode == 0, output.Result);
    }

    /// <summary>Sends a line and waits for one.</summary>
    public async Task<JsonObject> AskAsync(object line)
    {
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(line));
        await process.StandardInput.FlushAsync();
        return await ReadAsync();
    }

    public async Task<JsonObject> ReadAsync()
    {
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        return line is null
            ? throw new InvalidOperationException("The process ended; see its error output in the test log.")
            : JsonNode.Parse(line)!.AsObject();
    }

    /// <summary>The next line as text; <see langword="null"/> at the end.</summary>
    public async Task<string?> ReadTextAsync() => await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);

        process.Dispose();
    }

    private static ProcessStartInfo Info(string program, string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        info.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        info.Environment["PYTHONIOENCODING"] = "utf-8";
        return info;
    }

    /// <summary>A path, a program, a library, or <c>program:module</c> for one that must be able to load a module.</summary>
    private static bool IsThere(string program)
    {
        var (name, module) = program.Split(':', 2) is [var first, var second] ? (first, second) : (program, null);
        if (name.Contains(".so", StringComparison.Ordinal))
            return NativeLibrary.TryLoad(name, out _);
        // Not every program tells its version.
        if (module is null && Path.IsPathRooted(name))
            return File.Exists(name);
        string[] arguments = name switch
        {
            "perl" => ["-M" + module, "-e", "1"],
            "ruby" => ["-r" + module, "-e", ""],
            "/usr/bin/python3" when module is not null => ["-c", "import " + module],
            _ => ["--version"],
        };
        try
        {
            var info = new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(info)!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
