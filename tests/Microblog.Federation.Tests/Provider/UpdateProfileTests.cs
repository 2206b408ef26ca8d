namespace Microblog.Federation.Tests.Provider;

public sealed class UpdateProfileTests(ProviderNode node) : IClassFixture<ProviderNode>, IDisposable
{
    private static readonly (string Name, string Value)[] Full =
    [
        ("omb_listenee_fullname", "Alice A."), ("omb_listenee_homepage", "https://good.example/home"), ("omb_listenee_bio", "writes"),
        ("omb_listenee_location", "Oslo"), ("omb_listenee_avatar", "https://good.example/a.png"),
    ];

    private readonly ForeignService service = new(node.Node);

    public static TheoryData<string, string> Invalid => new()
    {
        { "nickname", "" },
        { "nickname", "al ice" },
        { "nickname", new string('a', 65) },
        { "profile", "" },
        { "profile", "alice" },
        { "profile", "javascript:alert(1)" },
        { "license", "" },
        { "license", "by" },
        { "license", "https://creativecommons.org/licenses/by-nc/4.0/" },
        { "fullname", new string('a', 256) },
        { "fullname", "a\0b" },
        { "bio", new string('a', 140) },
        { "location", new string('a', 255) },
        { "homepage", "ftp://good.example/" },
        { "avatar", "a.png" },
    };

    public void Dispose() => service.Dispose();

    [Fact]
    [Trait("Clause", "OMB-70")]
    [Trait("Clause", "OMB-71")]
    [Trait("Clause", "OMB-53")]
    [Trait("Quirk", "Q29")]
    [Trait("Quirk", "Q70")]
    public async Task Absent_fields_stay_empty_ones_are_blanked_and_others_change()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob, more: Full);
        var reply = await service.UpdateAsync(grant, ("bio", "writes more"), ("location", ""));
        Assert.Equal((200, "omb_version=http://openmicroblogging.org/protocol/0.1"), (reply.Status, reply.Body));
        await ShowsAsync(bob, "Alice A.", "https://good.example/home", "writes more", "", "https://good.example/a.png");
        Assert.Equal(200, (await service.UpdateAsync(grant)).Status);
        await ShowsAsync(bob, "Alice A.", "https://good.example/home", "writes more", "", "https://good.example/a.png");
        Assert.Equal(200, (await service.UpdateAsync(grant, ("fullname", ""), ("homepage", ""), ("bio", ""), ("avatar", ""))).Status);
        await ShowsAsync(bob, "", "", "", "", "");
    }

    [Fact]
    [Trait("Clause", "OMB-70")]
    [Trait("Clause", "OMB-74")]
    public async Task Nickname_profile_and_licence_change_and_the_identifier_stays()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        await service.UpdateAsync(
            grant, ("nickname", "alicia"), ("profile", "https://good.example/alicia"), ("license", "https://creativecommons.org/licenses/by/3.0/"));
        var alice = (await node.FollowedAsync(bob)).Single().Other;
        Assert.Equal(
            ("alicia@good.example", "https://good.example/alicia", "https://creativecommons.org/licenses/by/3.0/", grant.Listenee.Uri),
            (alice.Address, alice.Url, alice.License, alice.Uri.Value));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    [Trait("Clause", "OMB-71")]
    [Trait("Clause", "OMB-73")]
    public async Task One_invalid_field_rejects_the_whole_update(string name, string value)
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob, more: Full);
        var before = (await node.FollowedAsync(bob)).Single().Other;
        (string, string)[] others = [("bio", "new"), ("fullname", "new"), ("location", "new")];
        var reply = await service.UpdateAsync(grant, [.. others.Where(f => f.Item1 != name), (name, value)]);
        Assert.Equal(400, reply.Status);
        Assert.Contains("omb_listenee_" + name, reply.Body, StringComparison.Ordinal);
        Assert.Equal(before, (await node.FollowedAsync(bob)).Single().Other);
    }

    [Theory]
    [InlineData("omb_version")]
    [InlineData("omb_listenee")]
    [Trait("Clause", "OMB-73")]
    public async Task A_missing_or_repeated_required_field_rejects_it(string name)
    {
        var bob = await node.JoinAsync();
        var call = service.Update(await service.SubscribeAsync(bob), ("bio", "new"));
        Assert.Equal(400, (await service.SendAsync(call.Without(name))).Status);
        Assert.Equal(400, (await service.SendAsync(call.Twice(name))).Status);
        Assert.Equal(400, (await service.SendAsync(call.Twice("omb_listenee_bio"))).Status);
        await ShowsAsync(bob, "", "", "", "", "");
    }

    [Fact]
    [Trait("Clause", "OMB-72")]
    [Trait("Clause", "OMB-62")]
    public async Task A_new_licence_holds_for_later_notices_only()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        await service.PostAsync(grant, "before");
        Assert.Equal(200, (await service.UpdateAsync(grant, ("license", "https://creativecommons.org/licenses/by/2.5/"))).Status);
        await service.PostAsync(grant, "after");
        Assert.Equal(
            [("after", "https://creativecommons.org/licenses/by/2.5/"), ("before", grant.Listenee.License)],
            (await node.HeardAsync(bob)).Select(n => (n.Content, n.License)));
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    [Trait("Clause", "OMB-74")]
    public async Task An_update_changes_what_its_own_listener_sees_and_nothing_else()
    {
        var (bob, carol) = (await node.JoinAsync(), await node.JoinAsync());
        var grant = await service.SubscribeAsync(bob, more: Full);
        await service.SubscribeAsync(carol, more: Full);
        await service.SubscribeAsync(bob, new Listenee(service.Root + "user/2", service.Root + "eve", "eve"));
        var eve = (await node.FollowedAsync(bob)).Single(f => f.Other.Nickname == "eve").Other;
        Assert.Equal(200, (await service.UpdateAsync(grant, ("nickname", "mallory"), ("bio", "renamed"))).Status);
        await ShowsAsync(carol, "Alice A.", "https://good.example/home", "writes", "Oslo", "https://good.example/a.png");
        Assert.Equal("alice", (await node.FollowedAsync(carol)).Single().Other.Nickname);
        Assert.Equal(eve, (await node.FollowedAsync(bob)).Single(f => f.Other.Nickname == "eve").Other);
    }

    [Fact]
    [Trait("Clause", "OMB-38")]
    [Trait("Clause", "OMB-70")]
    [Trait("Quirk", "Q27")]
    public async Task Lengths_are_counted_in_characters()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        var bio = string.Concat(Enumerable.Repeat("🙂", 139));
        Assert.Equal(200, (await service.UpdateAsync(grant, ("bio", bio))).Status);
        Assert.Equal(bio, (await node.FollowedAsync(bob)).Single().Other.Bio);
    }

    private async Task ShowsAsync(Profile listener, string fullName, string homepage, string bio, string location, string avatar)
    {
        var alice = (await node.FollowedAsync(listener)).Single(f => f.Other.Nickname == "alice").Other;
        Assert.Equal((fullName, homepage, bio, location, avatar), (alice.FullName, alice.Homepage, alice.Bio, alice.Location, alice.AvatarUrl));
    }
}
