using Microblog.Delivery;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microblog.Testing;

namespace Microblog.Tests.Storage;

/// <summary>What a lane does when the endpoint of an active subscription changes.</summary>
public sealed class MovedEndpointTests
{
    private const string Old = "https://b.example/v1/notice";
    private const string New = "https://b.example/v2/notice";
    private static readonly ProfileId Author = new(1);
    private readonly InMemoryStore store = new(new FakeTimeProvider());

    [Fact]
    [Trait("Clause", "OAUTH-56")]
    public async Task A_lane_that_nobody_else_needs_goes_on_at_the_new_endpoint_lease_and_all()
    {
        await SubscribeAsync(11, Old);
        await PublishAsync(1);
        await PublishAsync(2);
        var lease = await LeaseAsync();
        var leased = Assert.Single(lease.Lanes);

        await SubscribeAsync(11, New);
        // Settled after it has moved: the first notice is done with, wherever it went.
        Assert.True(await ExecuteAsync((s, ct) => s.Deliveries.SettleAsync(
            lease.Token, new LaneSettlement(leased.Id, leased.Events[0].Number, [], null, "", false), ct)));

        var next = Assert.Single((await LeaseAsync()).Lanes);
        Assert.Equal(New, next.Lane.Endpoint);
        Assert.Equal(new NoticeId(2), Assert.Single(next.Events).Notice);
    }

    [Fact]
    [Trait("Clause", "OAUTH-56")]
    public async Task A_lane_that_others_need_stays_and_a_second_one_begins_where_it_stands()
    {
        await SubscribeAsync(11, Old);
        await SubscribeAsync(12, Old);
        await PublishAsync(1);

        await SubscribeAsync(11, New);

        var lanes = (await LeaseAsync()).Lanes.OrderBy(lane => lane.Lane.Endpoint, StringComparer.Ordinal).ToList();
        Assert.Equal([Old, New], lanes.Select(lane => lane.Lane.Endpoint));
        Assert.All(lanes, lane => Assert.Equal(new NoticeId(1), Assert.Single(lane.Events).Notice));
    }

    [Fact]
    [Trait("Clause", "OMB-138")]
    public async Task A_subscription_that_was_not_active_takes_nothing_over()
    {
        await SubscribeAsync(11, Old, SubscriptionState.Requested);
        await SubscribeAsync(12, Old);
        await PublishAsync(1);

        await SubscribeAsync(11, New);

        Assert.Equal(Old, Assert.Single((await LeaseAsync()).Lanes).Lane.Endpoint);
    }

    private ValueTask<Lease> LeaseAsync() => ExecuteAsync((s, ct) => s.Deliveries.LeaseAsync(new LeaseRequest(TimeSpan.FromMinutes(1), 10, 10, 10, false), ct));

    private async Task SubscribeAsync(long subscriber, string endpoint, SubscriptionState state = SubscriptionState.Active)
    {
        await PersonAsync(Author.Value);
        await PersonAsync(subscriber);
        await ExecuteAsync(async (s, ct) =>
        {
            await s.Subscriptions.SaveAsync(
                new Subscription
                {
                    Id = new SubscriptionId(subscriber), Subscriber = new ProfileId(subscriber), Publisher = Author, State = state, Protocol = "omb",
                    IsSubscriberLocal = false, Endpoint = endpoint, ProfileEndpoint = endpoint, CreatedAt = DateTimeOffset.UnixEpoch,
                },
                ct);
            return true;
        });
    }

    private ValueTask<AddProfileResult> PersonAsync(long id) => ExecuteAsync((s, ct) => s.Profiles.AddLocalAsync(
        new Profile
        {
            Id = new ProfileId(id), Uri = ProfileUri.Parse($"https://a.example/user/{id}"), Nickname = $"n{id}", Url = $"https://a.example/n{id}", IsLocal = true,
        },
        $"s{id}",
        ct));

    private ValueTask<bool> PublishAsync(long id) => ExecuteAsync(async (s, ct) =>
    {
        await s.Notices.PublishAsync(
            new Notice { Id = new NoticeId(id), Uri = NoticeUri.Parse($"https://a.example/notice/{id}"), Author = Author, Content = "x", License = License.CcBy40.Url }, ct);
        await s.Deliveries.EnqueueAsync(new DeliveryEvent { Author = Author, Kind = DeliveryEventKind.Notice, Notice = new NoticeId(id) }, ct);
        return true;
    });

    private ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work) => store.ExecuteAsync(work, CancellationToken.None);
}
