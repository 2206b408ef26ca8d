using System.Net.Security;
using Microblog.Diagnostics;
using Microblog.Remote;
using Microblog.Text;

namespace Microblog.Cli.Doctor;

/// <summary>Whether requests reach the node at all, and if not, what is in the way.</summary>
internal sealed class ReachExam(Patient patient)
{
    public const string Question = "reaching the node";
    private const string PathQuestion = "the path";

    /// <returns>What was found, and the node's answer if it was reached.</returns>
    public async ValueTask<(Diagnosis Diagnosis, Probe? Probe, RemoteResult.Answered? Answer)> ExamineAsync(CancellationToken cancellationToken)
    {
        var result = await patient.SendAsync(Probe.Request(patient.Base.AbsoluteUri), cancellationToken);
        if (Probe.Read(result) is { } probe)
            return (Diagnosis.Good(Question, $"A node answers at {patient.Base}."), probe, (RemoteResult.Answered)result);
        var diagnosis = result switch
        {
            RemoteResult.Failed failed when await IsPlainHttpAsync(failed, cancellationToken) => Fail(
                $"{patient.Base.Authority} answers, but not with TLS.", "Use http://, or let the proxy end TLS on this port."),
            RemoteResult.Failed failed => Explain(failed),
            RemoteResult.Answered { Status: 404 or 405 or 410 } answer => await FindElsewhereAsync(answer, cancellationToken),
            RemoteResult.Answered { IsSuccess: true } => await ExplainOtherPageAsync(cancellationToken),
            RemoteResult.Answered answer => Explain(answer),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return (diagnosis, null, null);
    }

    // A port that speaks TLS answers plain http with 400, or not at all.
    private async ValueTask<bool> IsPlainHttpAsync(RemoteResult.Failed failed, CancellationToken cancellationToken)
    {
        if (patient.Base.Scheme != Uri.UriSchemeHttps || failed.Reason != RemoteFailure.ConnectionFailed || patient.Network.CertificateErrors != SslPolicyErrors.None)
            return false;
        var plain = new UriBuilder(patient.Base) { Scheme = Uri.UriSchemeHttp, Port = patient.Base.Port }.Uri;
        return await patient.SendAsync(Probe.Request(plain.AbsoluteUri), cancellationToken) is RemoteResult.Answered { Status: not 400 };
    }

    private Diagnosis Explain(RemoteResult.Failed failed) => failed.Reason switch
    {
        RemoteFailure.NameNotFound => Fail($"The name {patient.Base.Host} has no address.", "Enter it in the DNS, or correct the URL."),
        RemoteFailure.TimedOut => Fail(
            $"{patient.Base.Authority} did not answer in time.", "Look whether a firewall drops the packets, and whether proxy and node are alive."),
        RemoteFailure.ConnectionFailed when patient.Network.CertificateErrors != SslPolicyErrors.None => Fail(
            $"The certificate of {patient.Base.Authority} is not accepted ({patient.Network.CertificateErrors}).",
            patient.Network.CertificateErrors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
                ? "Get a certificate that names this host."
                : "Get a certificate from an issuer that everybody trusts, and have the proxy send the whole chain. For one of your own use --trust."),
        RemoteFailure.ConnectionFailed => Fail(
            $"Nobody answers at {patient.Base.Authority}.", "Start the node or the proxy in front of it, and open the port in the firewall."),
        _ => Fail(
            $"What answers at {patient.Base.Authority} is not HTTP that we understand ({failed.Detail}).", "Look whether scheme and port of the URL fit together."),
    };

    private Diagnosis Explain(RemoteResult.Answered answer) => answer.Status switch
    {
        >= 300 and < 400 => Fail(
            $"The public URL leads elsewhere: {answer.Status} to {answer.Header("Location")}.",
            "Signed requests are never redirected. Give the doctor the address where it ends, and make BaseUri that one."),
        401 or 403 => Fail(
            $"Something in front of the node refuses visitors with {answer.Status}.{patient.Note(answer)}",
            "Let strangers through: in the proxy or its firewall, or by MapMicroblog().AllowAnonymous() where the application demands a signed-in user everywhere."),
        429 => Fail("The node was asked too often from here.", "Wait a minute, and try again."),
        502 or 503 or 504 => Fail(
            $"A proxy answers {answer.Status}: it does not reach the node.", "Start the node, or correct the address and port to which the proxy passes requests."),
        >= 500 => Fail($"The application fails with {answer.Status}.{patient.Note(answer)}", "Look into the application's log."),
        _ => Fail($"The answer is {answer.Status}, which a node never gives here.", "Look who answers at this URL; it may be a proxy or its firewall."),
    };

    // A page for everything: a captive portal, a parked domain, an application with a fallback page.
    private async ValueTask<Diagnosis> ExplainOtherPageAsync(CancellationToken cancellationToken)
    {
        var nowhere = await patient.GetAsync(patient.At("/microblog/there-is-nothing-here"), "text/plain", cancellationToken);
        return nowhere is RemoteResult.Answered { IsSuccess: true }
            ? Fail(
                "Something answers 200 to every address, and it is not the node: a captive portal, a parked domain, or a page that another application shows for all.",
                "Look where the name leads (DNS), leave the network whose portal this is, or have the proxy pass these addresses on to the node.")
            : Fail(
                $"At {ArrivalProbe.Path} another application answers.", "Have the proxy pass everything below the public URL on to the node, unchanged.");
    }

    // Where the node answers instead tells what the proxy does with the path.
    private async ValueTask<Diagnosis> FindElsewhereAsync(RemoteResult.Answered answer, CancellationToken cancellationToken)
    {
        var origin = patient.Base.GetLeftPart(UriPartial.Authority);
        var path = patient.Base.AbsolutePath.TrimEnd('/');
        if (path.Length > 0 && await AnswersAsync(origin + path + path, cancellationToken))
        {
            return new Diagnosis(
                PathQuestion,
                Verdict.Failure,
                $"The proxy takes {path} away: the node answers at {path}{path} only.",
                $"Have the proxy pass the path on (nginx: proxy_pass without a path), or say MapMicroblog(path: \"\") in the application.");
        }

        for (var parent = path; parent.Length > 0;)
        {
            parent = parent[..parent.LastIndexOf('/')];
            if (!await AnswersAsync(origin + parent, cancellationToken))
                continue;
            return new Diagnosis(
                PathQuestion,
                Verdict.Failure,
                $"The node answers at {origin}{parent}/ and not below {path}.",
                $"If {origin}{parent}/ is the public URL, give the doctor that one{PersonHint(path[parent.Length..])}. Otherwise make {patient.Base} the MicroblogOptions.BaseUri, "
                + "or stop the proxy from putting a path in front.");
        }

        return Fail(
            $"There is no node at {patient.Base} ({answer.Status}).",
            "Look whether app.MapMicroblog() is called, whether BaseUri has this very path, and whether the proxy passes it on to this application. A node older than this doctor answers so, too.");
    }

    private static string PersonHint(string path) =>
        Nickname.TryParse(path[1..], out var nickname, out _) && nickname == path[1..] ? $", or that one and --person {nickname} if this is somebody's page" : "";

    private async ValueTask<bool> AnswersAsync(string root, CancellationToken cancellationToken) =>
        Probe.Read(await patient.SendAsync(Probe.Request(root), cancellationToken)) is not null;

    private static Diagnosis Fail(string seen, string change) => new(Question, Verdict.Failure, seen, change);
}
