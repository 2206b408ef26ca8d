using System.Net;

namespace Microblog.Federation.Tests.Provider;

/// <summary>What a listener is asked, and who can answer.</summary>
public sealed class ConsentTests(ProviderNode node) : IClassFixture<ProviderNode>, IDisposable
{
    private readonly ForeignService service = new(node.Node);

    public void Dispose() => service.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Clause", "OMB-33")]
    [Trait("Clause", "OMB-34")]
    [Trait("Clause", "OMB-35")]
    [Trait("Clause", "OAUTH-33")]
    [Trait("Clause", "OAUTH-34")]
    [Trait("Quirk", "Q55")]
    public async Task Acceptance_returns_the_listener_to_the_callback(bool is10a)
    {
        var bob = await node.JoinAsync();
        await node.Node.Node.UpdateProfileAsync(bob.Id, new ProfileChanges { FullName = "Bob & Söhne", Bio = "bio", Location = "Köln", Homepage = "https://bob.example/" });
        var (token, page) = await AskAsync(bob, is10a);
        var back = await service.DecideAsync(bob.Nickname, page);
        Assert.Equal(303, back.Status);
        Assert.StartsWith(service.Callback + "&", back.Header("Location"), StringComparison.Ordinal);
        Assert.Equal(token.Token, back.Returned("oauth_token"));
        Assert.Equal(is10a, back.Returned("oauth_verifier").Length >= 11);
        Assert.Equal(ForeignService.Version, back.Returned("omb_version"));
        Assert.Equal(bob.Nickname, back.Returned("omb_listener_nickname"));
        Assert.Equal(bob.Url, back.Returned("omb_listener_profile"));
        Assert.Equal("Bob & Söhne", back.Returned("omb_listener_fullname"));
        Assert.Equal("bio", back.Returned("omb_listener_bio"));
        Assert.Equal("Köln", back.Returned("omb_listener_location"));
        Assert.Equal("https://bob.example/", back.Returned("omb_listener_homepage"));
        Assert.StartsWith(node.Node.BaseUri.AbsoluteUri, back.Returned("omb_listener_avatar"), StringComparison.Ordinal);
        var names = back.Header("Location").Split('?', 2)[1].Split('&').Select(pair => pair.Split('=')[0]).ToList();
        Assert.Equal(names.Distinct(), names);
        Assert.Equal("a b", back.Returned("session"));
    }

