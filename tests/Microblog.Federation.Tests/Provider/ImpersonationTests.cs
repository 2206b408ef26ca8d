using Microblog.Storage;

namespace Microblog.Federation.Tests.Provider;

/// <summary>Somebody claims to be another: another service, a stranger, or this node itself.</summary>
public sealed class ImpersonationTests(ProviderNode node) : IClassFixture<ProviderNode>, IDisposable
{
    private readonly ForeignService good = new(node.Node);

    /// <summary>Spellings of addresses under the bases of <see cref="StartMovedAsync"/>.</summary>
    public static TheoryData<string> OwnAddresses => new(
        "http://notes.example/user/1",
        "https://notes.example/user/1",
        "HTTP://NOTES.Example/user/1",
        "http://notes.example:80/user/1",
        "https://notes.example:443/user/1",
        "http://notes.example:443/user/1",
        "http://notes.example./user/1",
        "http://notes.example",
        "http://notes.example?x",
        "http://notes.example/%75ser/1",
        "http://notes.example\\user\\1",
        "https://former.example/notes/user/1",
        "http://former.example/notes",
        "http://former.example/NOTES/user/1",
        "http://former.example/%6eotes/user/1",
        "http://former.example/%256eotes/user/1",
        "http://former.example/notes%2Fuser/1",
        "http://former.example/x/../notes/user/1",
        "http://former.example/x/%2e%2e/notes/user/1",
        "http://former.example/x/%252e%252e/notes/user/1",
        "http://former.example/./notes/user/1",
        "https://former.example:8443/user/1",
        "http://ｎotes.example/user/1",
        "http://ⓝotes。example/user/1");

    public void Dispose() => good.Dispose();

