using System.Text;

namespace Microblog.Federation.Tests.Provider;

public sealed class PostNoticeTests(ProviderNode node) : IClassFixture<ProviderNode>, IDisposable
{
    // Any but the node's own.
    private const string ForeignScript = "(?i)<script(?! type=\"module\" src=\"/js/live\\.js\\?v=[0-9a-f]+\"></script>)";

    private readonly ForeignService service = new(node.Node);

    public void Dispose() => service.Dispose();

    [Fact]
    [Trait("Clause", "OMB-53")]
    [Trait("Clause", "OMB-60")]
    [Trait("Quirk", "Q70")]
    [Trait("Quirk", "Q80")]
    public async Task A_notice_reaches_its_listener_and_the_answer_is_the_literal_version()
    {
        var (bob, carol) = (await node.JoinAsync(), await node.JoinAsync());
        var grant = await service.SubscribeAsync(bob);
        await service.SubscribeAsync(carol);
        var reply = await service.PostAsync(grant, "hello");
        Assert.Equal(200, reply.Status);
        Assert.Equal("omb_version=http://openmicroblogging.org/protocol/0.1", reply.Body);
        Assert.Equal("text/plain", reply.Header("Content-Type"));
        Assert.Equal(["hello"], (await node.HeardAsync(bob)).Select(n => n.Content));
        Assert.Empty(await node.HeardAsync(carol));
    }

    [Theory]
    [InlineData("Body")]
    [InlineData("Header")]
    [InlineData("Query")]
    [Trait("Clause", "OMB-51")]
    [Trait("Clause", "OAUTH-13")]
    [Trait("Quirk", "Q40")]
    public async Task The_signature_may_stand_in_body_header_or_query(string placement)
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(await service.SubscribeAsync(bob), "signed") with { Placement = Enum.Parse<Placement>(placement) };
        Assert.Equal(200, (await service.SendAsync(call)).Status);
        Assert.Single(await node.HeardAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OAUTH-18")]
    public async Task A_signature_by_hmac_sha256_is_taken_likewise()
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(await service.SubscribeAsync(bob), "signed") with { IsSha256 = true };
        Assert.Equal(401, (await service.SendAsync(call with { Token = call.Token! with { Secret = "guess" } })).Status);
        Assert.Equal(200, (await service.SendAsync(call)).Status);
        Assert.Single(await node.HeardAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OAUTH-3")]
    [Trait("Clause", "OAUTH-14")]
    public async Task Every_parameter_is_signed_wherever_it_stands_save_the_realm()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        foreach (var placement in Enum.GetValues<Placement>())
        {
            var call = service.Notice(grant, "text") with { Placement = placement };
            Assert.Equal(401, (await service.SendAsync(call with { Wire = form => form + "&x=1" })).Status);
            Assert.Equal(401, (await service.SendAsync(call with { AfterSigning = oauth => oauth.Set("oauth_nonce", "other") })).Status);
            Assert.Equal(401, (await service.SendAsync(call with { AfterSigning = oauth => oauth.Add(Field.Of("x", "1")) })).Status);
        }

        Assert.Empty(await node.HeardAsync(bob));
        var header = service.Notice(grant, "text") with { Placement = Placement.Header, AfterSigning = oauth => oauth.Insert(0, Field.Of("realm", "anything")) };
        Assert.Equal(200, (await service.SendAsync(header)).Status);
    }

    [Theory]
    [InlineData("+ & % = ; , / ? # [ ] @ ' \" < > \\ ` { } | ^ ~ %41 &amp; %2B")]
    [InlineData("  white \t space\r\nand lines\n\n ")]
    [InlineData("🙂👩‍👩‍👧‍👦 ünïcödé e\u0301 \u00e9 漢字")]
    [InlineData("שלום \u202eעולם\u202c مرحبا")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("+")]
    [InlineData(" ")]
    [InlineData("\u0001\u001f\u007f\ufeff\uffff")]
    [Trait("Clause", "OMB-63")]
    public async Task Content_is_kept_exactly(string content)
    {
        var bob = await node.JoinAsync();
        Assert.Equal(200, (await service.PostAsync(await service.SubscribeAsync(bob), content)).Status);
        Assert.Equal(content, (await node.HeardAsync(bob)).Single().Content);
    }

    [Fact]
    [Trait("Clause", "OMB-63")]
    public async Task A_plus_on_the_wire_is_a_space()
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(await service.SubscribeAsync(bob), "a b") with
        {
            Wire = form => form.Replace("a%20b", "a+b", StringComparison.Ordinal),
        };
        Assert.Equal(200, (await service.SendAsync(call)).Status);
        Assert.Equal("a b", (await node.HeardAsync(bob)).Single().Content);
    }

