using System.Text;
using Microblog.Diagnostics;
using Microblog.Pages;
using Microblog.Remote;

namespace Microblog.Cli.Doctor;

/// <summary>Asks the node for its own checks, where the operator gives a way in.</summary>
internal sealed class OperatorExam(Patient patient)
{
    private const string Question = "the node's own checks";

    /// <param name="cookie">The Cookie header of a browser in which the operator is signed in, or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IReadOnlyList<Diagnosis>> ExamineAsync(string? cookie, CancellationToken cancellationToken)
    {
        var address = patient.At(OperatorRoutes.ChecksPath);
        if (cookie is null)
        {
            return
            [
                new Diagnosis(
                    Question, Verdict.NotJudged, $"Queue, store, keys and outbound network were not looked at. Sign in as the operator and open {address}, or use --cookie-file."),
            ];
        }

        var result = await patient.SendAsync(
            RemoteRequest.Get(address, "text/plain") with { MaxRedirects = 0, Headers = [new("Cookie", cookie)] }, cancellationToken);
        return result is RemoteResult.Answered { Status: 200 } answer && Read(Encoding.UTF8.GetString(answer.Body.Span)) is { } found
            ? found
            : [Refused(result)];
    }

    private static List<Diagnosis>? Read(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.FirstOrDefault() != OperatorRoutes.TextSignature)
            return null;
        return [.. lines.Skip(1).Select(line => line.Split('\t')).Where(parts => parts.Length == 3).Select(parts => new Diagnosis(
            $"inside: {parts[1]}",
            Enum.TryParse<Severity>(parts[0], out var severity)
                ? severity switch { Severity.Good => Verdict.Good, Severity.Warning => Verdict.Warning, _ => Verdict.Failure }
                : Verdict.NotJudged,
            parts[2]))];
    }

    private Diagnosis Refused(RemoteResult result) => result switch
    {
        RemoteResult.Answered { Status: 403 } answer => new Diagnosis(
            Question,
            Verdict.Warning,
            $"The cookie is of somebody who is not an operator.{patient.Note(answer)}",
            "Sign in as one: MicroblogWebOptions.IsOperator says who is; by default whoever has the role operator."),
        RemoteResult.Answered { Status: 401 or (>= 300 and < 400) } => new Diagnosis(
            Question, Verdict.Warning, "The cookie is of nobody who is signed in.", "Sign in again, and take the whole Cookie header from the browser."),
        _ => new Diagnosis(Question, Verdict.Warning, "They could not be read.", $"Open {patient.At(OperatorRoutes.ChecksPath)} in a browser."),
    };
}
