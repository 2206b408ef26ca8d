using System.Text;
using Microblog.Storage;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>What subscribers elsewhere hear of a changed profile.</summary>
public sealed class ProfileUpdateTests
{
    [Fact]
    [Trait("Clause", "OMB-140")]
    [Trait("Clause", "OMB-141")]
    [Trait("Quirk", "Q78")]
    public async Task A_change_is_pushed_with_licence_nickname_and_address_and_a_blanked_field_is_empty()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { FullName = "Alice", Bio = "bio", Location = "Bern", Homepage = "https://a.example/" });
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Bio = "", Location = "", Homepage = "", License = License.CcBySa40 });
        var update = Assert.Single(await Eventually.Async(() => Task.FromResult(foreign.Updates), u => u.Count > 0));

        Assert.Equal("POST", update.Method);
        Assert.Equal("/dora/update", update.Path);
        Assert.Equal("access2", update["oauth_token"]);
        Assert.Equal(ForeignAnswer.Version, update["omb_version"]);
        Assert.Equal(alice.Uri.Value, update["omb_listenee"]);
        Assert.Equal("alice", update["omb_listenee_nickname"]);
        Assert.Equal(alice.Url, update["omb_listenee_profile"]);
        Assert.Equal(License.CcBySa40.Url, update["omb_listenee_license"]);
        Assert.Equal("Alice", update["omb_listenee_fullname"]);
        Assert.Equal("", update["omb_listenee_bio"]);
        Assert.Equal("", update["omb_listenee_location"]);
        Assert.Equal("", update["omb_listenee_homepage"]);
    }

    [Theory]
    // Name, bio and location at the specification's limits of characters, in characters of 1, 2, 3 and 4 bytes.
    [InlineData("a", 255, 139, 254)]
    [InlineData("ä", 127, 70, 127)]
    [InlineData("字", 85, 46, 85)]
    [InlineData("🙂", 63, 35, 63)]
    [Trait("Clause", "OMB-142")]
    [Trait("Quirk", "Q27")]
    [Trait("Quirk", "Q28")]
    public async Task Long_fields_are_cut_on_character_boundaries_within_bytes(string character, int name, int bio, int location)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        var changed = await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges
        {
            FullName = Repeat(255), Bio = Repeat(139), Location = Repeat(254),
        });
        Assert.Null(changed.Problem);
        var update = Assert.Single(await Eventually.Async(() => Task.FromResult(foreign.Updates), u => u.Count > 0));

        Assert.Equal(Repeat(name), update["omb_listenee_fullname"]);
        Assert.Equal(Repeat(bio), update["omb_listenee_bio"]);
        Assert.Equal(Repeat(location), update["omb_listenee_location"]);
        Assert.InRange(Encoding.UTF8.GetByteCount(update["omb_listenee_bio"]!), 1, 140);
        // In the dance too.
        using var second = await foreign.SubscribeAsync(node, "alice", "emil");
        Assert.Equal(Repeat(bio), foreign.To("/authorize")[^1].InQuery("omb_listenee_bio"));

        string Repeat(int count) => string.Concat(Enumerable.Repeat(character, count));
    }

    [Fact]
    [Trait("Clause", "OMB-140")]
    public async Task Of_changes_that_wait_only_the_last_is_sent_and_order_to_notices_is_kept()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Script("/notice", new ForeignAnswer(503, "later", "text/plain", "Retry-After: 1"));

        await node.SayAsync(alice, "one");
        await Eventually.Async(node.WaitingAsync, w => w is [{ Attempts: 1 }]);
        foreach (var bio in new[] { "first", "second", "third" })
            await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Bio = bio });
        await node.RestAsync();

        Assert.Equal("third", Assert.Single(foreign.Updates)["omb_listenee_bio"]);
        Assert.Equal("/dora/update", foreign.Requests[^1].Path);
    }

    [Fact]
    [Trait("Clause", "OMB-132")]
    [Trait("Clause", "OMB-140")]
    [Trait("Quirk", "Q83")]
    public async Task A_403_to_an_update_ends_the_subscription_like_one_to_a_notice()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Script("/update", new ForeignAnswer(403), new ForeignAnswer(403));

        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Bio = "new" });
        await Eventually.Async(() => node.SubscribersAsync(alice), s => s.Count == 0);
        await node.SayAsync(alice, "one");
        await node.RestAsync();

        Assert.Empty(foreign.Notices);
        Assert.Equal(2, foreign.Updates.Count);
    }

    [Fact]
    [Trait("Clause", "OMB-140")]
    public async Task A_change_that_concerns_nobody_else_is_not_pushed()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { ApprovesFollowers = true });
        await node.SayAsync(alice, "one");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count > 0);
        await node.RestAsync();

        Assert.Empty(foreign.Updates);
    }
}