    [Theory]
    [InlineData(141)]
    [InlineData(5_000)]
    [InlineData(40_000)]
    [Trait("Clause", "OMB-54")]
    public async Task Notices_of_more_than_140_characters_are_taken(int length)
    {
        var bob = await node.JoinAsync();
        var content = string.Concat(Enumerable.Repeat("ä", length));
        Assert.Equal(200, (await service.PostAsync(await service.SubscribeAsync(bob), content)).Status);
        Assert.Equal(content, (await node.HeardAsync(bob)).Single().Content);
    }

    [Fact]
    [Trait("Clause", "OMB-54")]
    public async Task Too_long_a_notice_is_400_and_too_large_a_body_413()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        Assert.Equal(400, (await service.PostAsync(grant, new string('x', 65_537))).Status);
        var large = await service.PostAsync(grant, new string('x', 262_145));
        Assert.Equal(413, large.Status);
        Assert.Contains("262144", large.Body, StringComparison.Ordinal);
        Assert.Empty(await node.HeardAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OAUTH-12")]
    [Trait("Quirk", "Q32")]
    public async Task Text_cut_inside_a_character_is_taken_with_a_replacement()
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(await service.SubscribeAsync(bob), "").Without("omb_notice_content");
        byte[] cut = [.. "caf"u8, 0xc3];
        Assert.Equal(200, (await service.SendAsync(call with { Fields = [.. call.Fields, Field.OfBytes("omb_notice_content", cut)] })).Status);
        Assert.Equal("caf\ufffd", (await node.HeardAsync(bob)).Single().Content);
    }