    [Fact]
    [Trait("Clause", "OMB-34")]
    public async Task A_listener_without_optional_fields_sends_none()
    {
        var bob = await node.JoinAsync();
        var (_, page) = await AskAsync(bob);
        var location = (await service.DecideAsync(bob.Nickname, page)).Header("Location");
        foreach (var name in new[] { "fullname", "bio", "location", "homepage" })
            Assert.DoesNotContain("omb_listener_" + name, location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Clause", "OMB-36")]
    [Trait("Quirk", "Q54")]
    public async Task Refusal_returns_without_a_token_and_destroys_it(bool is10a)
    {
        var bob = await node.JoinAsync();
        var (token, page) = await AskAsync(bob, is10a);
        var back = await service.DecideAsync(bob.Nickname, page, "refuse");
        Assert.Equal((303, "user_refused"), (back.Status, back.Returned("oauth_problem")));
        Assert.StartsWith(service.Callback, back.Header("Location"), StringComparison.Ordinal);
        Assert.DoesNotContain("oauth_token", back.Header("Location"), StringComparison.Ordinal);
        Assert.DoesNotContain("omb_", back.Header("Location"), StringComparison.Ordinal);

        var exchange = await service.SendAsync(service.AccessToken(token, "guess"));
        Assert.Equal((401, "user_refused"), (exchange.Status, exchange.Problem));
        Assert.Equal(400, (await service.DecideAsync(bob.Nickname, page)).Status);
        Assert.Empty(await node.FollowedAsync(bob));
    }

    [Theory]
    [InlineData("oauth_token")]
    [InlineData("omb_version")]
    [InlineData("omb_listener")]
    [InlineData("omb_listenee")]
    [InlineData("omb_listenee_profile")]
    [InlineData("omb_listenee_nickname")]
    [InlineData("omb_listenee_license")]
    [Trait("Clause", "OMB-30")]
    public async Task A_missing_empty_or_repeated_parameter_is_an_error_page_without_redirect(string name)
    {
        var bob = await node.JoinAsync();
        var token = await service.GetRequestTokenAsync(bob, null);
        var right = ForeignService.Authorization(token.Token, bob, service.Alice, service.Callback);
        var value = right.Single(f => f.Name == name);
        foreach (var wrong in new[] { right.Where(f => f != value), right.Select(f => f == value ? Field.Of(name, "") : f), right.Append(value) })
            await RefusesAsync(bob, wrong, name);
    }

    [Theory]
    [InlineData("oauth_token", "unknown")]
    [InlineData("omb_version", "http://openmicroblogging.org/protocol/0.2")]
    [InlineData("omb_version", "http%3A//openmicroblogging.org/protocol/0.1")]
    [InlineData("omb_listenee", "alice")]
    [InlineData("omb_listenee_profile", "javascript:alert(1)")]
    [InlineData("omb_listenee_profile", "tag:good.example,2008:alice")]
    [InlineData("omb_listenee_nickname", "al ice")]
    [InlineData("omb_listenee_nickname", "admin@notes.example")]
    [InlineData("omb_listenee_nickname", "al\u202eice")]
    [InlineData("omb_listenee_nickname", "al\nice")]
    [InlineData("omb_listenee_license", "by")]
    [InlineData("omb_listenee_homepage", "javascript:alert(1)")]
    [InlineData("omb_listenee_avatar", "data:image/png;base64,AAAA")]
    [Trait("Clause", "OMB-30")]
    [Trait("Clause", "OMB-39")]
    public async Task A_malformed_parameter_is_an_error_page_without_redirect(string name, string value)
    {
        var bob = await node.JoinAsync();
        var token = await service.GetRequestTokenAsync(bob, null);
        var fields = ForeignService.Authorization(token.Token, bob, service.Alice, service.Callback);
        fields.Set(name, value);
        await RefusesAsync(bob, fields, "");
    }

    [Theory]
    [InlineData("omb_listenee_nickname", 65)]
    [InlineData("omb_listenee_fullname", 256)]
    [InlineData("omb_listenee_bio", 140)]
    [InlineData("omb_listenee_location", 255)]
    [Trait("Clause", "OMB-38")]
    public async Task Too_long_a_field_is_refused_and_one_shorter_taken(string name, int length)
    {
        var bob = await node.JoinAsync();
        var token = await service.GetRequestTokenAsync(bob, null);
        var fields = ForeignService.Authorization(token.Token, bob, service.Alice, service.Callback);
        fields.Set(name, string.Concat(Enumerable.Repeat("🙂", length)));
        await RefusesAsync(bob, fields, name);
        fields.Set(name, string.Concat(Enumerable.Repeat("🙂", length - 1)));
        Assert.Equal(200, (await service.VisitAsync(bob.Nickname, fields)).Status);
    }

    [Fact]
    [Trait("Clause", "OMB-38")]
    [Trait("Quirk", "Q29")]
    public async Task Empty_optional_fields_are_absent()
    {
        var bob = await node.JoinAsync();
        await service.SubscribeAsync(
            bob, more: [("omb_listenee_fullname", ""), ("omb_listenee_homepage", ""), ("omb_listenee_bio", ""), ("omb_listenee_location", ""), ("omb_listenee_avatar", "")]);
        var alice = (await node.FollowedAsync(bob)).Single().Other;
        Assert.Equal(("", "", "", "", ""), (alice.FullName, alice.Homepage, alice.Bio, alice.Location, alice.AvatarUrl));
    }

    [Theory]
    [InlineData("tag:good.example,2008:alice")]
    [InlineData("urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66")]
    [InlineData("mailto:alice@good.example")]
    [InlineData("acct:alice@good.example")]
    [InlineData("https://good.example/?user=1#me")]
    [Trait("Clause", "OMB-40")]
    [Trait("Clause", "OMB-42")]
    [Trait("Quirk", "Q20")]
    public async Task A_listenee_may_have_any_absolute_uri(string uri)
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob, new Listenee(uri, "https://good.example/alice"));
        Assert.Equal(200, (await service.PostAsync(grant, "hello")).Status);
        var alice = (await node.FollowedAsync(bob)).Single().Other;
        Assert.Equal((uri, "alice@good.example"), (alice.Uri.Value, alice.Address));
    }

