using System.Text;
using Microblog.Diagnostics;
using Microblog.Pages;
using Microblog.Remote;

namespace Microblog.Cli.Doctor;

/// <summary>Asks the node for its own checks, where the operator gives a way in.</summary>
internal sealed class OperatorExam(Patient patient)
{
    private const string Question = "the node's own checks";
    private const int MaxLines = 50;
    private const int MaxLineLength = 500;

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
        var found = result is RemoteResult.Answered { Status: 200 } answer ? Read(Encoding.UTF8.GetString(answer.Body.Span)) : null;
        return [.. WarnOfPlainHttp(), .. found ?? [Refused(result)]];
    }

    private IEnumerable<Diagnosis> WarnOfPlainHttp()
    {
        if (patient.Base.Scheme == Uri.UriSchemeHttp && !patient.Base.IsLoopback)
        {
            yield return new Diagnosis(
                "the cookie",
                Verdict.Warning,
                "It went out over plain http: whoever is on the way can read it, and act as the operator.",
                "Sign out in that browser, and give the https address.");
        }
    }

    private static List<Diagnosis>? Read(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.FirstOrDefault() != OperatorRoutes.TextSignature)
            return null;
        var found = lines.Skip(1).Take(MaxLines).Select(line => Cut(line).Split('\t')).Where(parts => parts.Length == 3)
            .Select(parts => new Diagnosis($"inside: {parts[1]}", Judge(parts[0]), parts[2])).ToList();
        if (lines.Length > 1 + MaxLines)
            found.Add(new Diagnosis(Question, Verdict.Warning, $"There are more than {MaxLines}; the others are left out.", $"Open {OperatorRoutes.ChecksPath} in a browser."));
        return found;
    }

    private static string Cut(string line) => line.Length > MaxLineLength ? line[..MaxLineLength] + "…" : line;

    private static Verdict Judge(string severity) => severity switch
    {
        nameof(Severity.Good) => Verdict.Good,
        nameof(Severity.Warning) => Verdict.Warning,
        nameof(Severity.Failure) => Verdict.Failure,
        _ => Verdict.NotJudged,
    };

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
