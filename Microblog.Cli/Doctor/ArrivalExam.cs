using Microblog.Diagnostics;

namespace Microblog.Cli.Doctor;

/// <summary>What a proxy changes on the way, as the node's probe tells.</summary>
internal sealed class ArrivalExam(Patient patient, Probe probe)
{
    public const string SchemeQuestion = "the scheme";
    public const string HostQuestion = "the host";
    public const string AuthorizationQuestion = "the Authorization header";

    /// <param name="isBaseUriRight">Whether the node's base URI is the public URL; then another host is the proxy's doing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IReadOnlyList<Diagnosis>> ExamineAsync(bool isBaseUriRight, CancellationToken cancellationToken) =>
        [Scheme(isBaseUriRight), Host(isBaseUriRight), await EscapesAsync(cancellationToken), Query(), Authorization()];

    private Diagnosis Scheme(bool isBaseUriRight) => probe["scheme"] switch
    {
        "same" => Diagnosis.Good(SchemeQuestion, "It arrives as it was sent."),
        _ when !isBaseUriRight => Diagnosis.Follows(SchemeQuestion, BaseUriExam.Question),
        "downgraded" => new Diagnosis(
            SchemeQuestion,
            Verdict.Failure,
            "Requests by https arrive as http: token requests are refused, cookies are not secure, and signing in leads to http.",
            probe["forwarded"] == "unused" ? ArrivalAdvice.UnusedForwarded : ArrivalAdvice.MissingForwarded),
        "upgraded" => new Diagnosis(SchemeQuestion, Verdict.Failure, "Requests by http arrive as https.", ArrivalAdvice.Upgraded),
        _ => NotSaid(SchemeQuestion),
    };

    private Diagnosis Host(bool isBaseUriRight) => probe["host"] switch
    {
        "same" => Diagnosis.Good(HostQuestion, "It arrives as it was sent."),
        "rewritten" when !isBaseUriRight => Diagnosis.Follows(HostQuestion, BaseUriExam.Question),
        "rewritten" => new Diagnosis(
            HostQuestion, Verdict.Failure, "The proxy puts another host into the requests, so the application leads people there when they sign in.", ArrivalAdvice.Host),
        _ => NotSaid(HostQuestion),
    };

    private async ValueTask<Diagnosis> EscapesAsync(CancellationToken cancellationToken)
    {
        const string question = "escapes in the path";
        var result = await patient.SendAsync(Probe.Request(patient.Base.AbsoluteUri, "/" + ArrivalProbe.SampleSegment), cancellationToken);
        return Probe.Read(result)?["escapes"] == "same"
            ? Diagnosis.Good(question, "They arrive as they were sent.")
            : new Diagnosis(
                question,
                Verdict.Failure,
                "The proxy decodes or rewrites escapes in the path (%2F), so a signature over such an address does not hold.",
                "Have it pass the path on untouched (nginx: proxy_pass without a path; Apache: AllowEncodedSlashes NoDecode and ProxyPass … nocanon).");
    }

    private Diagnosis Query() => probe["query"] switch
    {
        "same" => Diagnosis.Good("the query", "It arrives as it was sent."),
        "missing" => new Diagnosis(
            "the query",
            Verdict.Failure,
            "The proxy drops the query, so nobody can be asked for consent, and pages cannot be turned.",
            "Have it pass the query on (nginx: proxy_pass without a path, or $request_uri instead of $uri)."),
        "changed" => new Diagnosis(
            "the query", Verdict.Failure, "The proxy rewrites the query, so signatures over it do not hold.", "Have it pass the query on untouched (nginx: $args as it is)."),
        _ => NotSaid("the query"),
    };

    private Diagnosis Authorization() => probe["authorization"] == "present"
        ? Diagnosis.Good(AuthorizationQuestion, "It arrives.")
        : new Diagnosis(
            AuthorizationQuestion,
            Verdict.Failure,
            "The proxy drops it, so services that sign in the header are refused.",
            "Have it pass the header on (nginx: no proxy_set_header Authorization \"\"; Apache: CGIPassAuth On).");

    private static Diagnosis NotSaid(string question) => new(question, Verdict.NotJudged, "The node does not say how it arrived.");
}
