using System.Net;
using System.Xml.Linq;

namespace Microblog.Federation.Tests.Provider;

/// <summary>What somebody else's service finds at a person's addresses, read with nothing but an XML parser.</summary>
public sealed class DiscoveryDocumentTests(ProviderNode node) : IClassFixture<ProviderNode>, IDisposable
{
    private const string Omb = "http://openmicroblogging.org/protocol/0.1";
    private const string OAuth = "http://oauth.net/core/1.0/endpoint/";
    private static readonly XNamespace Xrds = "xri://$xrds";
    private static readonly XNamespace Xrd = "xri://$xrd*($v*2.0)";

    private readonly Wire wire = new(node.Node.BaseUri);

    public void Dispose() => wire.Dispose();

    [Fact]
    [Trait("Clause", "OMB-1")]
    [Trait("Clause", "OMB-2")]
    [Trait("Clause", "OMB-3")]
    [Trait("Clause", "OMB-4")]
    [Trait("Quirk", "Q5")]
    public async Task The_profile_leads_to_the_document_in_three_ways()
    {
        var bob = await node.JoinAsync();
        var direct = await GetAsync(bob.Url, "application/xrds+xml");
        Assert.Equal((200, "application/xrds+xml", "Accept"), (direct.Status, direct.Header("Content-Type"), direct.Header("Vary")));

        foreach (var accept in new[] { "", "*/*", "text/html", "text/html, application/xrds+xml;q=0.5" })
        {
            var html = await GetAsync(bob.Url, accept);
            Assert.StartsWith("text/html", html.Header("Content-Type"), StringComparison.Ordinal);
            var location = html.Header("X-XRDS-Location");
            Assert.StartsWith(node.Node.BaseUri.AbsoluteUri, location, StringComparison.Ordinal);
            var head = html.Body[..html.Body.IndexOf("</head>", StringComparison.Ordinal)];
            Assert.Contains($"<meta http-equiv=\"X-XRDS-Location\" content=\"{WebUtility.HtmlEncode(location)}\"", head, StringComparison.Ordinal);
            Assert.Equal(direct.Body, (await GetAsync(location, "text/html")).Body);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("*/*")]
    [InlineData("text/html")]
    [InlineData("application/xrds+xml")]
    [InlineData("application/xrds+xml;q=0")]
    [Trait("Clause", "OMB-4")]
    public async Task The_document_has_its_own_address(string accept)
    {
        var bob = await node.JoinAsync();
        var location = (await GetAsync(bob.Url, "text/html")).Header("X-XRDS-Location");
        var reply = await GetAsync(location, accept);
        Assert.Equal((200, "application/xrds+xml"), (reply.Status, reply.Header("Content-Type")));
        Assert.Equal(Xrds + "XRDS", XDocument.Parse(reply.Body).Root!.Name);
        var head = await wire.SendAsync("HEAD", Path(location));
        Assert.Equal((200, "application/xrds+xml", ""), (head.Status, head.Header("Content-Type"), head.Body));
    }

    [Fact]
    [Trait("Clause", "OMB-5")]
    [Trait("Clause", "OMB-6")]
    [Trait("Clause", "OMB-7")]
    [Trait("Clause", "OMB-8")]
    [Trait("Clause", "OMB-10")]
    [Trait("Quirk", "Q1")]
    [Trait("Quirk", "Q2")]
    [Trait("Quirk", "Q3")]
    [Trait("Quirk", "Q12")]
    [Trait("Quirk", "Q13")]
    public async Task The_document_names_identifier_and_endpoints()
    {
        var bob = await node.JoinAsync();
        var root = (await DocumentAsync(bob)).Root!;
        var descriptions = root.Elements(Xrd + "XRD").ToList();
        Assert.All(descriptions, xrd =>
        {
            Assert.Equal("2.0", xrd.Attribute("version")!.Value);
            Assert.Equal((Xrd + "Type", "xri://$xrds*simple"), (xrd.Elements().First().Name, xrd.Elements().First().Value));
        });

        string Pointer(string type) => Service(descriptions[^1], type).Element(Xrd + "URI")!.Value;
        XElement Named(string pointer) => descriptions.Single(xrd => "#" + xrd.Attribute(XNamespace.Xml + "id")?.Value == pointer);
        var oauth = Named(Pointer("http://oauth.net/discovery/1.0"));
        var omb = Named(Pointer(Omb));
        XElement[] services =
        [
            Service(oauth, OAuth + "request"), Service(oauth, OAuth + "authorize"), Service(oauth, OAuth + "access"),
            Service(omb, Omb + "/postNotice"), Service(omb, Omb + "/updateProfile"),
        ];
        Assert.All(services, service =>
        {
            var uri = service.Element(Xrd + "URI")!.Value;
            Assert.True(Uri.TryCreate(uri, UriKind.Absolute, out var address) && address.Query.Length == 0, uri);
            Assert.StartsWith(node.Node.BaseUri.AbsoluteUri, uri, StringComparison.Ordinal);
        });
        Assert.Equal(bob.Uri.Value, services[0].Element(Xrd + "LocalID")!.Value);
        Assert.All(root.Descendants().Where(e => !e.HasElements), leaf => Assert.Equal(leaf.Value.Trim(), leaf.Value));
    }

    [Fact]
    [Trait("Clause", "OMB-7")]
    [Trait("Clause", "OMB-13")]
    [Trait("Quirk", "Q72")]
    public async Task A_service_that_takes_its_addresses_from_the_document_can_subscribe_and_post()
    {
        using var service = new ForeignService(node.Node);
        var (bob, carol) = (await node.JoinAsync(), await node.JoinAsync());
        var (document, other) = (await DocumentAsync(bob), await DocumentAsync(carol));
        Assert.Equal(ForeignService.RequestTokenPath, Endpoint(document, OAuth + "request"));
        Assert.Equal(ForeignService.AuthorizePath, Endpoint(document, OAuth + "authorize"));
        Assert.Equal(ForeignService.AccessTokenPath, Endpoint(document, OAuth + "access"));

        var grant = await service.SubscribeAsync(bob);
        Assert.Equal(200, (await service.SendAsync(service.Notice(grant, "found") with { Path = Endpoint(document, Omb + "/postNotice") })).Status);
        Assert.Equal(200, (await service.SendAsync(service.Update(grant, ("bio", "found")) with { Path = Endpoint(document, Omb + "/updateProfile") })).Status);
        Assert.NotEqual(Endpoint(document, Omb + "/postNotice"), Endpoint(other, Omb + "/postNotice"));
        Assert.NotEqual(Endpoint(document, Omb + "/updateProfile"), Endpoint(other, Omb + "/updateProfile"));
    }

    [Fact]
    [Trait("Clause", "OMB-9")]
    [Trait("Clause", "OMB-10")]
    [Trait("Quirk", "Q15")]
    public async Task The_identifier_names_no_nickname_and_leads_to_the_same_document()
    {
        var bob = await node.JoinAsync();
        Assert.DoesNotContain(bob.Nickname, bob.Uri.Value, StringComparison.Ordinal);
        foreach (var accept in new[] { "application/xrds+xml", "text/html" })
        {
            var reply = await GetAsync(bob.Uri.Value, accept);
            Assert.Equal(303, reply.Status);
            Assert.Equal(bob.Url, new Uri(node.Node.BaseUri, reply.Header("Location")).AbsoluteUri);
        }
    }

    [Theory]
    [InlineData("nobodyatall")]
    [InlineData("user/1")]
    [InlineData("user/1/xrds")]
    [InlineData("user/bob/xrds")]
    [InlineData("user/-1/xrds")]
    [InlineData("user/99999999999999999999/xrds")]
    [Trait("Clause", "OMB-11")]
    public async Task Nobody_is_404(string path)
    {
        foreach (var accept in new[] { "application/xrds+xml", "text/html" })
            Assert.Equal(404, (await wire.SendAsync("GET", path, headers: [("Accept", accept)])).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("al.ice")]
    [InlineData("al-ice")]
    [InlineData("ünïcode")]
    [InlineData("ａｌｉｃｅ")]
    [InlineData("admin")]
    [InlineData("ROOT")]
    [InlineData("omb")]
    [InlineData("settings")]
    [Trait("Clause", "OMB-12")]
    [Trait("Quirk", "Q25")]
    public async Task A_nickname_that_is_none_is_refused(string nickname) =>
        Assert.False((await node.Node.Node.JoinAsync("subject of " + nickname, nickname)).IsDone(out _, out _));

    [Fact]
    [Trait("Clause", "OMB-9")]
    [Trait("Clause", "OMB-12")]
    [Trait("Quirk", "Q25")]
    public async Task Nicknames_are_folded_bounded_and_never_given_again()
    {
        var joined = await node.Node.Node.JoinAsync("folded", "FoLdEd1");
        Assert.Equal("folded1", joined.Value.Nickname);
        Assert.False((await node.Node.Node.JoinAsync("other", "FOLDED1")).IsDone(out _, out _));
        Assert.True((await node.Node.Node.JoinAsync("long", new string('a', 64))).IsDone(out _, out _));
        Assert.False((await node.Node.Node.JoinAsync("longer", new string('a', 65))).IsDone(out _, out _));

        Assert.True(await node.Node.Node.LeaveAsync(joined.Value.Id));
        Assert.False((await node.Node.Node.JoinAsync("heir", "folded1")).IsDone(out _, out _));
        Assert.Equal(410, (await wire.SendAsync("GET", "folded1")).Status);
        var again = await node.Node.Node.JoinAsync("folded", "folded2");
        Assert.NotEqual(joined.Value.Uri, again.Value.Uri);
    }

    private async Task<XDocument> DocumentAsync(Profile person) => XDocument.Parse((await GetAsync(person.Url, "application/xrds+xml")).Body);

    private Task<Reply> GetAsync(string address, string accept) =>
        wire.SendAsync("GET", Path(address), headers: accept.Length == 0 ? [] : [("Accept", accept)]);

    private string Path(string address) => address[node.Node.BaseUri.AbsoluteUri.Length..];

    private string Endpoint(XDocument document, string type) => Path(Service(document.Root!, type).Element(Xrd + "URI")!.Value);

    private static XElement Service(XElement within, string type) =>
        within.Descendants(Xrd + "Service").Single(service => service.Elements(Xrd + "Type").Any(t => t.Value == type));
}
