using Microblog.Testing.Conformance.Output;
using Spectre.Console;

namespace Microblog.Cli.Doctor;

/// <summary>Prints what was found. Whatever the node said is text: neither markup nor commands to the terminal.</summary>
internal static class DoctorReport
{
    public static void Write(IAnsiConsole console, Patient patient, IReadOnlyList<Diagnosis> found)
    {
        foreach (var diagnosis in found)
        {
            var (word, colour) = Looks(diagnosis.Verdict);
            console.MarkupLine($"[{colour}]{word,-8}[/] [bold]{Plain(diagnosis.Question)}[/]");
            console.MarkupLine($"         {Plain(diagnosis.Seen)}");
            if (diagnosis.Change.Length > 0)
                console.MarkupLine($"         → {Plain(diagnosis.Change)}");
        }

        if (patient.References.Count > 0)
            console.MarkupLine(Plain($"Refusals met, to be looked up by the operator at {patient.At("/operator/refusals")}: {string.Join(", ", patient.References)}"));
        var count = found.Count(d => d.IsFinding);
        console.MarkupLine(count == 0
            ? "[green]All that was looked at is well.[/] Whole subscriptions are tried by [bold]microblog conformance[/]."
            : $"[red]{count} {(count == 1 ? "finding" : "findings")}.[/]");
    }

    private static (string Word, string Colour) Looks(Verdict verdict) => verdict switch
    {
        Verdict.Good => ("well", "green"),
        Verdict.NotJudged => ("—", "grey"),
        Verdict.Warning => ("look", "yellow"),
        _ => ("broken", "red"),
    };

    private static string Plain(string text) => Markup.Escape(Shown.Line(text));
}
