using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Consumer;

/// <summary>What the service makes of a listener's document (3), seen by whether it asks for a request token.</summary>
internal static class FindingChecks
{
    public static IReadOnlyList<Check<ConsumerTarget>> All { get; } =
    [
        .. Enum.GetValues<Way>().Select(way => Asks(
            "OMB-100", way switch
            {
                Way.MediaType => "Take a body of the type application/xrds+xml as the document.",
                Way.Header => "Follow the header X-XRDS-Location.",
                Way.Meta => "Follow <meta http-equiv='X-XRDS-Location'>, its name without regard to case, quotes of either kind.",
                _ => "Follow redirects of the profile page.",
            },
            listener => listener.Way = way) with { Part = way.ToString().ToLowerInvariant() }),
        Asks("OMB-101", "Choose the service and the URI with the lowest priority; none given comes last. Find the XRDs by xml:id, not by their place.", listener => listener.Xrds = document =>
        {
            var right = $"<URI>{listener.Endpoint("request")}</URI>";
            var wrong = $"<URI>{listener.Address}/wrong</URI><URI priority='20'>{listener.Address}/wrong</URI><URI priority='3'>{listener.Endpoint("request")}</URI>";
            return Swap(document.Replace(right, wrong, StringComparison.Ordinal));
        }),
        .. new[] { "request", "authorize", "access", "notice", "update" }.Select(kind => Stops(
            "OMB-102", "Ask for no token when one of the five endpoints is missing.",
            listener => listener.Xrds = document => document.Replace($"<URI>{listener.Endpoint(kind)}</URI>", "", StringComparison.Ordinal)) with { Part = "without " + kind }),
        Stops("OMB-102", "Ask for no token when the request service has no LocalID.", listener => listener.Xrds = document =>
            document.Replace($"<LocalID>{listener.Address}</LocalID>", "", StringComparison.Ordinal)) with { Part = "without LocalID" },
        Asks("OMB-103", "Post to an endpoint with a query as it is, and sign the query's parameters too.", listener => listener.EndpointQuery = kind => kind == "request" ? "?a=b%20c" : "", isSigned: true),
        Asks("OMB-104", "Read XML as XML: any prefix, comments, CDATA, white space around texts, and the namespace xri://$XRD*($v*2.0) in capitals.", listener => listener.Xrds = document => document
            .Replace("<XRDS xmlns=\"xri://$xrds\">", "<!-- a comment --><r:XRDS xmlns:r=\"xri://$xrds\">", StringComparison.Ordinal).Replace("</XRDS>", "</r:XRDS>", StringComparison.Ordinal)
            .Replace("xri://$xrd*($v*2.0)", "xri://$XRD*($v*2.0)", StringComparison.Ordinal)
            .Replace($"<URI>{listener.Endpoint("request")}</URI>", $"<URI>\n  <![CDATA[{listener.Endpoint("request")}]]>\n</URI>", StringComparison.Ordinal)),
        Stops("OMB-126", "Discover an http(s) LocalID that is not the profile's address, and go on only if it leads to the same identifier and endpoints.", listener => listener.LocalId = listener.Address + "/somebodyelse"),
    ];

    private static Check<ConsumerTarget> Asks(string clause, string remedy, Action<Listener> shape, bool isSigned = false) => Look(clause, remedy, shape, listener =>
    {
        var requests = listener.Of("request");
        Expect.That(requests.Count > 0, "a request for a request token after this discovery", listener.Exchanges);
        Expect.That(!isSigned || requests.All(listener.IsRightlySigned), "the signature over the endpoint's query as well", requests.Select(r => r.Exchange));
    });

    private static Check<ConsumerTarget> Stops(string clause, string remedy, Action<Listener> shape) => Look(clause, remedy, shape, listener =>
    {
        Expect.That(listener.Of("page").Count > 0, "the profile page to be fetched");
        Expect.That(listener.Of("request").Count == 0, "no request for a request token after this discovery", listener.Exchanges);
    });

    private static Check<ConsumerTarget> Look(string clause, string remedy, Action<Listener> shape, Action<Listener> judge) => new(clause, remedy, async (target, ct) =>
    {
        var listener = target.Site.NewListener();
        shape(listener);
        listener.Refuse();
        await target.SubscribeAsync(listener, ct).ConfigureAwait(false);
        judge(listener);
    });

    // The OMB description before the one for OAuth; the entry stays last.
    private static string Swap(string document)
    {
        var first = document.IndexOf("  <XRD ", StringComparison.Ordinal);
        var second = document.IndexOf("  <XRD ", first + 1, StringComparison.Ordinal);
        var third = document.IndexOf("  <XRD ", second + 1, StringComparison.Ordinal);
        return document[..first] + document[second..third] + document[first..second] + document[third..];
    }
}
