using Microblog.Delivery;
using Microblog.Storage;

namespace Microblog.Cli.Tests.Databases;

/// <summary>A queue to look at, on any store.</summary>
internal static class QueueScene
{
    /// <summary>alice, whom zoe hears there.</summary>
    public static async Task OpenLaneAsync(IMicroblogStore node)
    {
        var (alice, zoe) = (new ProfileId(1), new ProfileId(2));
        await node.ExecuteAsync(
            async (session, token) =>
            {
                await session.Profiles.AddLocalAsync(
                    new Profile { Id = alice, Uri = ProfileUri.Parse("https://here.example/alice"), Nickname = "alice", Url = "https://here.example/alice", IsLocal = true }, "alice", token);
                await session.Profiles.SaveRemoteAsync(
                    new Profile { Id = zoe, Uri = ProfileUri.Parse("https://there.example/zoe"), Nickname = "zoe", Url = "https://there.example/zoe", IsLocal = false, Host = "there.example" }, token);
                await session.Subscriptions.SaveAsync(
                    new Subscription
                    {
                        Id = new SubscriptionId(3),
                        Subscriber = zoe,
                        Publisher = alice,
                        State = SubscriptionState.Active,
                        Protocol = "omb",
                        IsSubscriberLocal = false,
                        Peer = "there.example",
                        Endpoint = "https://there.example/post",
                        ProfileEndpoint = "https://there.example/profile",
                        Token = "t",
                        CreatedAt = DateTimeOffset.UnixEpoch,
                    },
                    token);
                return true;
            },
            CancellationToken.None);
    }

    /// <summary>The row of a delivery from alice to zoe that was given up.</summary>
    /// <param name="prefix">What stands before the names of tables.</param>
    /// <param name="number">The delivery's; its notice is 900 more.</param>
    public static string GiveUp(string prefix, int number) =>
        $"""
        INSERT INTO {prefix}failure (id, author, protocol, endpoint, host, event, event_author, kind, notice, data, at, reason)
        VALUES ({number}, 1, 'omb', 'https://there.example/post', 'there.example', {number}, 1, 0, {900 + number}, '',
            {new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()}, '403 {'\u001b'}[31mgo away')
        """;

    /// <summary>Leases what is due, as a worker does.</summary>
    /// <returns>The notices that it would send.</returns>
    public static async Task<long[]> LeaseAsync(IMicroblogStore node)
    {
        var lease = await node.ExecuteAsync(
            (session, token) => session.Deliveries.LeaseAsync(new LeaseRequest(TimeSpan.FromMinutes(1), 9, 9, 9, Failing: false), token), CancellationToken.None);
        return [.. lease.Lanes.SelectMany(lane => lane.Events).Select(item => item.Notice.Value)];
    }
}
