using Microblog.Omb.Discovery;

namespace Microblog.Omb.Tests.Discovery;

/// <summary>Every document of tests/vectors/xrds, read as the service that it stands for would mean it.</summary>
public sealed class RecordedDocumentTests
{
    [Theory]
    [InlineData("application/xrds+xml")]
    [InlineData("text/xml")]
    [Trait("Clause", "OMB-100")]
    [Trait("Quirk", "Q9")]
    public async Task The_full_profile_is_read(string mediaType)
    {
        var web = new FakeWeb().Page(Samples.Dora.Identifier, mediaType, Samples.Read("full-profile.xml"));
        var found = await web.FindAsync(Samples.Dora.Identifier);
        Assert.Equal(Samples.Dora, found.Endpoints);
        Assert.True(found.IdentifierProven);
        Assert.Equal([Samples.Dora.Identifier], web.Asked);
    }

    [Fact]
    [Trait("Clause", "OMB-103")]
    [Trait("Quirk", "Q11")]
    [Trait("Quirk", "Q22")]
    public async Task StatusNet_without_pretty_addresses_keeps_the_queries_of_its_endpoints()
    {
        var web = new FakeWeb()
            .Page("https://sn.example/bob", "text/html", "", ("X-XRDS-Location", "https://sn.example/bob/xrds"))
            .Page("https://sn.example/bob/xrds", "application/xrds+xml", Samples.Read("statusnet.xml"))
            .Redirect("http://sn.example/index.php?action=userbyid&id=7", "https://sn.example/bob", 303);
        var found = await web.FindAsync("https://sn.example/bob");
        Assert.Equal("http://sn.example/index.php?action=userbyid&id=7", found.Endpoints.Identifier);
        Assert.Equal("https://sn.example/index.php?action=userauthorization&lang=en", found.Endpoints.Authorize);
        Assert.Equal("https://sn.example/index.php?action=postnotice", found.Endpoints.PostNotice);
        Assert.True(found.IdentifierProven);
    }

    [Fact]
    [Trait("Quirk", "Q10")]
    public async Task Laconica_with_a_mark_and_white_space_before_the_declaration_is_read()
    {
        var web = new FakeWeb().Page("http://laconica.example/user/3", "application/xrds+xml", Samples.Read("laconica.xml"));
        var found = await web.FindAsync("http://laconica.example/user/3");
        Assert.Equal("http://laconica.example/request_token", found.Endpoints.RequestToken);
    }

    [Fact]
    [Trait("Clause", "OMB-104")]
    [Trait("Quirk", "Q1")]
    [Trait("Quirk", "Q4")]
    public async Task OpenMicroBlogger_in_upper_case_and_with_white_space_is_read_and_its_tag_stays_unproven()
    {
        var web = new FakeWeb().Page("http://ombr.example/", "application/xrds+xml", Samples.Read("openmicroblogger.xml"));
        var found = await web.FindAsync("http://ombr.example/");
        Assert.Equal("tag:ombr.example,2009:alice", found.Endpoints.Identifier);
        Assert.Equal("http://ombr.example/omb/post_notice", found.Endpoints.PostNotice);
        Assert.False(found.IdentifierProven);
    }

    [Fact]
    [Trait("Clause", "OMB-104")]
    public async Task Prefixes_comments_and_CDATA_do_not_matter()
    {
        var web = new FakeWeb().Page("https://prefixed.example/me", "application/xrds+xml", Samples.Read("prefixed.xml"));
        var endpoints = (await web.FindAsync("https://prefixed.example/me")).Endpoints;
        Assert.Equal("https://prefixed.example/request", endpoints.RequestToken);
        Assert.Equal("https://prefixed.example/post?a=1&b=2", endpoints.PostNotice);
        Assert.Equal("https://prefixed.example/update", endpoints.UpdateProfile);
    }

