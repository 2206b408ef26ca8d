using FsCheck;
using FsCheck.Fluent;
using Microblog.Omb.Discovery;

namespace Microblog.Omb.Tests.Discovery;

public sealed class YadisNegotiationTests
{
    [Theory]
    [InlineData("application/xrds+xml")]
    [InlineData("application/xrds+xml, text/html;q=0.3")]
    [InlineData("text/html; q=0.3, application/xhtml+xml; q=0.5, application/xrds+xml")]
    [InlineData("APPLICATION/XRDS+XML;Q=1.0,*/*;q=0.1")]
    [InlineData("text/html,application/xrds+xml")]
    [InlineData("text/html;q=0.2,application/xhtml+xml;q=0.2,*/*,application/xrds+xml;q=0.5")]
    [InlineData("application/xrds+xml;charset=utf-8")]
    [InlineData(",,application/xrds+xml,,")]
    public void Xrds_is_preferred_when_named_and_not_behind_html(string accept) => Assert.True(YadisNegotiation.PrefersXrds(accept));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("*/*")]
    [InlineData("application/*")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
    [InlineData("text/html, application/xrds+xml;q=0.9")]
    [InlineData("application/xrds+xml;q=0.9, */*")]
    [InlineData("application/xrds+xml;q=0.9, application/*")]
    [InlineData("application/xrds+xml;q=0")]
    [InlineData("application/xrds+xml;q=nonsense")]
    [InlineData("application/xrds+xml;q=7")]
    [InlineData("application/xrds+xml;q=-1")]
    [InlineData("application/xrds")]
    public void Everything_else_is_a_browser(string? accept) => Assert.False(YadisNegotiation.PrefersXrds(accept));

    [Fact]
    public void A_hundred_thousand_random_and_mutated_headers_are_survived()
    {
        string[] samples = ["text/html; q=0.3, application/xhtml+xml; q=0.5, application/xrds+xml", "application/xrds+xml;q=0.9, */*;q=0.1"];
        Prop.ForAll(Fuzz.TextLike(samples, ",;q=./* 01").ToArbitrary(), accept => YadisNegotiation.PrefersXrds(accept) || true)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100_000));
    }
}
