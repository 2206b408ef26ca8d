using System.Text;
using Microblog.Omb.Discovery;
using Microblog.Remote;
using Microblog.Scheduling;

namespace Microblog.Cli.Doctor;

/// <summary>Whether others find a person's discovery document, in each of the three ways they look for it (OMB-1 to OMB-3).</summary>
internal sealed class DiscoveryExam(Patient patient, Uri person)
{
    public const string HeaderName = "X-XRDS-Location";
    public const string DocumentQuestion = "the discovery document";

    /// <summary>What the document names, once it was read.</summary>
    public OmbEndpoints? Endpoints { get; private set; }

    public async ValueTask<IReadOnlyList<Diagnosis>> ExamineAsync(CancellationToken cancellationToken)
    {
        if (await patient.SendAsync(RemoteRequest.Get(person, "text/html"), cancellationToken) is not RemoteResult.Answered { Status: 200 } page)
        {
            return
            [
                new Diagnosis(
                    "discovery", Verdict.Failure, $"The page {person} cannot be read.", "Name somebody who is there, by --person, or look why this page does not answer."),
            ];
        }

        return
        [
            await NegotiationAsync(cancellationToken),
            Location("discovery by header", page.Header(HeaderName), "the header " + HeaderName, "Have the proxy pass the answer's headers on."),
            Location(
                "discovery by meta element",
                HtmlHead.FindLocation(Encoding.UTF8.GetString(page.Body.Span)),
                "a meta element with the document's address",
                "Render Page.Head in the layout's head (MicroblogWebOptions.Layout), and let nothing on the way rewrite pages."),
            await DocumentAsync(cancellationToken),
        ];
    }

    private async ValueTask<Diagnosis> NegotiationAsync(CancellationToken cancellationToken)
    {
        const string question = "discovery by Accept";
        var result = await patient.SendAsync(RemoteRequest.Get(person, XrdsTypes.MediaType), cancellationToken);
        if (result is RemoteResult.Answered { Status: 200, MediaType: XrdsTypes.MediaType } answer && XrdsParser.Parse(answer.Body) is XrdsParsing.Parsed)
            return Diagnosis.Good(question, $"{person} answers with the document.");
        return new Diagnosis(
            question,
            Verdict.Failure,
            $"Asked for {XrdsTypes.MediaType}, {person} answers {(result is RemoteResult.Answered other ? $"{other.Status} {other.MediaType}" : "not at all")}.",
            "Have the proxy pass Accept on, and its cache obey Vary: Accept.");
    }

    private Diagnosis Location(string question, string? location, string what, string change) =>
        location is null ? new Diagnosis(question, Verdict.Failure, $"{person} does not carry {what}.", change)
        : patient.Has(location) ? Diagnosis.Good(question, $"It names {location}.")
        : new Diagnosis(
            question, Verdict.Failure, $"It names {location}, which is not below {patient.Base}.", $"Set MicroblogOptions.BaseUri to {patient.Base}.");

    private async ValueTask<Diagnosis> DocumentAsync(CancellationToken cancellationToken)
    {
        var discovery = new ProfileDiscovery(patient.Network.Client, patient.Clock, new RandomSource(), _ => false);
        var found = await discovery.DiscoverAsync(person.AbsoluteUri, cancellationToken);
        if (found is DiscoveryResult.Failed failed)
            return new Diagnosis(DocumentQuestion, Verdict.Failure, failed.Detail, "Look at the document at the address named above, as strangers get it.");
        var endpoints = ((DiscoveryResult.Found)found).Endpoints;
        var outside = endpoints.Addresses.Where(address => !patient.Has(address)).ToList();
        if (outside.Count > 0)
        {
            return new Diagnosis(
                DocumentQuestion, Verdict.Failure, $"It names {string.Join(", ", outside)}, not below {patient.Base}.", $"Set MicroblogOptions.BaseUri to {patient.Base}.");
        }

        Endpoints = endpoints;
        return Diagnosis.Good(DocumentQuestion, $"It names {endpoints.Identifier}, and five endpoints below {patient.Base}.");
    }
}
