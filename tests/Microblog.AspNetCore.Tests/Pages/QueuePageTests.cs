using System.Net;
using Microblog.Delivery;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class QueuePageTests
{
    private const string Endpoint = "https://good.example/omb/1/notice";

    [Fact]
    public async Task What_waits_and_what_failed_stands_there_with_the_reason_and_can_be_tried_again()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await FollowFromElsewhereAsync(node, alice);
        await node.PublishAsync(alice, "one");
        Assert.Contains(Endpoint, await node.ReadAsync("/queue", "root;operator"), StringComparison.Ordinal);

        await SettleAsync(node, (lane, last) => new LaneSettlement(
            lane, last, [new RefusedDelivery(last, "It said <b>no</b>.")], null, "", false));
        var page = await node.ReadAsync("/queue", "root;operator");
        Assert.Contains("It said &lt;b&gt;no&lt;/b&gt;.", page, StringComparison.Ordinal);
        Assert.Contains("Nothing waits.", page, StringComparison.Ordinal);

        var id = page.Split("name=\"id\" value=\"")[1].Split('"')[0];
        using var again = await node.PostAsync("/queue/retry", "root;operator", ("id", id));
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        page = await node.ReadAsync("/queue", "root;operator");
        Assert.Contains("Nothing was given up.", page, StringComparison.Ordinal);

        await SettleAsync(node, (lane, _) => new LaneSettlement(lane, 0, [], node.Clock.GetUtcNow().AddMinutes(5), "No answer <i>", true));
        page = await node.ReadAsync("/queue", "root;operator");
        Assert.Contains("No answer &lt;i&gt;", page, StringComparison.Ordinal);
        Assert.Contains("2 Jan 2026, 03:09 UTC", page, StringComparison.Ordinal);
    }

    private static Task<bool> SettleAsync(TestNode node, Func<long, long, LaneSettlement> settle) =>
        node.Store.ExecuteAsync(
            async (session, ct) =>
            {
                var lease = await session.Deliveries.LeaseAsync(new LeaseRequest(TimeSpan.FromMinutes(1), 1, 10, 1, false), ct);
                var lane = Assert.Single(lease.Lanes);
                Assert.True(await session.Deliveries.SettleAsync(lease.Token, settle(lane.Id, lane.Events[^1].Number), ct));
                return true;
            },
            default).AsTask();

    private static async Task FollowFromElsewhereAsync(TestNode node, Profile publisher)
    {
        using var profile = node.Store.Ids.Draw();
        using var subscription = node.Store.Ids.Draw();
        await node.Store.ExecuteAsync(
            async (session, ct) =>
            {
                var follower = await session.Profiles.SaveRemoteAsync(
                    new Profile
                    {
                        Id = profile.Profile,
                        Uri = ProfileUri.Parse("https://good.example/user/1"),
                        Nickname = "bob",
                        Url = "https://good.example/bob",
                        IsLocal = false,
                        Host = "good.example",
                        Scope = subscription.Subscription,
                    },
                    ct);
                await session.Subscriptions.SaveAsync(
                    new Subscription
                    {
                        Id = subscription.Subscription,
                        Subscriber = follower,
                        Publisher = publisher.Id,
                        State = SubscriptionState.Active,
                        Protocol = "test",
                        IsSubscriberLocal = false,
                        Endpoint = Endpoint,
                        CreatedAt = node.Clock.GetUtcNow(),
                    },
                    ct);
                return true;
            },
            default);
    }
}
