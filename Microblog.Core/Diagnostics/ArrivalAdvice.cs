using Microblog.Http;

namespace Microblog.Diagnostics;

/// <summary>What to change where a request does not arrive as it was sent. The operator's page and <c>microblog doctor</c> say the same.</summary>
internal static class ArrivalAdvice
{
    public const string UnusedForwarded =
        "The proxy says X-Forwarded-Proto, and the application does not use it: call app.UseForwardedHeaders first, with ForwardedHeaders.XForwardedProto, "
        + "and name the proxy's address in KnownProxies.";

    public const string MissingForwarded =
        "Have the proxy send X-Forwarded-Proto (nginx: proxy_set_header X-Forwarded-Proto $scheme;), and call app.UseForwardedHeaders first in the application.";

    public const string Upgraded =
        "MicroblogOptions.BaseUri says http. If people use https, write https there: it stands in every identifier.";

    public const string Host =
        "Have the proxy pass the host on (nginx: proxy_set_header Host $http_host;), or signing in leads people to the wrong host.";

    /// <summary>Judges the request of the operator, who came by the public address or knows why not.</summary>
    public static Finding Judge(NodeRequest request, NodeAddresses addresses)
    {
        var report = ArrivalReport.Of(request, addresses);
        var arrival = request.Arrival;
        var seen = $"This page was asked for by {arrival.Scheme} at {arrival.Host}, and the base URI is {addresses.BaseUri}.";
        return report switch
        {
            { Scheme: SchemeArrival.Downgraded } => new(Severity.Failure, $"{seen} {(report.IsForwardedUnused ? UnusedForwarded : MissingForwarded)}"),
            { Scheme: SchemeArrival.Upgraded } => new(Severity.Failure, $"{seen} {Upgraded}"),
            { Host: HostArrival.Rewritten } => new(
                Severity.Warning, $"{seen} Unless you came by a tunnel: {Host} If {arrival.Host} is the public host, MicroblogOptions.BaseUri is wrong."),
            { Scheme: SchemeArrival.Unknown } or { Host: HostArrival.Unknown } => new(Severity.Good, "This request does not say how it arrived."),
            _ => new(Severity.Good, $"{seen} {PathText(report.Path)}".TrimEnd()),
        };
    }

    private static string PathText(PathArrival path) =>
        path is PathArrival.Stripped or PathArrival.Replaced ? "The proxy changes the path, as MapMicroblog(path: …) expects." : "";
}
