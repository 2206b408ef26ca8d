using Microblog.Remote;

namespace Microblog.Cli.Doctor;

/// <summary>What the node takes for its own address: it names it when it refuses a request without a signature.</summary>
internal sealed class BaseUriExam(Patient patient)
{
    public const string Question = "the base URI";
    public const string RequestTokenPath = "/omb/request_token";

    public async ValueTask<Diagnosis> ExamineAsync(CancellationToken cancellationToken)
    {
        var result = await patient.SendAsync(RemoteRequest.PostForm(patient.At(RequestTokenPath), "a=b"u8.ToArray()), cancellationToken);
        return result switch
        {
            RemoteResult.Answered { Status: 404 } => new Diagnosis(
                Question, Verdict.Failure, $"There is nothing at {RequestTokenPath}: the node does not speak OpenMicroBlogging.", "Add .AddOmb() to the node's services."),
            RemoteResult.Answered { Status: >= 300 and < 400 } answer => new Diagnosis(
                Question,
                Verdict.Failure,
                $"A POST is led elsewhere: {answer.Status} to {answer.Header("Location")}.",
                "Signed requests are never redirected: take the redirect out of the proxy or the application for the node's addresses."),
            RemoteResult.Answered answer => Compare(Realm(answer.Header("WWW-Authenticate") ?? "")),
            RemoteResult.Failed failed => new Diagnosis(Question, Verdict.Failure, $"A POST is not answered ({failed.Detail}).", "Have the proxy pass POST requests on."),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private Diagnosis Compare(string realm)
    {
        if (!Uri.TryCreate(realm, UriKind.Absolute, out var said) || said.Scheme is not ("http" or "https"))
            return new Diagnosis(Question, Verdict.NotJudged, "The node does not name it (OmbOptions.OAuth.Realm says something else, or the proxy drops WWW-Authenticate).");
        return said.AbsoluteUri.TrimEnd('/') == patient.Base.AbsoluteUri.TrimEnd('/')
            ? Diagnosis.Good(Question, $"The node takes itself for {said}, and that is where it is.")
            : new Diagnosis(
                Question,
                Verdict.Failure,
                $"The node takes itself for {said}, and it was asked at {patient.Base}. All its identifiers, endpoints and signatures say the former.",
                $"Set MicroblogOptions.BaseUri to {patient.Base}, or give the doctor the public URL that it has.");
    }

    private static string Realm(string challenge)
    {
        const string beginning = "OAuth realm=\"";
        var end = challenge.StartsWith(beginning, StringComparison.Ordinal) ? challenge.IndexOf('"', beginning.Length) : -1;
        return end < 0 ? "" : challenge[beginning.Length..end];
    }
}