    [Fact]
    [Trait("Clause", "OMB-31")]
    public async Task Only_the_listener_can_answer()
    {
        var (bob, mallory) = (await node.JoinAsync(), await node.JoinAsync());
        var (token, page) = await AskAsync(bob);
        var fields = ForeignService.Authorization(token.Token, bob, service.Alice);
        Assert.Equal(401, (await service.VisitAsync(null, fields)).Status);
        Assert.Equal(403, (await service.VisitAsync(mallory.Nickname, fields)).Status);
        Assert.Equal(403, (await service.VisitAsync("guest", fields)).Status);
        Assert.Equal(401, (await service.DecideAsync(null, page)).Status);
        Assert.Equal(403, (await service.DecideAsync(mallory.Nickname, page)).Status);
        var exchange = await service.SendAsync(service.AccessToken(token, "guess"));
        Assert.Equal((401, "permission_unknown"), (exchange.Status, exchange.Problem));
        Assert.Empty(await node.FollowedAsync(bob));
        Assert.Empty(await node.FollowedAsync(mallory));
    }

    [Fact]
    [Trait("Clause", "OMB-24")]
    [Trait("Clause", "OMB-32")]
    public async Task A_token_for_one_listener_is_none_for_another()
    {
        var (bob, mallory) = (await node.JoinAsync(), await node.JoinAsync());
        var token = await service.GetRequestTokenAsync(bob, null);
        await RefusesAsync(mallory, ForeignService.Authorization(token.Token, mallory, service.Alice, service.Callback), "omb_listener");
    }

    [Fact]
    [Trait("Clause", "OMB-31")]
    [Trait("Clause", "OAUTH-43")]
    public async Task Consent_cannot_be_forged()
    {
        var (bob, mallory) = (await node.JoinAsync(), await node.JoinAsync());
        var (token, page) = await AskAsync(bob);
        var (_, malloryPage) = await AskAsync(mallory);
        var (_, otherPage) = await AskAsync(bob);
        var right = ForgeryToken(page);
        var altered = right[..20] + (right[20] == 'A' ? 'B' : 'A') + right[21..];
        foreach (var forged in new[] { "", "guess", ForgeryToken(malloryPage), ForgeryToken(otherPage), altered })
            Assert.Equal(400, (await service.DecideAsync(bob.Nickname, page, "allow", f => f.Name == "forgery_token" ? Field.Of(f.Name, forged) : f)).Status);
        Assert.Equal(400, (await service.DecideAsync(bob.Nickname, page, "allow", f => f.Name == "forgery_token" ? null : f)).Status);
        // The form says more than the person has read.
        Assert.Equal(400, (await service.DecideAsync(bob.Nickname, page, "allow", f => f.Name == "omb_listenee" ? Field.Of(f.Name, service.Root + "user/666") : f)).Status);
        // By an address that somebody clicks on.
        var byGet = ForeignService.Authorization(token.Token, bob, service.Alice);
        byGet.Add(Field.Of("decision", "allow"));
        byGet.Add(Field.Of("forgery_token", right));
        Assert.Equal(200, (await service.VisitAsync(bob.Nickname, byGet)).Status);

        var exchange = await service.SendAsync(service.AccessToken(token, "guess"));
        Assert.Equal((401, "permission_unknown"), (exchange.Status, exchange.Problem));
        Assert.Empty(await node.FollowedAsync(bob));
        Assert.Equal(303, (await service.DecideAsync(bob.Nickname, page)).Status);
    }

