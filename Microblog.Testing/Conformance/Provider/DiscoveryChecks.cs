using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Provider;

/// <summary>Whether the person's page leads to a document that says how to subscribe (3.1 to 3.4).</summary>
internal static partial class DiscoveryChecks
{
    private static readonly XNamespace XrdsSpace = "xri://$xrds";
    private static readonly string[] LocationHeaders = ["X-XRDS-Location", "X-YADIS-Location"];
    private static readonly XNamespace XrdSpace = "xri://$xrd*($v*2.0)";

    public static IReadOnlyList<Check<ProviderTarget>> All { get; } =
    [
        new("OMB-1", "Let the profile page lead to the XRDS document: by media type, by the header X-XRDS-Location, or by the meta element.", async (target, ct) =>
        {
            var exchanges = new List<WireExchange>();
            var address = target.Options.Profile.AbsoluteUri;
            for (var hops = 0; hops < 8; hops++)
            {
                var reply = await target.GetAsync(address, WireText.XrdsType, ct).ConfigureAwait(false);
                exchanges.Add(reply.Exchange);
                if (reply.Status == 0 && hops == 0)
                    throw new CouldNotRunException($"{address}: {reply.Problem}");
                if (reply.Status is 404 or 410 && hops == 0)
                    throw new CouldNotRunException($"{address}: it answered {reply}: is this the person's page?");
                if (reply.Status == 200 && XrdsReading.TryRead(reply) is { } document)
                {
                    target.Document.Value = document;
                    return;
                }

                var next = reply.IsRedirect ? reply.Header("Location") : Location(reply) ?? Meta(reply);
                if (next is null || !Uri.TryCreate(new Uri(address), next, out var resolved))
                    break;
                address = resolved.AbsoluteUri;
            }

            Expect.That(false, "an XRDS document at the end", exchanges);
        }),
        new("OMB-2", "Answer 'Accept: application/xrds+xml' with the document under that media type, or at least send X-XRDS-Location.", async (target, ct) =>
        {
            var reply = await target.GetAsync(target.Options.Profile.AbsoluteUri, WireText.XrdsType, ct).ConfigureAwait(false);
            Expect.That(
                (reply.Status == 200 && reply.MediaType == WireText.XrdsType) || Location(reply) is not null || reply.IsRedirect,
                "the document as application/xrds+xml, or the header X-XRDS-Location", reply.Exchange);
        }),
        new("OMB-3", "Put the same absolute URL into the header X-XRDS-Location and into <meta http-equiv=\"X-XRDS-Location\" content=\"…\"> of the head.", async (target, ct) =>
        {
            var reply = await target.GetAsync(target.Options.Profile.AbsoluteUri, "text/html", ct).ConfigureAwait(false);
            var (header, meta) = (Location(reply), Meta(reply));
            Expect.That(
                header is not null && header == meta && Uri.TryCreate(header, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https",
                $"header and meta element with the same absolute URL; the header says '{header}', the element '{meta}'", reply.Exchange);
        }),
        new("OMB-4", "Serve the document as application/xrds+xml for every Accept, with the root XRDS in xri://$xrds and XRD elements in xri://$xrd*($v*2.0).", async (target, ct) =>
        {
            var page = await target.GetAsync(target.Options.Profile.AbsoluteUri, "text/html", ct).ConfigureAwait(false);
            var address = Location(page) ?? Meta(page) ?? target.Document.Value.Reply.Address!.AbsoluteUri;
            Expect.That(Uri.TryCreate(target.Options.Profile, address, out var resolved), $"an address of the document, and it is '{address}'", page.Exchange);
            var reply = await target.GetAsync(resolved!.AbsoluteUri, "*/*", ct).ConfigureAwait(false);
            reply.Status(200);
            Expect.That(reply.MediaType == WireText.XrdsType, $"the media type application/xrds+xml, and it was '{reply.MediaType}'", reply.Exchange);
            var document = XrdsReading.TryRead(reply);
            Expect.That(document is not null, "well-formed XML without a DTD whose root is XRDS", reply.Exchange);
            Expect.That(
                document!.Root.Name == XrdsSpace + "XRDS" && document.Xrds.Count > 0 && document.Xrds.All(x => x.Name == XrdSpace + "XRD"),
                "the namespaces xri://$xrds and xri://$xrd*($v*2.0)", reply.Exchange);
        }),
        new("OMB-5", "Give every XRD the attribute version=\"2.0\" and the child <Type>xri://$xrds*simple</Type>.", (target, _) => Look(
            target, document => document.Xrds.All(x => x.Attribute("version")?.Value == "2.0" && XrdsReading.HasType(x, "xri://$xrds*simple")),
            "version=\"2.0\" and the type xri://$xrds*simple in every XRD")),
        new("OMB-6", "Let the last XRD hold two services, of types http://oauth.net/discovery/1.0 and " + WireText.Version + ", whose URIs are #fragments that name the other two XRDs by xml:id. Consumers start at the last XRD and look nowhere else.", (target, _) => Look(
            target,
            document => Holds(document.PointedTo(WireText.OAuthPointer), WireText.Request) && Holds(document.PointedTo(WireText.Version), WireText.PostNotice),
            "the last XRD to point to the XRD with the OAuth endpoints and to the one with the OMB endpoints")),
        new("OMB-7", "List all five endpoints, each with an absolute http or https URI.", (target, _) =>
        {
            var document = target.Document.Value;
            var found = WireText.Endpoints.ToDictionary(type => type, type => document.Endpoint(type) ?? "", StringComparer.Ordinal);
            var missing = found.Where(e => e.Value.Length == 0).Select(e => e.Key);
            Expect.That(!missing.Any(), $"all five endpoints; missing: {string.Join(", ", missing)}", document.Reply.Exchange);
            target.Endpoints.Value = found;
            return Task.CompletedTask;
        }),
        new("OMB-8", "Put a LocalID with the person's identifier URI into the service of the request endpoint.", (target, _) =>
        {
            var document = target.Document.Value;
            var id = document.LocalId;
            Expect.That(Uri.TryCreate(id, UriKind.Absolute, out Uri? _), $"an absolute URI as the request service's LocalID, and it is '{id}'", document.Reply.Exchange);
            target.Listener.Value = id!;
            return Task.CompletedTask;
        }),
        new("OMB-10", "Write Type, URI and LocalID without white space, and endpoint URIs without a query: several peers neither trim nor sign queries.", (target, _) => Look(
            target,
            document => document.Texts.All(text => text == text.Trim())
                && WireText.Endpoints.All(type => document.Endpoint(type)?.Contains('?', StringComparison.Ordinal) != true)
                && target.Listener.Value.StartsWith("http", StringComparison.Ordinal),
            "no white space around the texts, no query in the endpoints, and an http(s) URL as the identifier")),
        new("OMB-10", "Let the identifier URL lead to the same document: peers discover it before they push, and to check who somebody is.", async (target, ct) =>
        {
            if (!target.Listener.Value.StartsWith("http", StringComparison.Ordinal))
                throw new NotObservableException("the identifier is no http(s) URL");
            var (document, exchange) = await FindAsync(target, target.Listener.Value, ct).ConfigureAwait(false);
            Expect.That(document?.LocalId == target.Listener.Value, "the identifier URL to lead to a document with this identifier", exchange);
        }) { Part = "the identifier is discoverable", Level = ClauseLevel.Must },
        new("OMB-11", "Answer 404 for people who do not exist.", async (target, ct) =>
        {
            var nobody = new Uri(target.Options.Profile, "nobody" + Chance.Text(10)).AbsoluteUri;
            var reply = await target.GetAsync(nobody, "text/html", ct).ConfigureAwait(false);
            reply.Status(404, 410);
            (await target.GetAsync(nobody, WireText.XrdsType, ct).ConfigureAwait(false)).Status(404, 410);
        }),
        new("OMB-13", "Give every listener postNotice and updateProfile addresses of their own. (Addresses for all are right only where every host admitted is trusted.)", async (target, ct) =>
        {
            if (target.Options.OtherProfile is not { } other)
                throw new NotReachedException("needs a second person: give --other-profile");
            var endpoints = target.Endpoints.Value;
            var (document, exchange) = await FindAsync(target, other.AbsoluteUri, ct).ConfigureAwait(false);
            string[] own = [WireText.PostNotice, WireText.UpdateProfile];
            Expect.That(
                document is not null && own.All(type => document.Endpoint(type) is { } theirs && theirs != endpoints[type]),
                "other postNotice and updateProfile addresses for the other person", target.Document.Value.Reply.Exchange, exchange);
        }),
    ];

    private static Task Look(ProviderTarget target, Func<XrdsReading, bool> holds, string expected)
    {
        var document = target.Document.Value;
        Expect.That(holds(document), expected, document.Reply.Exchange);
        return Task.CompletedTask;
    }

    private static bool Holds(XElement? xrd, string type) => xrd is not null && XrdsReading.Services(xrd).Any(s => XrdsReading.HasType(s, type));

    private static async Task<(XrdsReading?, WireExchange)> FindAsync(ProviderTarget target, string address, CancellationToken cancellationToken)
    {
        var reply = await target.GetAsync(address, WireText.XrdsType, cancellationToken).ConfigureAwait(false);
        for (var hops = 0; hops < 8 && XrdsReading.TryRead(reply) is null; hops++)
        {
            var next = reply.IsRedirect ? reply.Header("Location") : Location(reply) ?? Meta(reply);
            if (next is null || !Uri.TryCreate(reply.Address, next, out var resolved))
                break;
            reply = await target.GetAsync(resolved.AbsoluteUri, WireText.XrdsType, cancellationToken).ConfigureAwait(false);
        }

        return (XrdsReading.TryRead(reply), reply.Exchange);
    }

    private static string? Location(WireReply reply) => LocationHeaders.Select(reply.Header).FirstOrDefault(value => value.Length > 0);

    private static string? Meta(WireReply reply) => MetaElements().Matches(reply.Text).Select(m => m.Value).Where(m => Pointing().IsMatch(m))
        .Select(m => WebUtility.HtmlDecode(Content().Match(m).Groups["url"].Value)).FirstOrDefault(url => url.Length > 0);

    [GeneratedRegex("<meta[^>]*>", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex MetaElements();

    [GeneratedRegex("http-equiv\\s*=\\s*[\"']?X-(?:XRDS|YADIS)-Location", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Pointing();

    [GeneratedRegex("content\\s*=\\s*(?:\"(?<url>[^\"]*)\"|'(?<url>[^']*)')", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Content();
}
