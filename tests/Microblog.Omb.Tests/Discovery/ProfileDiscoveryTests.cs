using System.Text;
using Microblog.Omb.Discovery;
using Microblog.Scheduling;

namespace Microblog.Omb.Tests.Discovery;

public sealed class ProfileDiscoveryTests
{
    private const string Page = "https://beta.example.net/dora";
    private const string Document = "https://beta.example.net/dora/xrds?full=1&x=2";

    [Theory]
    [Trait("Clause", "OMB-100")]
    [InlineData("X-XRDS-Location", "https://beta.example.net/dora/xrds?full=1&x=2")]
    [InlineData("x-yadis-location", "https://beta.example.net/dora/xrds?full=1&x=2")]
    [InlineData("X-XRDS-Location", "dora/xrds?full=1&x=2")]
    [Trait("Quirk", "Q5")]
    [Trait("Quirk", "Q7")]
    public async Task The_header_leads_to_the_document(string header, string location)
    {
        var web = Known().Page(Page, "text/html", "<p>Dora</p>", (header, location)).Page(Document, "text/plain", Samples.Read("full-profile.xml"));
        Assert.Equal(Samples.Dora, (await web.FindAsync(Page)).Endpoints);
    }

    [Fact]
    [Trait("Clause", "OMB-100")]
    public async Task The_meta_element_leads_to_the_document()
    {
        var web = Known()
            .Page(Page, "text/html; charset=utf-8", "<!DOCTYPE html><html><head><META content='" + Document.Replace("&", "&amp;", StringComparison.Ordinal)
                + "' HTTP-EQUIV=x-xrds-location></head><body>Dora")
            .Page(Document, "application/xrds+xml", Samples.Read("full-profile.xml"));
        Assert.Equal(Samples.Dora, (await web.FindAsync(Page)).Endpoints);
    }

    [Fact]
    [Trait("Clause", "OMB-100")]
    public async Task Redirects_are_followed_and_relative_locations_resolved_against_the_last()
    {
        var web = Known()
            .Redirect("http://short.example/d", Page, 301)
            .Page(Page, "text/html", "", ("X-XRDS-Location", "/dora/xrds?full=1&x=2"))
            .Redirect(Document, "https://beta.example.net/elsewhere")
            .Xrds("https://beta.example.net/elsewhere", Samples.Dora);
        Assert.Equal(Samples.Dora, (await web.FindAsync("http://short.example/d#fragment")).Endpoints);
    }

    [Fact]
    [Trait("Quirk", "Q6")]
    public async Task The_document_is_asked_for_first_and_bare()
    {
        string? accept = null;
        var web = new FakeWeb().Page(Page, request =>
        {
            accept = request.Headers.NonValidated["Accept"].ToString();
            return FakeWeb.Answer(404, "text/html", []);
        });
        await web.FailAsync(Page, DiscoveryFailure.BadStatus);
        Assert.Equal("application/xrds+xml", accept!.Split(',')[0]);
    }

    [Fact]
    public async Task A_document_named_with_a_fragment_starts_at_that_description()
    {
        var document = Encoding.UTF8.GetString(Samples.Read("full-profile.xml"))
            .Replace("<XRD xmlns=\"xri://$xrd*($v*2.0)\" version", "<XRD xmlns=\"xri://$xrd*($v*2.0)\" xml:id=\"me\" version", StringComparison.Ordinal)
            .Replace("</XRDS>", "<XRD xmlns=\"xri://$xrd*($v*2.0)\"><Service><Type>http://oauth.net/discovery/1.0</Type><URI>#omb</URI></Service></XRD></XRDS>",
                StringComparison.Ordinal);
        var web = Known().Page(Document, "application/xrds+xml", document).Page(Page, "text/html", "", ("X-XRDS-Location", Document + "#me"));
        Assert.Equal(Samples.Dora, (await web.FindAsync(Page)).Endpoints);

        web.Page(Page, "text/html", "", ("X-XRDS-Location", Document));
        await web.FailAsync(Page, DiscoveryFailure.MissingEndpoint);
    }

    [Fact]
    public async Task A_location_that_names_another_page_is_not_followed_a_second_time()
    {
        var web = Known()
            .Page(Page, "text/html", "", ("X-XRDS-Location", "https://beta.example.net/two"))
            .Page("https://beta.example.net/two", "text/html", "<html/>", ("X-XRDS-Location", Document))
            .Xrds(Document, Samples.Dora);
        await web.FailAsync(Page, DiscoveryFailure.BadDocument);
        Assert.DoesNotContain(Document, web.Asked);
    }

