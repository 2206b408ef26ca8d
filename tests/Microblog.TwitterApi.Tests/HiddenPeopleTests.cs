using Microblog.Moderation;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.TwitterApi.Tests;

/// <summary>Lists of people name nobody of a host that the operator blocked, nor who is suspended: not through the API, and not on pages.</summary>
public sealed class HiddenPeopleTests
{
    [Fact]
    public async Task Nobody_of_a_blocked_host_and_nobody_suspended_stands_in_lists_of_people()
    {
        await using var node = await ApiNode.StartAsync();
        var (alice, bob, carol) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"), await node.JoinAsync("carol"));
        var zoe = await AddRemoteAsync(node, "zoe");
        foreach (var (one, other) in new[] { (alice, bob), (bob, alice), (alice, carol), (carol, alice), (alice, zoe), (zoe, alice) })
            await FollowAsync(node, one, other);
        var (dora, erin) = (await node.JoinAsync("dora"), await AddRemoteAsync(node, "erin"));
        foreach (var person in new[] { dora, erin })
        {
            await node.Node.BlockAsync(alice.Id, person.Uri);
            await node.Node.MuteAsync(alice.Id, person.Uri);
        }

        await CheckAsync([bob.Id, carol.Id, zoe.Id], [dora.Id, erin.Id], ["bob", "carol", "zoe", "dora", "erin"]);

        var moderation = node.Services.GetRequiredService<NodeModeration>();
        await moderation.SetDomainAsync("mod", "elsewhere.example", Standing.Suspended, "");
        await moderation.JudgeAsync("mod", bob.Uri, Standing.Suspended, "");
        await CheckAsync([carol.Id], [dora.Id], ["carol", "dora"]);

        async Task CheckAsync(ProfileId[] people, ProfileId[] blocked, string[] names)
        {
            foreach (var list in new[] { "friends", "followers" })
            {
                Assert.Equal(people.Select(id => id.Value), (await node.ReadAsync($"{list}/ids.json", "alice")).Select(id => (long)id).Order());
                Assert.Equal(people.Select(id => id.Value), (await node.ReadAsync($"{list}/ids.json?cursor=-1", "alice"))["ids"]!.Select(id => (long)id).Order());
                Assert.Equal(people.Select(id => id.Value), (await node.ReadAsync($"{list}/list.json", "alice"))["users"]!.Select(user => (long)user["id"]!).Order());
                Assert.Equal(people.Select(id => id.Value), (await node.ReadAsync($"statuses/{list}.json", "alice")).Select(user => (long)user["id"]!).Order());
            }

            foreach (var list in new[] { "blocks", "mutes/users" })
            {
                Assert.Equal(blocked.Select(id => id.Value), (await node.ReadAsync($"{list}/ids.json", "alice"))["ids"]!.Select(id => (long)id).Order());
                Assert.Equal(blocked.Select(id => id.Value), (await node.ReadAsync($"{list}/list.json", "alice"))["users"]!.Select(user => (long)user["id"]!).Order());
            }

            foreach (var (page, there) in new[] { ("following", new[] { "bob", "carol", "zoe" }), ("followers", ["bob", "carol", "zoe"]), ("blocks", ["dora", "erin"]) })
            {
                var html = await PageAsync(page);
                foreach (var name in there)
                    Assert.Equal(names.Contains(name), html.Contains($">{(name is "zoe" or "erin" ? name + "@elsewhere.example" : name)}<", StringComparison.Ordinal));
            }

            // The block can be taken back all the same.
            Assert.Contains(erin.Uri.Value, await PageAsync("blocks"), StringComparison.Ordinal);
        }

        async Task<string> PageAsync(string path)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Root, path));
            request.Headers.Add(ApiNode.UserHeader, "alice");
            return await (await node.Client.SendAsync(request)).Content.ReadAsStringAsync();
        }
    }

    private static async Task<Profile> AddRemoteAsync(ApiNode node, string nickname)
    {
        using var drawn = node.Store.Ids.Draw();
        var profile = new Profile
        {
            Id = drawn.Profile,
            Uri = ProfileUri.Parse("https://elsewhere.example/person/" + nickname),
            Nickname = nickname,
            Url = "https://elsewhere.example/" + nickname,
            Host = "elsewhere.example",
            IsLocal = false,
            License = License.CcBy40.Url,
        };
        await node.Store.ExecuteAsync((session, ct) => session.Profiles.SaveRemoteAsync(profile, ct), default);
        return profile;
    }

    private static async Task FollowAsync(ApiNode node, Profile subscriber, Profile publisher)
    {
        using var drawn = node.Store.Ids.Draw();
        var subscription = new Subscription
        {
            Id = drawn.Subscription,
            Subscriber = subscriber.Id,
            Publisher = publisher.Id,
            State = SubscriptionState.Active,
            Protocol = subscriber.IsLocal && publisher.IsLocal ? Subscription.LocalProtocol : "omb",
            IsSubscriberLocal = subscriber.IsLocal,
            Peer = subscriber.IsLocal && publisher.IsLocal ? "" : "elsewhere.example",
            CreatedAt = node.Clock.GetUtcNow(),
        };
        await node.Store.ExecuteAsync(
            async (session, ct) =>
            {
                await session.Subscriptions.SaveAsync(subscription, ct);
                return true;
            },
            default);
    }
}
