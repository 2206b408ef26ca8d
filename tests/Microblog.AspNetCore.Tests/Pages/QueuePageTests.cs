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
            default, lane, last, [new RefusedDelivery(last, "It said <b>no</b>.")], null, "", false));
        var page = await node.ReadAsync("/queue", "root;operator");
        Assert.Contains("It said &lt;b&gt;no&lt;/b&gt;.", page, StringComparison.Ordinal);
        Assert.Contains("Nothing waits.", page, StringComparison.Ordinal);

        var id = page.Split("name=\"id\" value=\"")[1].Split('"')[0];
        using var again = await node.PostAsync("/queue/retry", "root;operator", ("id", id));
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        page = await node.ReadAsync("/queue", "root;operator");
        Assert.Contains("Nothing was given up.", page, StringComparison.Ordinal);

        await SettleAsync(node, (lane, _) => new LaneSettlement(default, lane, 0, [], node.Clock.GetUtcNow().AddMinutes(5), "No answer <i>", true));
        page = await node.ReadAsync("/queue", "root;operator");
        Assert.Contains("No answer &lt;i&gt;", page, StringComparison.Ordinal);
        Assert.Contains("2 Jan 2026, 03:09 UTC", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lane_tells_its_story_and_so_does_a_delivery_that_was_given_up()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await FollowFromElsewhereAsync(node, alice);
        var notice = await node.PublishAsync(alice, "one");
        await SettleAsync(node, (lane, _) => new LaneSettlement(default, lane, 0, [], node.Clock.GetUtcNow().AddMinutes(5), "503: <b>closed</b>", false));

        var lane = Link(await node.ReadAsync("/queue", "root;operator"), "/queue/lane/");
        var page = await node.ReadAsync(lane, "root;operator");
        Assert.Contains("href=\"/alice\"", page, StringComparison.Ordinal);
        Assert.Contains(Endpoint, page, StringComparison.Ordinal);
        Assert.Contains("1 waits. The first has waited since 2 Jan 2026, 03:04 UTC.", Flat(page), StringComparison.Ordinal);
        Assert.Contains("Sending has failed once in a row, since 2 Jan 2026, 03:04 UTC. The last time: 503: &lt;b&gt;closed&lt;/b&gt;", Flat(page), StringComparison.Ordinal);
        Assert.Contains("2 Jan 2026, 03:09 UTC", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"/notice/{notice.Id}\"", page, StringComparison.Ordinal);

        node.Clock.Advance(TimeSpan.FromMinutes(5));
        await SettleAsync(node, (lane, last) => new LaneSettlement(default, lane, last, [new RefusedDelivery(last, "400: <i>no</i>")], null, "", false));
        Assert.Contains("Nothing waits.", await node.ReadAsync(lane, "root;operator"), StringComparison.Ordinal);
        var failed = Link(await node.ReadAsync("/queue", "root;operator"), "/queue/failed/");
        page = await node.ReadAsync(failed, "root;operator");
        Assert.Contains("It was given up at 2 Jan 2026, 03:09 UTC: 400: &lt;i&gt;no&lt;/i&gt;", page, StringComparison.Ordinal);
        var id = page.Split("name=\"id\" value=\"")[1].Split('"')[0];
        using var again = await node.PostAsync("/queue/retry", "root;operator", ("id", id));
        using var gone = await node.GetAsync(failed, "root;operator");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_delivery_is_found_by_the_number_that_the_log_gives_it()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await FollowFromElsewhereAsync(node, alice);
        await node.PublishAsync(alice, "one");
        var number = 0L;
        await SettleAsync(node, (lane, last) =>
        {
            number = last;
            return new LaneSettlement(default, lane, 0, [], node.Clock.GetUtcNow(), "no answer", false);
        });
        Assert.Contains(Endpoint, await node.ReadAsync($"/queue?delivery={number}", "root;operator"), StringComparison.Ordinal);
        var other = await node.ReadAsync($"/queue?delivery={number + 1}", "root;operator");
        Assert.DoesNotContain(Endpoint, other, StringComparison.Ordinal);
        Assert.Contains("it neither waits here nor was given up", other, StringComparison.Ordinal);

        await SettleAsync(node, (lane, last) => new LaneSettlement(default, lane, last, [new RefusedDelivery(last, "no")], null, "", false));
        Assert.Contains(Endpoint, await node.ReadAsync($"/queue?delivery={number}", "root;operator"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_destination_that_fails_stands_there_with_its_state_and_is_tried_when_the_operator_asks()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await FollowFromElsewhereAsync(node, alice);
        await node.PublishAsync(alice, "one");
        Assert.Contains("<td>living</td>", Flat(await node.ReadAsync("/queue", "root;operator")), StringComparison.Ordinal);

        await SettleAsync(node, (lane, _) => new LaneSettlement(default, lane, 0, [], node.Clock.GetUtcNow().AddMinutes(5), "No answer <i>", true));
        node.Clock.Advance(TimeSpan.FromMinutes(1));
        var page = Flat(await node.ReadAsync("/queue", "root;operator"));
        Assert.Contains("failing since <time datetime=\"2026-01-02T03:04:", page, StringComparison.Ordinal);
        Assert.Contains("2 Jan 2026, 03:09 UTC", page, StringComparison.Ordinal);
        Assert.Contains("<td>No answer &lt;i&gt;</td>", page, StringComparison.Ordinal);

        using var tried = await node.PostAsync("/queue/probe", "root;operator", ("host", "good.example"));
        Assert.Equal(HttpStatusCode.SeeOther, tried.StatusCode);
        await SettleAsync(node, (lane, last) => new LaneSettlement(default, lane, last, [], null, "", false), failing: true);
        Assert.DoesNotContain("failing since", await node.ReadAsync("/queue", "root;operator"), StringComparison.Ordinal);
        using var nothing = await node.PostAsync("/queue/probe", "root;operator", ("host", "good.example"));
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    [Fact]
    public async Task All_that_a_destination_did_not_get_is_sent_again_at_once()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await FollowFromElsewhereAsync(node, alice);
        for (var number = 0; number < 60; number++)
        {
            await node.PublishAsync(alice, "one");
            await SettleAsync(node, (lane, last) => new LaneSettlement(default, lane, last, [new RefusedDelivery(last, "no")], null, "", false));
        }

        Assert.Contains("Send all of good.example again", await node.ReadAsync("/queue", "root;operator"), StringComparison.Ordinal);
        using var again = await node.PostAsync("/queue/retry-all", "root;operator", ("host", "good.example"));
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        var page = await node.ReadAsync("/queue", "root;operator");
        Assert.Contains("Nothing was given up.", page, StringComparison.Ordinal);
        Assert.Contains("<td>60</td>", page, StringComparison.Ordinal);
        using var nothing = await node.PostAsync("/queue/retry-all", "root;operator", ("host", "good.example"));
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    [Theory]
    [InlineData("/queue/retry")]
    [InlineData("/queue/retry-all")]
    [InlineData("/queue/probe")]
    public async Task Nobody_but_the_operator_moves_the_queue(string path)
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        using var alice = await node.PostAsync(path, "alice", ("host", "good.example"), ("id", "1"));
        Assert.Equal(HttpStatusCode.Forbidden, alice.StatusCode);
    }

    [Fact]
    public async Task An_author_sees_what_was_not_delivered_and_where_and_why_and_has_it_sent_again()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        await FollowFromElsewhereAsync(node, alice);
        var notice = await node.PublishAsync(alice, "Pancakes for <everybody>");
        Assert.Contains("href=\"/settings/undelivered\"", await node.ReadAsync("/settings", "alice"), StringComparison.Ordinal);
        Assert.Contains("Everything was delivered", await node.ReadAsync("/settings/undelivered", "alice"), StringComparison.Ordinal);
        await SettleAsync(node, (lane, last) => new LaneSettlement(default, lane, last, [new RefusedDelivery(last, "413: <b>too long</b>")], null, "", false));

        var page = Flat(await node.ReadAsync("/settings/undelivered", "alice"));
        Assert.Contains($"<a href=\"/notice/{notice.Id}\" dir=\"auto\">Pancakes for &lt;everybody&gt;</a>", page, StringComparison.Ordinal);
        Assert.Contains("<td class=\"url\">good.example</td>", page, StringComparison.Ordinal);
        Assert.Contains("413: &lt;b&gt;too long&lt;/b&gt;", page, StringComparison.Ordinal);
        var id = page.Split("name=\"id\" value=\"")[1].Split('"')[0];

        Assert.Contains("Everything was delivered", await node.ReadAsync("/settings/undelivered", "bob"), StringComparison.Ordinal);
        using var others = await node.PostAsync("/settings/undelivered", "bob", ("id", id));
        Assert.Equal(HttpStatusCode.NotFound, others.StatusCode);
        Assert.Contains("Pancakes", await node.ReadAsync("/settings/undelivered", "alice"), StringComparison.Ordinal);
        using var again = await node.PostAsync("/settings/undelivered", "alice", ("id", id));
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        Assert.Contains("Everything was delivered", await node.ReadAsync("/settings/undelivered", "alice"), StringComparison.Ordinal);
        await SettleAsync(node, (lane, last) => new LaneSettlement(default, lane, last, [], null, "", false));
    }

    [Theory]
    [InlineData("/queue")]
    [InlineData("/queue/lane/1")]
    [InlineData("/queue/failed/1")]
    public async Task The_queue_is_for_the_operator_alone_and_what_is_not_there_is_said_to_be(string path)
    {
        await using var node = await TestNode.StartAsync();
        using var alice = await node.GetAsync(path, "alice");
        Assert.Equal(HttpStatusCode.Forbidden, alice.StatusCode);
        using var nobody = await node.GetAsync(path);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        using var operators = await node.GetAsync(path, "root;operator");
        Assert.Equal(path == "/queue" ? HttpStatusCode.OK : HttpStatusCode.NotFound, operators.StatusCode);
    }

    private static string Link(string page, string prefix) => prefix + page.Split($"href=\"{prefix}")[1].Split('"')[0];

    private static string Flat(string html) => string.Join(' ', html.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static Task<bool> SettleAsync(TestNode node, Func<long, long, LaneSettlement> settle, bool failing = false) =>
        node.Store.ExecuteAsync(
            async (session, ct) =>
            {
                var lease = await session.Deliveries.LeaseAsync(new LeaseRequest(TimeSpan.FromMinutes(1), 1, 100, 1, failing), ct);
                var lane = Assert.Single(lease.Lanes);
                Assert.Equal(1, await session.Deliveries.SettleAsync([settle(lane.Id, lane.Events[^1].Number) with { Token = lease.Token }], ct));
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