    [Fact]
    [Trait("Clause", "OMB-101")]
    public async Task Lower_priority_wins_absent_comes_last_and_position_does_not_count()
    {
        var web = new FakeWeb().Page("https://right.example/me", "application/xrds+xml", Samples.Read("priorities.xml"));
        var endpoints = (await web.FindAsync("https://right.example/me")).Endpoints;
        Assert.Equal(Samples.At("https://right.example", "https://right.example/me"), endpoints);
    }

    [Fact]
    [Trait("Clause", "OMB-104")]
    [Trait("Quirk", "Q3")]
    public async Task Absolute_pointers_are_fetched_and_selected_by_their_fragment()
    {
        var oauth = Samples.At("https://oauth.example", "https://home.example/me");
        var omb = Samples.At("https://omb.example", "https://nobody.example/");
        var web = new FakeWeb()
            .Page("https://home.example/me", "application/xrds+xml", Samples.Read("pointing-abroad.xml"))
            .Xrds("https://oauth.example/xrds", oauth)
            .Xrds("https://omb.example/xrds", omb);
        var endpoints = (await web.FindAsync("https://home.example/me")).Endpoints;
        Assert.Equal(oauth with { PostNotice = omb.PostNotice, UpdateProfile = omb.UpdateProfile }, endpoints);
    }

    [Fact]
    public async Task An_absolute_pointer_that_cannot_be_followed_stops_with_its_reason()
    {
        var web = new FakeWeb()
            .Page("https://home.example/me", "application/xrds+xml", Samples.Read("pointing-abroad.xml"))
            .Status("https://oauth.example/xrds", 500);
        Assert.Contains("oauth.example", await web.FailAsync("https://home.example/me", DiscoveryFailure.BadStatus), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_pointers_the_endpoints_are_looked_for_everywhere()
    {
        var web = new FakeWeb().Page("https://min.example/", "application/xrds+xml", Samples.Read("without-pointers.xml"));
        Assert.Equal("https://min.example/n", (await web.FindAsync("https://min.example/")).Endpoints.PostNotice);
    }

    [Theory]
    [Trait("Clause", "OMB-102")]
    [InlineData("endpoint/request", nameof(DiscoveryFailure.MissingEndpoint), "request token")]
    [InlineData("endpoint/authorize", nameof(DiscoveryFailure.MissingEndpoint), "authorization")]
    [InlineData("endpoint/access", nameof(DiscoveryFailure.MissingEndpoint), "access token")]
    [InlineData("/postNotice", nameof(DiscoveryFailure.MissingEndpoint), "postNotice")]
    [InlineData("/updateProfile", nameof(DiscoveryFailure.MissingEndpoint), "updateProfile")]
    [InlineData("LocalID>https://beta.example.net/id/42", nameof(DiscoveryFailure.MissingIdentifier), "LocalID")]
    public async Task Whatever_is_missing_stops_and_is_named(string part, string reason, string named)
    {
        var text = System.Text.Encoding.UTF8.GetString(Samples.Read("full-profile.xml"));
        var without = text.Replace(part, part.StartsWith("LocalID", StringComparison.Ordinal) ? "LocalID>" : part + "/other", StringComparison.Ordinal);
        Assert.NotEqual(text, without);
        var web = new FakeWeb().Page("https://beta.example.net/dora", "application/xrds+xml", without);
        Assert.Contains(named, await web.FailAsync("https://beta.example.net/dora", Enum.Parse<DiscoveryFailure>(reason)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://beta.example.net/omb/42/notice")]
    [InlineData("/omb/42/notice")]
    [InlineData("javascript:alert(1)")]
    [InlineData("#notice")]
    public async Task An_endpoint_that_is_no_web_address_is_missing(string address)
    {
        var web = new FakeWeb().Xrds("https://beta.example.net/dora", Samples.Dora with { PostNotice = address });
        Assert.Contains("postNotice", await web.FailAsync("https://beta.example.net/dora", DiscoveryFailure.MissingEndpoint), StringComparison.Ordinal);
    }
}
