using System.Text;
using System.Xml.Linq;
using Microblog.Omb.Discovery;

namespace Microblog.Omb.Tests.Discovery;

public sealed class XrdsWriterTests
{
    private static readonly XNamespace Xrd = "xri://$xrd*($v*2.0)";

    [Fact]
    [Trait("Clause", "OMB-4")]
    [Trait("Quirk", "Q4")]
    public void The_document_says_what_the_sample_of_the_reference_says()
    {
        // The sample also declares the prefix "simple", which it does not use.
        var sample = XDocument.Parse(Encoding.UTF8.GetString(Samples.Read("full-profile.xml")));
        sample.Descendants().Attributes().Where(a => a.Name == XNamespace.Xmlns + "simple").Remove();
        Assert.True(XNode.DeepEquals(sample, Written()));
    }

    [Fact]
    [Trait("Quirk", "Q4")]
    public void It_begins_with_the_declaration_and_no_byte_order_mark()
    {
        var bytes = XrdsWriter.Write(Samples.Dora, XrdsWriter.DefaultCapabilities);
        Assert.StartsWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<XRDS xmlns=\"xri://$xrds\">", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OMB-5")]
    public void Every_description_has_version_and_type() => Assert.All(Written().Root!.Elements(), xrd =>
    {
        Assert.Equal(Xrd + "XRD", xrd.Name);
        Assert.Equal("2.0", xrd.Attribute("version")!.Value);
        Assert.Equal("xri://$xrds*simple", xrd.Elements().First().Value);
    });

    [Fact]
    [Trait("Clause", "OMB-6")]
    [Trait("Quirk", "Q2")]
    [Trait("Quirk", "Q3")]
    public void The_last_description_points_to_the_others_by_bare_fragments()
    {
        var descriptions = Written().Root!.Elements().ToList();
        var pointers = descriptions[^1].Elements(Xrd + "Service").ToDictionary(s => s.Element(Xrd + "Type")!.Value, s => s.Element(Xrd + "URI")!.Value);
        Assert.Equal("#oauth", pointers["http://oauth.net/discovery/1.0"]);
        Assert.Equal("#omb", pointers["http://openmicroblogging.org/protocol/0.1"]);
        Assert.Equal(["oauth", "omb"], descriptions[..^1].Select(d => d.Attribute(XNamespace.Xml + "id")!.Value));
    }

    [Theory]
    [Trait("Clause", "OMB-7")]
    [InlineData("http://oauth.net/core/1.0/endpoint/request", "https://beta.example.net/omb/request_token")]
    [InlineData("http://oauth.net/core/1.0/endpoint/authorize", "https://beta.example.net/omb/authorize")]
    [InlineData("http://oauth.net/core/1.0/endpoint/access", "https://beta.example.net/omb/access_token")]
    [InlineData("http://openmicroblogging.org/protocol/0.1/postNotice", "https://beta.example.net/omb/42/notice")]
    [InlineData("http://openmicroblogging.org/protocol/0.1/updateProfile", "https://beta.example.net/omb/42/profile")]
    public void Each_endpoint_is_present(string type, string address) =>
        Assert.Equal(address, Assert.Single(Services(type)).Element(Xrd + "URI")!.Value);

    [Fact]
    [Trait("Clause", "OMB-8")]
    public void The_request_service_names_the_identifier() =>
        Assert.Equal("https://beta.example.net/id/42", Services("http://oauth.net/core/1.0/endpoint/request").Single().Element(Xrd + "LocalID")!.Value);

    [Fact]
    [Trait("Clause", "OMB-10")]
    [Trait("Quirk", "Q1")]
    public void No_text_has_white_space_around_it() =>
        Assert.All(Written().Descendants().Where(e => !e.HasElements), e => Assert.Equal(e.Value.Trim(), e.Value));

    [Fact]
    public void What_is_written_is_read_again_with_any_text()
    {
        var odd = Samples.At("https://a.example/<&>\"'/\u00e9\U0001F600?a=1&b=]]>", "tag:a.example,2009:<&>\u00e9");
        var parsed = Assert.IsType<XrdsParsing.Parsed>(XrdsParser.Parse(XrdsWriter.Write(odd, [XrdsTypes.PostBody, XrdsTypes.RsaSha1]))).Document;
        var request = parsed.ById("oauth")!.Services[0];
        Assert.Equal([XrdsTypes.RequestToken, XrdsTypes.PostBody, XrdsTypes.RsaSha1], request.Types);
        Assert.Equal(odd.RequestToken, request.Uris[0].Text);
        Assert.Equal(odd.Identifier, request.LocalIds[0].Text);
    }

    private static XDocument Written() => XDocument.Parse(Encoding.UTF8.GetString(XrdsWriter.Write(Samples.Dora, XrdsWriter.DefaultCapabilities)));

    private static IEnumerable<XElement> Services(string type) =>
        Written().Descendants(Xrd + "Service").Where(s => s.Elements(Xrd + "Type").Any(t => t.Value == type));
}
