using FsCheck;
using FsCheck.Fluent;
using Microblog.Omb.Discovery;

namespace Microblog.Omb.Tests.Discovery;

public sealed class HtmlHeadTests
{
    private const string Meta = "<meta http-equiv='X-XRDS-Location' content='https://a.example/x'>";

    [Theory]
    [InlineData("<head><meta http-equiv=\"X-XRDS-Location\" content=\"https://a.example/x\"></head>")]
    [InlineData("<head><meta http-equiv='x-xrds-location' content='https://a.example/x'/></head>")]
    [InlineData("<META CONTENT = https://a.example/x  HTTP-EQUIV = X-YADIS-Location>")]
    [InlineData("<meta content=\" https://a&#46;example&#x2F;x \" http-equiv=X-XRDS-Location />")]
    [InlineData("<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x'><!-- c --><html lang=en><head><title><body> & co</title>" + Meta)]
    [InlineData("\uFEFF<script>if (a<b) document.write('</head><p>')</script>" + Meta)]
    [InlineData("<style>p>a{}</style><link rel=stylesheet href=/a><base href=/><noscript>" + Meta + "</noscript>")]
    [InlineData("<meta charset=utf-8><meta name=description content='>'>" + Meta + "<meta http-equiv=X-XRDS-Location content=/second>")]
    [InlineData("<meta http-equiv=X-XRDS-Location content=''>" + Meta)]
    [InlineData("<meta http-equiv=X-XRDS-Location>" + Meta)]
    [InlineData("<meta http-equiv='X-XRDS-Location' content='https://a.example/x' content='/second' http-equiv=refresh>")]
    [Trait("Quirk", "Q7")]
    public void The_first_location_of_the_head_counts(string html) => Assert.Equal("https://a.example/x", HtmlHead.FindLocation(html));

    [Theory]
    [InlineData("")]
    [InlineData("<")]
    [InlineData("<meta")]
    [InlineData("<meta http-equiv=refresh content=/x>")]
    [InlineData("<head></head>" + Meta)]
    [InlineData("<body>" + Meta)]
    [InlineData("<title>A post</title><p>said: " + Meta)]
    [InlineData("some text " + Meta)]
    [InlineData("<!-- " + Meta + " -->")]
    [InlineData("<!-- " + Meta)]
    [InlineData("<title>" + Meta + "</title>")]
    [InlineData("<script>" + Meta + "</script>")]
    [InlineData("<template>" + Meta + "</template>")]
    [InlineData("<metadata http-equiv='X-XRDS-Location' content='https://a.example/x'>")]
    [InlineData("<meta name='x' data='<meta http-equiv=X-XRDS-Location content=/x>'>")]
    public void Elsewhere_nothing_is_found(string html) => Assert.Null(HtmlHead.FindLocation(html));

    [Fact]
    public void A_hundred_thousand_random_and_mutated_pages_are_survived()
    {
        string[] samples = ["<!DOCTYPE html><html><head><!-- c --><title>t</title><script>a</script>" + Meta + "</head><body>x", Meta, "<meta a=\"b\" c='d' e=f g>"];
        Prop.ForAll(Fuzz.TextLike(samples, "<>&\"'/!-?= meta").ToArbitrary(), html => HtmlHead.FindLocation(html) is null or { Length: > 0 })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100_000));
    }

    [Theory]
    [InlineData("<")]
    [InlineData("<meta ")]
    [InlineData("<!--")]
    [InlineData("<meta a=\"")]
    [InlineData("<title></")]
    [InlineData("</noscript>")]
    public void A_mebibyte_of_anything_takes_linear_time(string unit)
    {
        // Quadratic work would take minutes and run into the time limit of the test run; linear takes milliseconds.
        var html = string.Concat(Enumerable.Repeat(unit, 1024 * 1024 / unit.Length));
        Assert.Null(HtmlHead.FindLocation(html));
    }
}