    [Fact]
    [Trait("Clause", "OMB-65")]
    [Trait("Clause", "OMB-55")]
    [Trait("Clause", "OMB-56")]
    public async Task A_home_made_consumer_that_its_own_user_approves_reaches_that_user_alone()
    {
        var (bob, mallory, carol) = (await node.JoinAsync(), await node.JoinAsync(), await node.JoinAsync());
        var real = await good.SubscribeAsync(bob, more: ("omb_listenee_bio", "the real one"));
        await good.PostAsync(real, "the real notice one");
        var pages = await PagesAsync(bob, carol);
        var alice = (await node.FollowedAsync(bob)).Single();

        // Mallory speaks OAuth himself with the other service's key, in the name of its listenee, and approves.
        using var homeMade = new ForeignService(node.Node);
        var forged = await homeMade.SubscribeAsync(mallory, more: ("omb_listenee_bio", "forged"));
        var next = good.NewNotice();
        Assert.Equal(200, (await homeMade.PostAsync(forged, "a forgery #forgedtag", next)).Status);
        Assert.Equal(200, (await homeMade.PostAsync(forged, "another forgery", (await node.HeardAsync(bob)).Single().Uri.Value)).Status);
        Assert.Equal(200, (await homeMade.UpdateAsync(forged, ("nickname", "renamed"), ("fullname", "Renamed"), ("bio", "defaced"), ("profile", "https://evil.example/"))).Status);

        Assert.Equal(["another forgery", "a forgery #forgedtag"], (await node.HeardAsync(mallory)).Select(n => n.Content));
        Assert.Equal(["the real notice one"], (await node.HeardAsync(bob)).Select(n => n.Content));
        Assert.Empty(await node.HeardAsync(carol));
        Assert.Equal(alice, (await node.FollowedAsync(bob)).Single());
        Assert.Equal(pages, await PagesAsync(bob, carol));
        foreach (var notice in await node.HeardAsync(mallory))
        {
            Assert.Equal(404, (await good.BrowseAsync(bob.Nickname, $"notice/{notice.Id}")).Status);
            Assert.Equal(404, (await good.BrowseAsync(null, $"notice/{notice.Id}")).Status);
            Assert.Equal(404, (await good.BrowseAsync(bob.Nickname, $"conversation/{notice.Conversation}")).Status);
        }

        var forgedAlice = (await node.FollowedAsync(mallory)).Single().Other;
        Assert.Equal(404, (await good.BrowseAsync(bob.Nickname, $"user/{forgedAlice.Id}")).Status);
        Assert.Equal(404, (await good.BrowseAsync(null, $"user/{forgedAlice.Id}")).Status);

        // The forgery under the next notice's identifier is no duplicate of the real one.
        Assert.Equal(200, (await good.PostAsync(real, "the real notice two", next)).Status);
        Assert.Equal(["the real notice two", "the real notice one"], (await node.HeardAsync(bob)).Select(n => n.Content));
        Assert.Equal("alice@good.example", (await node.Node.Node.HomeAsync(bob.Id, PageRequest.Newest(1))).Single().Author.Address);
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    public async Task A_stranger_who_shares_a_real_notice_gains_nothing_over_it()
    {
        var (bob, mallory) = (await node.JoinAsync(), await node.JoinAsync());
        var uri = good.NewNotice();
        using var homeMade = new ForeignService(node.Node);
        var forged = await homeMade.SubscribeAsync(mallory);
        await homeMade.PostAsync(forged, "known in advance", uri);
        await good.PostAsync(await good.SubscribeAsync(bob), "known in advance", uri);
        Assert.Equal(200, (await homeMade.UpdateAsync(forged, ("nickname", "renamed"))).Status);
        await node.UnsubscribeAsync(mallory);
        var entry = (await node.Node.Node.HomeAsync(bob.Id, PageRequest.Newest(1))).Single();
        Assert.Equal(("known in advance", "alice@good.example"), (entry.Notice.Content, entry.Author.Address));
        Assert.Contains("alice@good.example", (await good.BrowseAsync(bob.Nickname, "home")).Body, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    public async Task A_trusted_host_speaks_to_all_only_when_the_key_is_of_it_too()
    {
        await using var trusting = await ProviderNode.StartAsync(options: o => o.TrustedHosts.Add("good.example"));
        using var trusted = new ForeignService(trusting.Node);
        using var elsewhere = new ForeignService(trusting.Node, "https://evil.example/");
        var (bob, carol, mallory) = (await trusting.JoinAsync(), await trusting.JoinAsync(), await trusting.JoinAsync());
        var grant = await trusted.SubscribeAsync(bob);
        await trusted.SubscribeAsync(carol);
        await trusted.UpdateAsync(grant, ("bio", "for all"));
        Assert.Equal("for all", (await trusting.FollowedAsync(carol)).Single().Other.Bio);

        var forged = await elsewhere.SubscribeAsync(mallory, trusted.Alice);
        Assert.Equal(200, (await elsewhere.UpdateAsync(forged, ("bio", "defaced"))).Status);
        Assert.Equal("for all", (await trusting.FollowedAsync(carol)).Single().Other.Bio);
        Assert.Equal("for all", (await trusting.FollowedAsync(bob)).Single().Other.Bio);
    }

    [Fact]
    [Trait("Clause", "OMB-42")]
    public async Task A_profile_url_that_names_a_stranger_is_shown_and_never_linked()
    {
        var bob = await node.JoinAsync();
        var liar = new Listenee("https://good.example/user/1", "https://stranger.example/president", "president");
        await good.SubscribeAsync(bob, liar);
        var person = (await node.FollowedAsync(bob)).Single().Other;
        Assert.Equal("president@good.example", person.Address);
        foreach (var page in new[] { $"user/{person.Id}", "following" })
        {
            var html = (await good.BrowseAsync(bob.Nickname, page)).Body;
            Assert.Contains("president@good.example", html, StringComparison.Ordinal);
            Assert.DoesNotContain("href=\"https://stranger.example", html, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(OwnAddresses))]
    [Trait("Clause", "OMB-41")]
    public async Task An_address_of_ours_is_nobody_elses(string own)
    {
        await using var moved = await StartMovedAsync();
        using var service = new ForeignService(moved.Node, publicBase: "http://notes.example/");
        var bob = await moved.JoinAsync();
        var token = await service.GetRequestTokenAsync(bob, null);
        foreach (var name in new[] { "omb_listenee", "omb_listenee_profile" })
        {
            var fields = ForeignService.Authorization(token.Token, bob, service.Alice, service.Callback);
            fields.Set(name, own);
            Assert.Equal((name, 400), (name, (await service.VisitAsync(bob.Nickname, fields)).Status));
        }

        var grant = await service.SubscribeAsync(bob);
        foreach (var name in new[] { "omb_notice", "omb_notice_url", "omb_seealso" })
            Assert.Equal((name, 400), (name, (await service.SendAsync(service.Notice(grant, "text").With(name, own))).Status));
        Assert.Equal(400, (await service.UpdateAsync(grant, ("profile", own), ("bio", "new"))).Status);
        Assert.Empty(await moved.HeardAsync(bob));
        Assert.Empty((await moved.FollowedAsync(bob)).Single().Other.Bio);
    }

    [Theory]
    [InlineData("http://notes.example.evil.example/user/1")]
    [InlineData("http://my-notes.example/user/1")]
    [InlineData("http://former.example/notesandmore/user/1")]
    [InlineData("http://former.example/user/1")]
    [InlineData("http://notes.example:8080/user/1")]
    [InlineData("https://good.example/?http://notes.example/user/1")]
    [Trait("Clause", "OMB-41")]
    public async Task A_neighbours_address_is_the_neighbours(string other)
    {
        await using var moved = await StartMovedAsync();
        using var service = new ForeignService(moved.Node, publicBase: "http://notes.example/");
        var bob = await moved.JoinAsync();
        var grant = await service.SubscribeAsync(bob, new Listenee(other, other));
        Assert.Equal(200, (await service.PostAsync(grant, "text", other + "/notice", ("omb_notice_url", other), ("omb_seealso", other))).Status);
    }

    [Theory]
    [InlineData("http://notes.example/")]
    [InlineData("https://NOTES.example")]
    [InlineData("notes.example")]
    [InlineData("former.example/notes")]
    [Trait("Clause", "OMB-41")]
    [Trait("Clause", "OMB-42")]
    public async Task A_consumer_that_calls_itself_by_our_name_is_refused(string key)
    {
        await using var moved = await StartMovedAsync();
        using var service = new ForeignService(moved.Node, key, "http://notes.example/");
        var bob = await moved.JoinAsync();
        var token = await service.GetRequestTokenAsync(bob, "oob");
        // By the key alone this person would be shown as admin@notes.example.
        var admin = new Listenee("tag:good.example,2008:1", "https://good.example/", "admin");
        var reply = await service.VisitAsync(bob.Nickname, ForeignService.Authorization(token.Token, bob, admin));
        Assert.Equal(400, reply.Status);
    }

    [Fact]
    [Trait("Clause", "OMB-42")]
    public async Task Hosts_are_shown_in_ascii_so_that_none_looks_like_another()
    {
        var bob = await node.JoinAsync();
        using var lookalike = new ForeignService(node.Node, "https://gооd.example/"); // with two Cyrillic letters
        var token = await lookalike.GetRequestTokenAsync(bob, "oob");
        var listenee = new Listenee("tag:good.example,2008:alice", "https://good.example/alice");
        var page = await lookalike.VisitAsync(bob.Nickname, ForeignService.Authorization(token.Token, bob, listenee));
        Assert.Contains("alice@xn--gd-fmca.example", page.Body, StringComparison.Ordinal);
        var refused = await lookalike.VisitAsync(bob.Nickname, ForeignService.Authorization(token.Token, bob, lookalike.Alice));
        Assert.Equal(400, refused.Status);
    }

    [Fact]
    [Trait("Clause", "OMB-41")]
    [Trait("Clause", "OAUTH-10")]
    public async Task A_poisoned_host_header_changes_no_address_and_no_signature()
    {
        var bob = await node.JoinAsync();
        (string, string)[] poison = [("Host", "evil.example"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https")];
        var grant = await good.SubscribeAsync(bob);
        var token = await good.SendAsync(good.RequestToken(bob.Uri.Value, good.Callback) with { Headers = poison });
        Assert.Equal(200, token.Status);
        Assert.Equal(200, (await good.SendAsync(good.Notice(grant, "text") with { Headers = poison })).Status);

        var consent = ForeignService.AuthorizePath + "?" + Field.Form(ForeignService.Authorization(token.Form("oauth_token"), bob, good.Alice));
        foreach (var target in new[] { "", bob.Nickname, $"user/{bob.Id}/xrds", $"user/{bob.Id}", consent, "home" })
        {
            var reply = await good.Wire.SendAsync("GET", target, headers: [.. poison, ("X-User", bob.Nickname), ("Accept", "application/xrds+xml")]);
            Assert.True(reply.Status is 200 or 303, target);
            Assert.DoesNotContain("evil.example", reply.Body + string.Join(' ', reply.Headers.Values), StringComparison.Ordinal);
        }

        // Signed for the poisoned address it is signed for another one.
        using var fooled = new ForeignService(node.Node, publicBase: "http://evil.example/");
        Assert.Equal(401, (await fooled.SendAsync(fooled.Notice(grant, "text") with { Headers = poison })).Status);
    }

    private static Task<ProviderNode> StartMovedAsync() => ProviderNode.StartAsync(options: o =>
    {
        o.BaseUri = new Uri("http://notes.example/");
        o.FormerBaseUris.Add(new Uri("https://former.example/notes/"));
        o.FormerBaseUris.Add(new Uri("https://former.example:8443/"));
    });

    // What others see, without the tokens of their forms.
    private async Task<string> PagesAsync(Profile bob, Profile carol)
    {
        var pages = new List<string>();
        foreach (var target in new[] { "", "tag/forgedtag", bob.Nickname, carol.Nickname })
            pages.Add((await good.BrowseAsync(null, target)).Body);
        foreach (var person in new[] { bob, carol })
        {
            foreach (var target in new[] { "", "home", "mentions", "following", "tag/forgedtag" })
                pages.Add((await good.BrowseAsync(person.Nickname, target)).Body);
        }

        pages.Add((await good.BrowseAsync(bob.Nickname, $"user/{(await node.FollowedAsync(bob)).Single().Other.Id}")).Body);
        return System.Text.RegularExpressions.Regex.Replace(string.Concat(pages), "name=\"forgery_token\" value=\"[^\"]*\"", "");
    }
}
