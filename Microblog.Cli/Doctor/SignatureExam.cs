using System.Text;
using Microblog.Omb;
using Microblog.Omb.OAuth;
using Microblog.Remote;

namespace Microblog.Cli.Doctor;

/// <summary>Signs a request for the public address, as a stranger's service would, and looks whether the node agrees.</summary>
/// <remarks>Any change of scheme, host, port, path, query or body on the way shows as a bad signature.</remarks>
internal sealed class SignatureExam(Patient patient, string? endpoint, string? listener)
{
    private const string Consumer = "https://microblog-doctor.invalid/";
    private const string Nobody = "https://microblog-doctor.invalid/nobody";

    /// <param name="placement">Body or header.</param>
    /// <param name="earlier">What was found before, of which a refusal may be the consequence.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Diagnosis> ExamineAsync(OAuthPlacement placement, IReadOnlyList<Diagnosis> earlier, CancellationToken cancellationToken)
    {
        var question = placement == OAuthPlacement.Body ? "a request signed in the body" : "a request signed in the header";
        var url = new Uri(endpoint ?? patient.At(BaseUriExam.RequestTokenPath).AbsoluteUri);
        var call = new OAuthSigner(Consumer).Sign(
            "POST",
            url,
            [new(OmbNames.Version, OmbNames.ProtocolVersion), new(OmbNames.Listener, listener ?? Nobody)],
            null,
            RequestStamp.Fresh(patient.Clock.GetUtcNow()),
            placement);
        var request = RemoteRequest.PostForm(call.Url, Encoding.ASCII.GetBytes(call.Form)) with
        {
            Headers = call.Authorization is { } header ? [new("Authorization", header)] : [],
        };
        return await patient.SendAsync(request, cancellationToken) switch
        {
            RemoteResult.Answered answer => Judge(question, answer, earlier),
            RemoteResult.Failed failed => new Diagnosis(question, Verdict.Failure, $"No answer ({failed.Detail}).", "Look at the node's log and the proxy's limits."),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private Diagnosis Judge(string question, RemoteResult.Answered answer, IReadOnlyList<Diagnosis> earlier)
    {
        if (TokenResponse.TryParse(answer.Status, answer.Body.Span, out _))
            return Diagnosis.Good(question, "A request token was asked for and given.");
        var report = ProblemReport.Parse(answer.Headers.GetValueOrDefault("WWW-Authenticate", []), answer.Body.Span);
        // Past OAuth, nobody is there: what we asked for when there was nobody to ask for.
        if (listener is null && answer.Status == 400 && report.Word is null && report.Advice is null)
            return Diagnosis.Good(question, "The signature holds.");

        var seen = $"Refused with {answer.Status} {report.Word ?? report.Advice}.".Replace(" .", ".", StringComparison.Ordinal) + patient.Note(answer);
        return CauseOf(answer.Status, report, earlier) is { } cause
            ? Diagnosis.Follows(question, cause.Question, seen)
            : new Diagnosis(question, Verdict.Failure, seen, Remedy(answer.Status, report.Problem));
    }

    private static Diagnosis? CauseOf(int status, ProblemReport report, IReadOnlyList<Diagnosis> earlier)
    {
        string[] causes = report.Problem switch
        {
            OAuthProblem.SignatureInvalid => [BaseUriExam.Question],
            _ when status == 404 => [BaseUriExam.Question],
            OAuthProblem.TimestampRefused => [ClockExam.Question],
            OAuthProblem.Unknown when report.Advice is not null => [ArrivalExam.SchemeQuestion, BaseUriExam.Question],
            _ => [],
        };
        return earlier.FirstOrDefault(d => d.Verdict == Verdict.Failure && causes.Contains(d.Question, StringComparer.Ordinal));
    }

    private static string Remedy(int status, OAuthProblem problem) => problem switch
    {
        OAuthProblem.SignatureInvalid => "Something on the way changes scheme, host, port, path or body of requests. Have the proxy pass them on untouched.",
        OAuthProblem.ParameterAbsent or OAuthProblem.ParameterRejected => "The body does not arrive as it was sent. Have the proxy pass bodies and Content-Type on untouched.",
        OAuthProblem.TimestampRefused => "Set the clocks of the node and of this machine by NTP.",
        OAuthProblem.ConsumerKeyRefused => "Wait an hour: too many request tokens were asked for from here.",
        _ when status == 429 => "Wait a minute, and try again.",
        _ when status >= 500 => "Look into the node's log for the reference.",
        _ => "Look the reference up at the node's refusals page: it says what the sender has to change.",
    };
}