    [Fact]
    [Trait("Clause", "OAUTH-43")]
    public async Task The_page_cannot_be_framed_or_kept_and_nothing_is_approved_silently()
    {
        var bob = await node.JoinAsync();
        await service.SubscribeAsync(bob);
        var (_, page) = await AskAsync(bob);
        Assert.Equal(200, page.Status);
        Assert.Contains("frame-ancestors 'none'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("no-store", page.Header("Cache-Control"));
    }

    [Fact]
    [Trait("Clause", "OAUTH-38")]
    public async Task A_decision_counts_once()
    {
        var bob = await node.JoinAsync();
        var (_, page) = await AskAsync(bob);
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => service.DecideAsync(bob.Nickname, page, i % 2 == 0 ? "allow" : "refuse")));
        Assert.Single(replies, reply => reply.Status == 303);
        Assert.Equal(7, replies.Count(reply => reply.Status == 400));
    }

    [Theory]
    [InlineData("https://evil.example/done")]
    [InlineData("https://good.example.evil.example/done")]
    [InlineData("https://evil.example\\@good.example/done")]
    [InlineData("https://good.example@evil.example/done")]
    [Trait("Clause", "OAUTH-36")]
    public async Task A_callback_on_another_host_is_refused(string callback)
    {
        var bob = await node.JoinAsync();
        var open = await service.GetRequestTokenAsync(bob, null);
        await RefusesAsync(bob, ForeignService.Authorization(open.Token, bob, service.Alice, callback), "");
        if ((await service.SendAsync(service.RequestToken(bob.Uri.Value, callback))).Form("oauth_token") is { Length: > 0 } signed)
            await RefusesAsync(bob, ForeignService.Authorization(signed, bob, service.Alice), "evil.example");
    }

    [Fact]
    [Trait("Clause", "OAUTH-35")]
    public async Task A_callback_that_was_agreed_on_cannot_be_replaced()
    {
        var bob = await node.JoinAsync();
        var token = await service.GetRequestTokenAsync(bob, service.Callback);
        await RefusesAsync(bob, ForeignService.Authorization(token.Token, bob, service.Alice, service.Root + "elsewhere"), "oauth_callback");
        Assert.Equal(200, (await service.VisitAsync(bob.Nickname, ForeignService.Authorization(token.Token, bob, service.Alice, service.Callback))).Status);
    }

    [Fact]
    [Trait("Clause", "OAUTH-44")]
    public async Task The_page_names_all_hosts_and_says_when_they_differ()
    {
        var bob = await node.JoinAsync();
        var (_, alike) = await AskAsync(bob);
        Assert.Contains("good.example", alike.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("role=\"alert\"", alike.Body, StringComparison.Ordinal);

        using var other = new ForeignService(node.Node, "https://agent.example/");
        var token = await other.GetRequestTokenAsync(bob, other.Callback);
        var page = await other.VisitAsync(bob.Nickname, ForeignService.Authorization(token.Token, bob, new Listenee("https://famous.example/1", "https://famous.example/alice")));
        Assert.Contains("role=\"alert\"", page.Body, StringComparison.Ordinal);
        var before = page.Body[..page.Body.IndexOf("<button class=\"primary\" name=\"decision\"", StringComparison.Ordinal)];
        Assert.Contains("alice@famous.example", before, StringComparison.Ordinal);
        Assert.Contains("<dd>agent.example</dd>", before, StringComparison.Ordinal);
        Assert.Contains("<dd>famous.example</dd>", before, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OAUTH-36")]
    [Trait("Clause", "OAUTH-44")]
    public async Task An_operator_may_let_people_approve_another_host_which_is_named_first()
    {
        await using var lenient = await ProviderNode.StartAsync(o => o.AcceptCallbacksOnOtherHosts = true);
        using var odd = new ForeignService(lenient.Node);
        var bob = await lenient.JoinAsync();
        var token = await odd.GetRequestTokenAsync(bob, "https://elsewhere.example/done");
        var page = await odd.VisitAsync(bob.Nickname, ForeignService.Authorization(token.Token, bob, odd.Alice));
        var before = page.Body[..page.Body.IndexOf("<button class=\"primary\" name=\"decision\"", StringComparison.Ordinal)];
        Assert.Contains("role=\"alert\"", before, StringComparison.Ordinal);
        Assert.Contains("elsewhere.example", before, StringComparison.Ordinal);
        Assert.StartsWith("https://elsewhere.example/done?", (await odd.DecideAsync(bob.Nickname, page)).Header("Location"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OMB-39")]
    [Trait("Clause", "OMB-42")]
    public async Task Script_in_every_field_is_shown_as_text_and_the_profile_not_linked()
    {
        var bob = await node.JoinAsync();
        const string Script = "\"><script>alert(1)</script>";
        using var evil = new ForeignService(node.Node, "https://evil.example/\"><script>alert(1)</script>");
        var token = await evil.GetRequestTokenAsync(bob, "https://evil.example/done");
        var listenee = new Listenee("https://evil.example/\"><script>alert(1)</script>", "https://evil.example/'onmouseover='x", "<script>x");
        var page = await evil.VisitAsync(
            bob.Nickname,
            ForeignService.Authorization(
                token.Token, bob, listenee, null, ("omb_listenee_fullname", Script), ("omb_listenee_bio", Script), ("omb_listenee_location", Script),
                ("omb_listenee_homepage", "https://evil.example/\"><script>"), ("omb_listenee_avatar", "https://evil.example/\"><script>")));
        AssertHarmless(page);
        Assert.DoesNotContain("href=\"https://evil.example", page.Body, StringComparison.Ordinal);

        var verifier = (await evil.DecideAsync(bob.Nickname, page)).Returned("oauth_verifier");
        Assert.Equal(200, (await evil.SendAsync(evil.AccessToken(token, verifier))).Status);
        var person = (await node.FollowedAsync(bob)).Single().Other;
        Assert.Equal((Script, Script, Script), (person.FullName, person.Bio, person.Location));
        AssertHarmless(await evil.BrowseAsync(bob.Nickname, "following"));
        var profile = await evil.BrowseAsync(bob.Nickname, $"user/{person.Id}");
        AssertHarmless(profile);
        Assert.DoesNotContain("<a href=\"https://evil.example/&#x27;", profile.Body, StringComparison.Ordinal);

        static void AssertHarmless(Reply page)
        {
            Assert.Equal(200, page.Status);
            Assert.Contains("&lt;script&gt;", page.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("<script", page.Body, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("'onmouseover", page.Body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("https://creativecommons.org/licenses/by-nc-nd/4.0/")]
    [InlineData("https://good.example/all-rights-reserved")]
    [Trait("Clause", "OMB-37")]
    public async Task A_licence_that_the_site_does_not_take_refuses_the_listenee(string license)
    {
        var bob = await node.JoinAsync();
        var token = await service.GetRequestTokenAsync(bob, service.Callback);
        await RefusesAsync(bob, ForeignService.Authorization(token.Token, bob, service.Alice with { License = license }), license);
    }

    [Fact]
    [Trait("Quirk", "Q49")]
    public async Task Signed_authorization_addresses_are_taken_and_their_signature_ignored()
    {
        var bob = await node.JoinAsync();
        var token = await service.GetRequestTokenAsync(bob, null);
        var fields = ForeignService.Authorization(
            token.Token, bob, service.Alice, service.Callback, ("oauth_consumer_key", "x"), ("oauth_nonce", "1"), ("oauth_timestamp", "1"),
            ("oauth_signature", "wrong"), ("oauth_version", "1.0"));
        var page = await service.VisitAsync(bob.Nickname, fields);
        Assert.Equal(303, (await service.DecideAsync(bob.Nickname, page)).Status);
    }

    private async Task<(TokenPair Token, Reply Page)> AskAsync(Profile listener, bool is10a = true)
    {
        var token = await service.GetRequestTokenAsync(listener, is10a ? service.Callback : null);
        return (token, await service.VisitAsync(listener.Nickname, ForeignService.Authorization(token.Token, listener, service.Alice, is10a ? null : service.Callback)));
    }

    private async Task RefusesAsync(Profile listener, IEnumerable<Field> fields, string reason)
    {
        var reply = await service.VisitAsync(listener.Nickname, fields);
        Assert.Equal(400, reply.Status);
        Assert.Empty(reply.Header("Location"));
        Assert.Contains(reason, WebUtility.HtmlDecode(reply.Body), StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"decision\"", reply.Body, StringComparison.Ordinal);
        Assert.Empty(await node.FollowedAsync(listener));
    }

    private static string ForgeryToken(Reply page) =>
        page.Body.Split("name=\"decision\"")[0].Split("name=\"forgery_token\" value=\"")[^1].Split('"')[0];
}
