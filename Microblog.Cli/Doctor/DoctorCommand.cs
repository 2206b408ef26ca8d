using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microblog.Testing.Conformance.Output;
using Spectre.Console;

namespace Microblog.Cli.Doctor;

/// <summary><c>microblog doctor</c>: finds out from outside what ails a node.</summary>
internal sealed class DoctorCommand : Command
{
    /// <summary>Something was found.</summary>
    public const int Findings = 1;

    /// <summary>The doctor could not look.</summary>
    public const int CouldNotRun = 2;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(3);

    private readonly Argument<string> url = new("public-url") { Description = "The node's public address, such as https://notes.example/" };
    private readonly Option<string> person = new("--person") { Description = "Nickname or page of somebody there, for discovery. By default somebody from the first page." };
    private readonly Option<FileInfo> trust = new("--trust") { Description = "A PEM file of certificates to trust instead of this machine's." };
    private readonly Option<FileInfo> cookie = new("--cookie-file")
    {
        Description = "A file with the Cookie header of a browser in which the operator is signed in, to ask for the node's own checks.",
    };

    public DoctorCommand()
        : base("doctor", "Finds out what ails a node, from outside. Exit code: 0 all well, 1 something was found, 2 could not look.")
    {
        Add(url);
        Add(person);
        Add(trust);
        Add(cookie);
        SetAction((arguments, cancellationToken) => GuardAsync(() => RunAsync(arguments, cancellationToken), Console.Error));
    }

    /// <summary>Makes whatever goes wrong one line and <see cref="CouldNotRun"/>: left alone, it would end the process with 1, as if something had been found.</summary>
    internal static async Task<int> GuardAsync(Func<Task<int>> look, TextWriter errors)
    {
        try
        {
            return await look();
        }
        catch (Exception e)
        {
            var isForeseen = e is FormatException or IOException or UnauthorizedAccessException or CryptographicException or OperationCanceledException;
            await errors.WriteLineAsync($"The doctor could not look: {(isForeseen ? "" : $"{e.GetType().Name}: ")}{Shown.Line(e.Message)}");
            return CouldNotRun;
        }
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeLimit, TimeProvider.System);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var network = new DoctorNetwork(TimeProvider.System, Certificates(arguments.GetValue(trust)));
        var patient = new Patient(ReadUrl(arguments.GetRequiredValue(url)), network, TimeProvider.System);
        var found = await new Examination(patient).RunAsync(arguments.GetValue(person), ReadCookie(arguments.GetValue(cookie)), both.Token);
        DoctorReport.Write(OpenConsole(), patient, found);
        return found.Any(d => d.IsFinding) ? Findings : 0;
    }

    // In a file or a pipe a line stays a line, without colours.
    private static IAnsiConsole OpenConsole()
    {
        var isFile = Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isFile ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isFile ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new AnsiConsoleOutput(Console.Out),
        });
        if (isFile)
            console.Profile.Width = 100_000;
        return console;
    }

    private static Uri ReadUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0
            ? uri.AbsolutePath.EndsWith('/') ? uri : new Uri(uri.AbsoluteUri + "/")
            : throw new FormatException($"“{text}” is no address that begins with http:// or https:// and has no query.");

    private static X509Certificate2Collection Certificates(FileInfo? file)
    {
        var certificates = new X509Certificate2Collection();
        if (file is not null)
            certificates.ImportFromPemFile(file.FullName);
        return file is null || certificates.Count > 0 ? certificates : throw new FormatException($"There is no certificate in {file.FullName}.");
    }

    private static string? ReadCookie(FileInfo? file)
    {
        if (file is null)
            return null;
        var text = File.ReadAllText(file.FullName).Trim();
        var value = text.StartsWith("Cookie:", StringComparison.OrdinalIgnoreCase) ? text["Cookie:".Length..].Trim() : text;
        return value.Length > 0 && !value.Any(char.IsControl) ? value : throw new FormatException($"{file.FullName} does not hold one line with a Cookie header.");
    }
}
