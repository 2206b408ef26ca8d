using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Omb.Discovery;

namespace Microblog.Omb.Tests.Discovery;

[Trait("Clause", "OMB-105")]
public sealed class XrdsParserTests
{
    [Fact]
    public void A_document_type_is_refused_and_no_entity_expanded()
    {
        Refused(XrdsProblem.Dtd, "<!DOCTYPE XRDS><XRDS xmlns='xri://$xrds'/>");
        Refused(XrdsProblem.Dtd, "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><XRDS xmlns='xri://$xrds'>&x;</XRDS>");
        Refused(XrdsProblem.Dtd, "<!DOCTYPE r SYSTEM 'http://127.0.0.1:1/x.dtd'><XRDS xmlns='xri://$xrds'/>");
        Refused(XrdsProblem.Dtd, "<!DOCTYPE l [<!ENTITY a 'ha'>" + string.Concat(Enumerable.Range('b', 20)
            .Select(c => $"<!ENTITY {(char)c} '{string.Concat(Enumerable.Repeat($"&{(char)(c - 1)};", 10))}'>")) + "]><XRDS xmlns='xri://$xrds'>&u;</XRDS>");
        Refused(XrdsProblem.NotXml, "<XRDS xmlns='xri://$xrds'>&undeclared;</XRDS>");
    }

    [Fact]
    public void Too_many_services_descriptions_and_values_are_refused()
    {
        var service = "<Service><Type>t</Type><URI>https://a.example/</URI></Service>";
        Assert.Equal(500, Assert.Single(Parsed(InXrd(Repeat(service, 500))).Descriptions).Services.Count);
        Refused(XrdsProblem.TooComplex, InXrd(Repeat(service, 501)));
        Refused(XrdsProblem.TooComplex, InXrd(Repeat(service, 10_000)));
        Refused(XrdsProblem.TooComplex, InRoot(Repeat("<XRD xmlns='xri://$xrd*($v*2.0)'/>", 101)));
        Refused(XrdsProblem.TooComplex, InXrd($"<Service>{Repeat("<Type>t</Type>", 101)}</Service>"));
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        Refused(XrdsProblem.TooComplex, InRoot(Repeat("<a>", 40) + Repeat("</a>", 40)));
        Refused(XrdsProblem.TooComplex, InRoot(Repeat("<a>", 100_000)));
    }

    [Fact]
    public void A_huge_document_is_refused_unread() =>
        Assert.Equal(XrdsProblem.TooLarge, Assert.IsType<XrdsParsing.Refused>(XrdsParser.Parse(new byte[XrdsParser.MaxBytes + 1])).Problem);

    [Theory]
    [InlineData("", nameof(XrdsProblem.NotXml))]
    [InlineData("   ", nameof(XrdsProblem.NotXml))]
    [InlineData("hello", nameof(XrdsProblem.NotXml))]
    [InlineData("<XRDS xmlns='xri://$xrds'>", nameof(XrdsProblem.NotXml))]
    [InlineData("<XRDS xmlns='xri://$xrds'/>trailing", nameof(XrdsProblem.NotXml))]
    [InlineData("<?xml version='1.0' encoding='utf-7'?><XRDS xmlns='xri://$xrds'/>", nameof(XrdsProblem.NotXml))]
    [InlineData("<?xml version='1.0' encoding='no-such'?><XRDS xmlns='xri://$xrds'/>", nameof(XrdsProblem.NotXml))]
    [InlineData("<XRDS/>", nameof(XrdsProblem.NotXrds))]
    [InlineData("<XRDS xmlns='http://wrong.example/'/>", nameof(XrdsProblem.NotXrds))]
    [InlineData("<html xmlns='xri://$xrds'/>", nameof(XrdsProblem.NotXrds))]
    [InlineData("<XRDS xmlns='xri://$xrds'/>", nameof(XrdsProblem.Empty))]
    [InlineData("<XRDS xmlns='xri://$xrds'><XRD/></XRDS>", nameof(XrdsProblem.Empty))]
    [InlineData("<XRDS xmlns='xri://$xrds'><XRD xmlns='http://wrong.example/'/></XRDS>", nameof(XrdsProblem.Empty))]
    public void What_is_no_XRDS_is_refused_with_a_reason(string text, string problem) => Refused(Enum.Parse<XrdsProblem>(problem), text);

    [Fact]
    public void Values_that_are_empty_or_endless_are_left_out()
    {
        var xrd = Parsed(InXrd("<Service><Type/><URI> </URI><URI>" + new string('a', 3000) + "</URI><LocalID>x<b>y</b>z</LocalID></Service>")).Descriptions[0];
        Assert.Empty(xrd.Services[0].Types);
        Assert.Empty(xrd.Services[0].Uris);
        Assert.Equal("xz", Assert.Single(xrd.Services[0].LocalIds).Text);
    }

    [Fact]
    public void Documents_in_utf_16_are_read()
    {
        var text = Encoding.UTF8.GetString(Samples.Read("full-profile.xml")).Replace("UTF-8", "UTF-16", StringComparison.Ordinal);
        Assert.IsType<XrdsParsing.Parsed>(XrdsParser.Parse(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(text)).ToArray()));
    }

    [Fact]
    public void A_hundred_thousand_random_and_mutated_documents_are_survived()
    {
        string[] files = ["full-profile.xml", "prefixed.xml", "priorities.xml", "laconica.xml"];
        var samples = files.Select(Samples.Read).ToArray();
        Prop.ForAll(Fuzz.BytesLike(samples).ToArbitrary(), bytes => XrdsParser.Parse(bytes) is not null)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100_000));
    }

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    private static string InRoot(string inner) => $"<XRDS xmlns='xri://$xrds'>{inner}</XRDS>";

    private static string InXrd(string inner) => InRoot($"<XRD xmlns='xri://$xrd*($v*2.0)'>{inner}</XRD>");

    private static XrdsDocument Parsed(string text) => Assert.IsType<XrdsParsing.Parsed>(XrdsParser.Parse(Encoding.UTF8.GetBytes(text))).Document;

    private static void Refused(XrdsProblem problem, string text)
    {
        var refused = Assert.IsType<XrdsParsing.Refused>(XrdsParser.Parse(Encoding.UTF8.GetBytes(text)));
        Assert.True(problem == refused.Problem, $"{refused.Problem}: {refused.Detail}");
    }
}
