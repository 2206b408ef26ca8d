using System.Data.Common;
using System.Diagnostics;
using Microblog.Identity;
using Microblog.Load.Servers;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Load;

/// <summary>People of the node with so many subscribers elsewhere and here.</summary>
internal sealed class Authors : IDisposable
{
    private const int AtOnce = 500;

    private readonly MicroblogNode node;
    private readonly IMicroblogStore store;
    private readonly byte[] secret;
    private readonly NodeDatabase database;
    private readonly DbConnection connection;
    private readonly CancellationToken cancellationToken;
    private int people;
    private int notices;

    private Authors(IServiceProvider services, NodeDatabase database, DbConnection connection, CancellationToken cancellationToken)
    {
        node = services.GetRequiredService<MicroblogNode>();
        store = services.GetRequiredService<IMicroblogStore>();
        secret = services.GetRequiredService<ISecretProtector>().Protect("0123456789abcdef"u8);
        this.database = database;
        this.connection = connection;
        this.cancellationToken = cancellationToken;
    }

    /// <param name="services">The node's.</param>
    /// <param name="database">Where the node keeps everything.</param>
    /// <param name="cancellationToken">Stops whatever is being done.</param>
    public static async Task<Authors> OpenAsync(IServiceProvider services, NodeDatabase database, CancellationToken cancellationToken) =>
        new(services, database, await database.OpenAsync(), cancellationToken);

    /// <summary>A new author.</summary>
    /// <param name="destinations">Remote subscribers, each on a host of its own.</param>
    /// <param name="followers">Local subscribers.</param>
    public Task<ProfileId> AddAsync(int destinations, int followers)
    {
        var author = people;
        return AddAsync([.. Enumerable.Range(0, destinations).Select(number => $"https://d{author}n{number}.example/")], followers);
    }

    /// <summary>A new author.</summary>
    /// <param name="roots">Of the services on which somebody subscribes.</param>
    /// <param name="followers">Local subscribers.</param>
    public async Task<ProfileId> AddAsync(IReadOnlyList<string> roots, int followers)
    {
        var destinations = roots.Count;
        Console.Error.WriteLine($"Adding an author with {destinations:N0} destinations and {followers:N0} followers");
        var name = $"author{++people}";
        var author = (await node.JoinAsync(name, name, cancellationToken)).Value.Id;
        await InStepsAsync(destinations, (session, number, profile, subscription) => AddDestinationAsync(session, author, roots[number], profile, subscription));
        await InStepsAsync(followers, (session, _, profile, subscription) => AddFollowerAsync(session, author, profile, subscription));
        return author;
    }

    /// <summary>Publishes one notice.</summary>
    /// <returns>How long it took, in microseconds.</returns>
    public async Task<double> PublishAsync(ProfileId author)
    {
        var draft = new NoticeDraft { Content = $"Notice {++notices}: nothing much happened, and that is written here at the usual length." };
        var started = Stopwatch.GetTimestamp();
        var result = await node.PublishAsync(author, draft, cancellationToken: cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        // A refusal throws here.
        _ = result.Value;
        return elapsed;
    }

    /// <summary>Waits until nothing is on its way any more, neither to destinations nor into home timelines.</summary>
    public async Task WaitForFanOutAsync()
    {
        const string Sql =
            """
            SELECT CASE WHEN EXISTS (SELECT 1 FROM microblog.lane WHERE failing_since IS NOT NULL) THEN -1
                WHEN EXISTS (SELECT 1 FROM microblog.job) OR EXISTS (SELECT 1 FROM microblog.lane WHERE due_at IS NOT NULL) THEN 1 ELSE 0 END
            """;
        for (long state; (state = await database.RunAsync(connection, Sql)) != 0;)
        {
            if (state < 0)
                throw new InvalidOperationException("A delivery failed, so there is nothing to measure.");
            await Task.Delay(5, cancellationToken);
        }
    }

    /// <summary>Lets the planner know of all that has been added, as it would a minute later.</summary>
    public Task SettleAsync() => database.SettleAsync(connection);

    public void Dispose() => connection.Dispose();

    private Task AddDestinationAsync(IStoreSession session, ProfileId author, string root, ProfileId profile, SubscriptionId id) => AddAsync(
        session,
        Listenees.Profile(profile, $"{root}user/{profile}", default),
        new Subscription
        {
            Id = id,
            Subscriber = profile,
            Publisher = author,
            State = SubscriptionState.Active,
            Protocol = "omb",
            IsSubscriberLocal = false,
            Peer = root,
            Endpoint = $"{root}omb/notice",
            ProfileEndpoint = $"{root}omb/profile",
            Token = "token",
            ProtectedSecret = secret,
            CreatedAt = DateTimeOffset.UtcNow,
        });

    private async Task AddFollowerAsync(IStoreSession session, ProfileId author, ProfileId profile, SubscriptionId id)
    {
        var nickname = $"f{profile}";
        var person = new Profile
        {
            Id = profile,
            Uri = ProfileUri.Parse($"{NodeServer.Root}user/{profile}"),
            Nickname = nickname,
            Url = NodeServer.Root + nickname,
            IsLocal = true,
        };
        await session.Profiles.AddLocalAsync(person, nickname, cancellationToken);
        await session.Subscriptions.SaveAsync(
            new Subscription
            {
                Id = id,
                Subscriber = profile,
                Publisher = author,
                State = SubscriptionState.Active,
                Protocol = Subscription.LocalProtocol,
                IsSubscriberLocal = true,
                CreatedAt = DateTimeOffset.UtcNow,
            },
            cancellationToken);
    }

    private async Task AddAsync(IStoreSession session, Profile profile, Subscription subscription)
    {
        await session.Profiles.SaveRemoteAsync(profile, cancellationToken);
        await session.Subscriptions.SaveAsync(subscription, cancellationToken);
    }

    private async Task InStepsAsync(int count, Func<IStoreSession, int, ProfileId, SubscriptionId, Task> add)
    {
        for (var done = 0; done < count; done += AtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var ids = Enumerable.Range(0, Math.Min(AtOnce, count - done)).Select(place => (Number: done + place, Profile: store.Ids.Draw(), Subscription: store.Ids.Draw())).ToList();
            await store.ExecuteAsync(
                async (session, _) =>
                {
                    foreach (var (number, profile, subscription) in ids)
                        await add(session, number, profile.Profile, subscription.Subscription);
                    return true;
                },
                cancellationToken);
            foreach (var (_, profile, subscription) in ids)
            {
                profile.Dispose();
                subscription.Dispose();
            }
        }
    }
}