    [Theory]
    [InlineData("omb_version", null)]
    [InlineData("omb_version", "")]
    [InlineData("omb_version", "http://openmicroblogging.org/protocol/0.2")]
    [InlineData("omb_listenee", null)]
    [InlineData("omb_listenee", "")]
    [InlineData("omb_notice", null)]
    [InlineData("omb_notice", "")]
    [InlineData("omb_notice", "12345")]
    [InlineData("omb_notice", "http://good.example/a b")]
    [InlineData("omb_notice", "/notice/1")]
    [InlineData("omb_notice_content", null)]
    [InlineData("omb_notice_content", "")]
    [InlineData("omb_notice_content", "a\0b")]
    [InlineData("omb_notice_url", "javascript:alert(1)")]
    [InlineData("omb_notice_url", "tag:good.example,2008:1")]
    [InlineData("omb_notice_license", "by")]
    [InlineData("omb_seealso", "file:///etc/passwd")]
    [Trait("Clause", "OMB-52")]
    [Trait("Quirk", "Q79")]
    public async Task A_missing_or_malformed_field_is_named_and_nothing_is_stored(string name, string? value)
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(await service.SubscribeAsync(bob), "text");
        var reply = await service.SendAsync(value is null ? call.Without(name) : call.With(name, value));
        Assert.Equal(400, reply.Status);
        Assert.Contains(name, reply.Body, StringComparison.Ordinal);
        Assert.Empty(await node.HeardAsync(bob));
    }

    [Theory]
    [InlineData("omb_version")]
    [InlineData("omb_listenee")]
    [InlineData("omb_notice")]
    [InlineData("omb_notice_content")]
    [Trait("Clause", "OMB-52")]
    public async Task A_repeated_field_is_refused(string name)
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(await service.SubscribeAsync(bob), "text").Twice(name);
        Assert.Equal(400, (await service.SendAsync(call)).Status);
        Assert.Empty(await node.HeardAsync(bob));
    }

    [Fact]
    public async Task A_broken_percent_escape_is_refused_with_its_name()
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(await service.SubscribeAsync(bob), "").Without("omb_notice_content");
        foreach (var broken in new[] { "100%", "%zz", "%4" })
        {
            var signed = HmacSigner.Encode(broken);
            var reply = await service.SendAsync(call with { Fields = [.. call.Fields, new Field("omb_notice_content", broken, signed)] });
            Assert.Equal(400, reply.Status);
            Assert.Contains("omb_notice_content", reply.Body, StringComparison.Ordinal);
        }

        Assert.Empty(await node.HeardAsync(bob));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [Trait("Clause", "OMB-50")]
    public async Task Other_methods_than_post_are_405_with_allow(string method)
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        foreach (var call in new[] { service.Notice(grant, "text"), service.Update(grant, ("bio", "new")) })
        {
            var reply = await service.SendAsync(call with { Method = method });
            Assert.Equal((405, "POST"), (reply.Status, reply.Header("Allow")));
        }

        Assert.Empty(await node.HeardAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OMB-55")]
    public async Task A_notice_received_twice_is_answered_alike_and_stored_once()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        var uri = service.NewNotice();
        Assert.Equal(200, (await service.PostAsync(grant, "first", uri)).Status);
        var again = await service.PostAsync(grant, "second", uri);
        Assert.Equal((200, "omb_version=http://openmicroblogging.org/protocol/0.1"), (again.Status, again.Body));
        Assert.Equal(["first"], (await node.HeardAsync(bob)).Select(n => n.Content));
    }

    [Fact]
    [Trait("Clause", "OMB-55")]
    public async Task Of_many_at_once_one_is_stored_and_all_succeed()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        var uri = service.NewNotice();
        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => service.PostAsync(grant, "once", uri)));
        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        Assert.Single(await node.HeardAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OMB-55")]
    [Trait("Clause", "OMB-60")]
    public async Task The_same_notice_for_another_listener_is_one_notice_for_both()
    {
        var (bob, carol) = (await node.JoinAsync(), await node.JoinAsync());
        var uri = service.NewNotice();
        foreach (var listener in new[] { bob, carol })
            Assert.Equal(200, (await service.PostAsync(await service.SubscribeAsync(listener), "for both", uri)).Status);
        Assert.Equal((await node.HeardAsync(bob)).Single().Id, (await node.HeardAsync(carol)).Single().Id);
    }

    [Fact]
    [Trait("Clause", "OMB-56")]
    public async Task The_same_uri_with_other_content_or_of_another_author_is_kept_apart()
    {
        var (bob, carol, dora) = (await node.JoinAsync(), await node.JoinAsync(), await node.JoinAsync());
        var uri = service.NewNotice();
        var another = new Listenee(service.Root + "user/2", service.Root + "eve", "eve");
        Assert.Equal(200, (await service.PostAsync(await service.SubscribeAsync(bob), "one", uri)).Status);
        Assert.Equal(200, (await service.PostAsync(await service.SubscribeAsync(carol), "two", uri)).Status);
        Assert.Equal(200, (await service.PostAsync(await service.SubscribeAsync(dora, another), "one", uri)).Status);
        Assert.Equal("one", (await node.HeardAsync(bob)).Single().Content);
        Assert.Equal("two", (await node.HeardAsync(carol)).Single().Content);
        var heard = await node.Node.Node.HomeAsync(dora.Id, Storage.PageRequest.Newest(10));
        Assert.Equal(("one", "eve@good.example"), (heard.Single().Notice.Content, heard.Single().Author.Address));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("link", false)]
    [InlineData("inline", true)]
    [Trait("Clause", "OMB-61")]
    [Trait("Quirk", "Q80")]
    public async Task The_disposition_is_link_unless_inline_is_said(string? disposition, bool isInline)
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(
            await service.SubscribeAsync(bob), "see", null, ("omb_seealso", "https://good.example/film"), ("omb_seealso_mediatype", "video/ogg"),
            ("omb_seealso_license", "https://creativecommons.org/licenses/by/3.0/"));
        Assert.Equal(200, (await service.SendAsync(disposition is null ? call : call.With("omb_seealso_disposition", disposition))).Status);
        Assert.Equal(
            new SeeAlso("https://good.example/film", isInline, "video/ogg", "https://creativecommons.org/licenses/by/3.0/"),
            (await node.HeardAsync(bob)).Single().SeeAlso);
    }

    [Theory]
    [InlineData("Link")]
    [InlineData("embed")]
    [InlineData("link ")]
    [Trait("Clause", "OMB-61")]
    public async Task Another_disposition_is_refused(string disposition)
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        var reply = await service.PostAsync(grant, "see", null, ("omb_seealso", "https://good.example/film"), ("omb_seealso_disposition", disposition));
        Assert.Equal(400, reply.Status);
        Assert.Contains("omb_seealso_disposition", reply.Body, StringComparison.Ordinal);
        Assert.Empty(await node.HeardAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OMB-64")]
    [Trait("Clause", "OMB-68")]
    [Trait("Quirk", "Q31")]
    public async Task What_a_remote_points_to_is_a_link_and_never_loaded_by_the_reader()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob, more: ("omb_listenee_avatar", "https://good.example/face.png"));
        await service.PostAsync(
            grant, "look", null, ("omb_seealso", "https://good.example/picture"), ("omb_seealso_mediatype", "image/png"), ("omb_seealso_disposition", "inline"));
        var page = await service.BrowseAsync(bob.Nickname, "home");
        Assert.Equal(200, page.Status);
        Assert.Contains("<a href=\"https://good.example/picture\"", page.Body, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|srcset|data|poster)\\s*=\\s*\"?https?://", page.Body);
        Assert.DoesNotContain("face.png", page.Body, StringComparison.Ordinal);
        Assert.DoesNotMatch(ForeignScript, page.Body);
    }

    [Fact]
    [Trait("Clause", "OMB-62")]
    public async Task A_notice_has_its_own_licence_or_the_listenees_of_that_moment()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        await service.PostAsync(grant, "own", null, ("omb_notice_license", "https://creativecommons.org/licenses/by/2.0/"));
        await service.PostAsync(grant, "default");
        await service.PostAsync(grant, "empty", null, ("omb_notice_license", ""));
        Assert.Equal(
            [grant.Listenee.License, grant.Listenee.License, "https://creativecommons.org/licenses/by/2.0/"],
            (await node.HeardAsync(bob)).Select(n => n.License));
    }

    [Theory]
    [InlineData("https://creativecommons.org/licenses/by-nc/4.0/", 400)]
    [InlineData("https://creativecommons.org/licenses/by-sa/4.0/", 400)]
    [InlineData("https://good.example/my-licence", 400)]
    [InlineData("http://creativecommons.org/licenses/by/2.0/de", 200)]
    [InlineData("http://creativecommons.org/licenses/publicdomain/", 200)]
    [Trait("Clause", "OMB-37")]
    [Trait("Quirk", "Q35")]
    public async Task Licences_are_taken_by_their_terms(string license, int status)
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        Assert.Equal(status, (await service.PostAsync(grant, "text", null, ("omb_notice_license", license))).Status);
        Assert.Equal(status == 200 ? 1 : 0, (await node.HeardAsync(bob)).Count);
    }

    [Fact]
    [Trait("Clause", "OMB-66")]
    public async Task A_mention_in_a_remote_notice_notifies_and_links_no_namesake_here()
    {
        var (bob, carol) = (await node.JoinAsync(), await node.JoinAsync());
        await service.PostAsync(await service.SubscribeAsync(bob), $"hello @{carol.Nickname} and @{bob.Nickname}");
        var notice = (await node.HeardAsync(bob)).Single();
        Assert.Empty(notice.Mentions);
        Assert.Empty(await node.HeardAsync(carol));
        Assert.DoesNotContain("hello", (await service.BrowseAsync(carol.Nickname, "mentions")).Body, StringComparison.Ordinal);
        var page = await service.BrowseAsync(bob.Nickname, $"notice/{notice.Id}");
        Assert.Contains("@" + carol.Nickname, page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain($"/{carol.Nickname}\"", page.Body, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OMB-39")]
    public async Task Script_in_a_notice_is_shown_as_text()
    {
        var bob = await node.JoinAsync();
        await service.PostAsync(await service.SubscribeAsync(bob), "<script>alert(1)</script> <img src=x onerror=alert(2)> javascript:alert(3)");
        var page = await service.BrowseAsync(bob.Nickname, "home");
        Assert.DoesNotMatch(ForeignScript, page.Body);
        Assert.DoesNotContain("<img src=x", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("\"javascript:", page.Body, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_of_another_media_type_is_not_a_signed_form()
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(await service.SubscribeAsync(bob), "text");
        var reply = await service.Wire.SendAsync("POST", call.Path, Encoding.ASCII.GetBytes(Field.Form(call.Fields)), "text/plain");
        Assert.Equal((400, "parameter_absent"), (reply.Status, reply.Problem));
    }
}
