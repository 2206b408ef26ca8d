using System.CommandLine;
using Microblog.Testing.Conformance;
using Microblog.Testing.Conformance.Output;
using Spectre.Console;

namespace Microblog.Cli.Conformance;

/// <summary><c>microblog conformance &lt;profile-url&gt;</c>.</summary>
internal sealed class ConformanceCommand : Command
{
    private const int CouldNotRun = 2;
    private readonly ConformanceArguments arguments = new();

    public ConformanceCommand()
        : base("conformance", "Tells an OpenMicroBlogging 0.1 service, clause by clause, what it does wrong. "
            + "It subscribes and publishes for real: use a person made for it. Exit code: 0 every MUST that was reached holds, 1 one failed, 2 could not run, or a step that you gave could not be done.")
    {
        arguments.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var terminal = new TerminalReport(AnsiConsole.Console);
        try
        {
            var options = arguments.Read(parsed, terminal);
            var report = await terminal.WhileAsync(arguments.IsAsking(parsed), () => ConformanceKit.RunAsync(options, terminal, cancellationToken));
            if (parsed.GetValue(arguments.JUnit) is { } file)
            {
                await using var output = file.Create();
                JUnitXml.Write(report, output);
            }

            terminal.Close(report);
            return report.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Stop("Cancelled.");
            return CouldNotRun;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            terminal.Stop(e.Message);
            return CouldNotRun;
        }
        catch (Exception e)
        {
            // One escaped line: the text may quote the service.
            terminal.Stop($"The kit itself failed ({e.GetType().Name}): {e.Message}");
            return CouldNotRun;
        }
    }
}
