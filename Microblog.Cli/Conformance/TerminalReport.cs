using Microblog.Testing.Conformance;
using Microblog.Testing.Conformance.Output;
using Spectre.Console;

namespace Microblog.Cli.Conformance;

/// <summary>One line for each verdict as it is found; at the end the clauses without one by their reasons, the failures at length, and a summary.</summary>
internal sealed class TerminalReport : IProgress<ClauseResult>
{
    private const int NoWrapping = 10_000;
    private readonly IAnsiConsole console;
    private readonly List<ClauseResult> failures = [];
    private readonly List<ClauseResult> unjudged = [];
    private StatusContext? status;
    private int count;

    public TerminalReport(IAnsiConsole console)
    {
        this.console = console;
        // What goes into a file or another program has neither a screen's lines nor its colours.
        if (!Console.IsOutputRedirected)
            return;
        console.Profile.Width = NoWrapping;
        console.Profile.Capabilities.Ansi = console.Profile.Capabilities.Interactive = false;
        console.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
    }

    /// <summary>Shows that something is going on, where there is somebody to see it and nobody to be asked.</summary>
    public Task<T> WhileAsync<T>(bool isAsking, Func<Task<T>> run) => isAsking || !console.Profile.Capabilities.Interactive
        ? run()
        : console.Status().StartAsync("Asking…", context =>
        {
            status = context;
            return run();
        });

    public void Report(ClauseResult value)
    {
        if (value.Verdict is Verdict.Holds or Verdict.Failed)
            Line(value);
        else
            unjudged.Add(value);
        if (value.Failure is not null)
            failures.Add(value);
        count++;
        status?.Status($"{count} clauses, {failures.Count} failed");
    }

    private void Line(ClauseResult value)
    {
        var (colour, mark) = value.Verdict switch
        {
            Verdict.Holds => ("green", "ok  "),
            Verdict.Failed => (value.Level == ClauseLevel.Must ? "red" : "yellow", "FAIL"),
            Verdict.NotReached => ("blue", "-   "),
            _ => ("grey", "?   "),
        };
        console.MarkupLine($"[{colour}]{mark}[/] {value.Level.ToString().ToUpperInvariant(),-6} {Markup.Escape(FailureText.Clause(value))}");
    }

    public void Close(ConformanceReport report)
    {
        Details();
        if (report.Problem.Length > 0)
        {
            Problem("Could not run: " + report.Problem);
            return;
        }

        var table = new Table().AddColumns("", "holds", "failed", "not reached", "not observable");
        foreach (var level in Enum.GetValues<ClauseLevel>())
            table.AddRow([level.ToString().ToUpperInvariant(), .. Enum.GetValues<Verdict>().Select(v => $"{report.Count(level, v)}")]);
        console.Write(table);
        var musts = report.Count(ClauseLevel.Must, Verdict.Failed);
        if (musts > 0)
            console.MarkupLine($"[red]{musts} MUST failed.[/]");
        if (report.StepProblem.Length > 0)
            Problem("A step that you gave could not be done: " + report.StepProblem);
        else if (musts == 0)
            console.MarkupLine("[green]Every MUST that was reached holds.[/]");
    }

    /// <summary>Ends without a summary.</summary>
    public void Stop(string problem)
    {
        Details();
        Problem(problem);
    }

    public void Say(string text) => console.MarkupLine($"[bold]{Markup.Escape(Shown.Line(text))}[/]");

    /// <summary>Waits until the person says that it is done.</summary>
    public async Task WaitForEnterAsync(CancellationToken cancellationToken)
    {
        Say("Press Enter when it is done.");
        _ = await Task.Run(Console.In.ReadLine, cancellationToken).WaitAsync(cancellationToken) ?? throw new EndOfStreamException("--ask needs a terminal.");
    }

    private void Problem(string text) => console.MarkupLine($"[red]{Markup.Escape(Shown.Line(text))}[/]");

    private void Details()
    {
        foreach (var group in unjudged.OrderByDescending(r => r.Verdict).GroupBy(FailureText.Reason))
        {
            console.WriteLine();
            console.MarkupLine(Markup.Escape(group.Key));
            foreach (var result in group)
                Line(result);
        }

        Failures();
    }

    // Past the console's word wrapping: bytes stand as they are.
    private void Failures()
    {
        foreach (var failure in failures)
        {
            console.WriteLine();
            console.MarkupLine($"[{(failure.Level == ClauseLevel.Must ? "red" : "yellow")}]{Markup.Escape(FailureText.Line(failure))}[/]");
            console.Profile.Out.Writer.WriteLine(FailureText.Of(failure));
        }
    }
}