    [Theory]
    [InlineData("text/html", "<!DOCTYPE html><title>Hello</title>")]
    [InlineData("application/json", "{}")]
    [InlineData("text/xml", "<feed/>")]
    [InlineData("image/png", "")]
    public async Task A_page_that_names_no_document_is_told_so(string mediaType, string body) =>
        Assert.Contains("OpenMicroBlogging", await new FakeWeb().Page(Page, mediaType, body).FailAsync(Page, DiscoveryFailure.NoDocument), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("dora")]
    [InlineData("/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    [InlineData("tag:beta.example.net,2009:dora")]
    public async Task What_is_no_web_address_is_refused_without_asking_anybody(string typed)
    {
        var web = new FakeWeb();
        await web.FailAsync(typed, DiscoveryFailure.NotAnAddress);
        Assert.Empty(web.Asked);
    }

    [Fact]
    public async Task From_https_nothing_leads_to_http()
    {
        const string plain = "http://beta.example.net/xrds";
        var web = Known().Xrds(plain, Samples.Dora);
        await web.Redirect(Page, plain).FailAsync(Page, DiscoveryFailure.Downgrade);
        await web.Page(Page, "text/html", "", ("X-XRDS-Location", plain)).FailAsync(Page, DiscoveryFailure.Downgrade);
        var pointing = Encoding.UTF8.GetString(Samples.Read("pointing-abroad.xml")).Replace("https://oauth.example/xrds", plain, StringComparison.Ordinal);
        await web.Page(Page, "application/xrds+xml", pointing).FailAsync(Page, DiscoveryFailure.Downgrade);
        Assert.DoesNotContain(plain, web.Asked);
    }

    [Theory]
    [Trait("Clause", "OMB-106")]
    [InlineData("asked")]
    [InlineData("redirect")]
    [InlineData("location")]
    [InlineData("identifier")]
    [InlineData("endpoint")]
    public async Task A_profile_that_turns_out_to_be_local_is_refused(string where)
    {
        const string ours = "https://notes.example/user/1";
        var web = Known();
        web.IsLocal = text => text.StartsWith("https://notes.example/", StringComparison.Ordinal);
        _ = where switch
        {
            "redirect" => web.Redirect(Page, ours),
            "location" => web.Page(Page, "text/html", "", ("X-XRDS-Location", ours)),
            "identifier" => web.Xrds(Page, Samples.Dora with { Identifier = ours }),
            "endpoint" => web.Xrds(Page, Samples.Dora with { UpdateProfile = ours }),
            _ => web,
        };
        await web.FailAsync(where == "asked" ? ours : Page, DiscoveryFailure.Local);
        Assert.DoesNotContain(ours, web.Asked);
    }

    [Fact]
    [Trait("Clause", "OMB-126")]
    public async Task An_identifier_elsewhere_is_asked_and_must_agree()
    {
        var mallory = Samples.At("https://mallory.example", Samples.Dora.Identifier);
        var web = Known().Xrds("https://mallory.example/", mallory);
        var detail = await web.FailAsync("https://mallory.example/", DiscoveryFailure.IdentifierNotProven);
        Assert.Contains(Samples.Dora.Identifier, detail, StringComparison.Ordinal);

        // Neither one endpoint of his own among hers, nor an identifier that names somebody else, nor one that does not answer.
        web.Xrds("https://mallory.example/", Samples.Dora with { UpdateProfile = "https://mallory.example/update" });
        await web.FailAsync("https://mallory.example/", DiscoveryFailure.IdentifierNotProven);
        web.Xrds("https://mallory.example/", Samples.Dora with { Identifier = "https://beta.example.net/id/43" })
            .Xrds("https://beta.example.net/id/43", Samples.Dora);
        await web.FailAsync("https://mallory.example/", DiscoveryFailure.IdentifierNotProven);
        web.Status("https://beta.example.net/id/43", 404);
        await web.FailAsync("https://mallory.example/", DiscoveryFailure.IdentifierNotProven);
    }

    [Fact]
    [Trait("Clause", "OMB-126")]
    public async Task An_identifier_is_proven_at_its_own_address_or_where_that_redirects()
    {
        Assert.True((await Known().Xrds(Page, Samples.Dora).FindAsync(Page)).IdentifierProven);

        var web = new FakeWeb().Redirect(Samples.Dora.Identifier, Page, 303).Xrds(Page, Samples.Dora);
        Assert.True((await web.FindAsync(Samples.Dora.Identifier)).IdentifierProven);
        Assert.True((await web.FindAsync(Page)).IdentifierProven);

        // What a redirect of the address asked led to is not asked again.
        web = new FakeWeb().Redirect(Page, Samples.Dora.Identifier).Xrds(Samples.Dora.Identifier, Samples.Dora);
        Assert.True((await web.FindAsync(Page)).IdentifierProven);
        Assert.Equal([Page, Samples.Dora.Identifier], web.Asked);
    }

    [Fact]
    [Trait("Clause", "OMB-126")]
    public async Task An_identifier_of_another_scheme_is_found_but_not_proven()
    {
        var web = new FakeWeb().Xrds(Page, Samples.Dora with { Identifier = "acct:dora@beta.example.net" });
        Assert.False((await web.FindAsync(Page)).IdentifierProven);
    }

    [Fact]
    public async Task An_http_identifier_that_cannot_be_asked_does_not_count()
    {
        var web = new FakeWeb().Xrds(Page, Samples.Dora with { Identifier = "https://dora@beta.example.net/" });
        await web.FailAsync(Page, DiscoveryFailure.MissingIdentifier);
    }

    [Fact]
    [Trait("Clause", "OMB-101")]
    public async Task Equals_are_chosen_by_chance_and_the_proof_accepts_the_choice()
    {
        var document = Encoding.UTF8.GetString(Samples.Read("full-profile.xml")).Replace(
            "<URI>https://beta.example.net/omb/authorize</URI>",
            "<URI>https://beta.example.net/omb/authorize</URI><URI>https://beta.example.net/omb/authorize2</URI>",
            StringComparison.Ordinal);
        var web = new FakeWeb().Page(Page, "application/xrds+xml", document).Page(Samples.Dora.Identifier, "application/xrds+xml", document);
        Assert.Equal("https://beta.example.net/omb/authorize", (await web.FindAsync(Page, new Always(0))).Endpoints.Authorize);
        Assert.Equal("https://beta.example.net/omb/authorize2", (await web.FindAsync(Page, new Always(1))).Endpoints.Authorize);
    }

    [Fact]
    [Trait("Clause", "OMB-105")]
    public async Task One_profile_costs_at_most_twenty_requests()
    {
        // Five redirects to a page, five to a document, and a pointer that begins the same again.
        var web = new FakeWeb();
        foreach (var chain in new[] { "page", "xrds", "oauth", "omb" })
        {
            for (var i = 0; i < 5; i++)
                web.Redirect($"https://{chain}.example/{i}", $"https://{chain}.example/{i + 1}");
        }

        web.Page("https://page.example/5", "text/html", "", ("X-XRDS-Location", "https://xrds.example/0"))
            .Page("https://xrds.example/5", "application/xrds+xml", Encoding.UTF8.GetString(Samples.Read("pointing-abroad.xml"))
                .Replace("https://oauth.example/xrds", "https://oauth.example/0", StringComparison.Ordinal)
                .Replace("https://omb.example/xrds", "https://omb.example/0", StringComparison.Ordinal))
            .Xrds("https://oauth.example/5", Samples.Dora)
            .Xrds("https://omb.example/5", Samples.Dora);
        await web.FailAsync("https://page.example/0", DiscoveryFailure.Unreachable);
        Assert.Equal(20, web.Asked.Count);
    }

    [Fact]
    [Trait("Clause", "OMB-105")]
    public async Task A_loop_and_a_private_address_end_as_unreachable()
    {
        await new FakeWeb().Redirect(Page, Page).FailAsync(Page, DiscoveryFailure.Unreachable);
        var web = new FakeWeb().Redirect(Page, "https://10.0.0.1/");
        await web.FailAsync(Page, DiscoveryFailure.Unreachable);
        Assert.Equal([Page], web.Asked);
    }

    /// <summary>A web in which Dora's identifier answers for itself.</summary>
    private static FakeWeb Known() => new FakeWeb().Xrds(Samples.Dora.Identifier, Samples.Dora);

    private sealed class Always(int number) : RandomSource
    {
        public override int Next(int limit) => Math.Min(number, limit - 1);
    }
}
