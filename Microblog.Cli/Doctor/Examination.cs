using Microblog.Omb.OAuth;

namespace Microblog.Cli.Doctor;

/// <summary>Looks at a node from outside, one question after the other, and stops asking where the answer could only repeat itself.</summary>
internal sealed class Examination(Patient patient)
{
    private readonly List<Diagnosis> found = [];

    /// <param name="person">Nickname or address of somebody there, or <see langword="null"/> to find one.</param>
    /// <param name="cookie">The operator's way in, or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IReadOnlyList<Diagnosis>> RunAsync(string? person, string? cookie, CancellationToken cancellationToken)
    {
        var (reached, probe, answer) = await new ReachExam(patient).ExamineAsync(cancellationToken);
        found.Add(reached);
        if (probe is null)
            return found;

        found.Add(ClockExam.Examine(probe, answer!, patient.Clock.GetUtcNow()));
        var baseUri = await new BaseUriExam(patient).ExamineAsync(cancellationToken);
        found.Add(baseUri);
        found.AddRange(await new ArrivalExam(patient, probe).ExamineAsync(!baseUri.IsFinding, cancellationToken));
        await ExamineProtocolAsync(person, baseUri, probe, cancellationToken);
        found.AddRange(await new OperatorExam(patient).ExamineAsync(cookie, cancellationToken));
        return found;
    }

    private async ValueTask ExamineProtocolAsync(string? named, Diagnosis baseUri, Probe probe, CancellationToken cancellationToken)
    {
        DiscoveryExam? discovery = null;
        if (baseUri.IsFinding)
        {
            found.Add(Diagnosis.Follows("discovery", BaseUriExam.Question));
        }
        else if (await new PersonFinder(patient).FindAsync(named, cancellationToken) is { } person)
        {
            discovery = new DiscoveryExam(patient, person);
            found.AddRange(await discovery.ExamineAsync(cancellationToken));
        }
        else
        {
            found.Add(new Diagnosis("discovery", Verdict.NotJudged, "Nobody was found on the first page to look at. Name somebody by --person."));
        }

        var signature = new SignatureExam(patient, discovery?.Endpoints?.RequestToken, discovery?.Endpoints?.Identifier);
        found.Add(await signature.ExamineAsync(OAuthPlacement.Body, found, cancellationToken));
        found.Add(probe["authorization"] == "present"
            ? await signature.ExamineAsync(OAuthPlacement.Header, found, cancellationToken)
            : Diagnosis.Follows("a request signed in the header", ArrivalExam.AuthorizationQuestion));
    }
}
