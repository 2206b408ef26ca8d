using System.Diagnostics;
using Microblog.Identity;
using Microblog.Load.Servers;
using Microblog.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Load;

/// <summary>People of the node with so many subscribers elsewhere and here.</summary>
internal sealed class Authors : IDisposable
{
    private const int AtOnce = 500;

    private readonly MicroblogNode node;
    private readonly IMicroblogStore store;
    private readonly byte[] secret;
    private readonly SqliteConnection connection;
    private readonly CancellationToken cancellationToken;
    private int people;
    private int notices;

    /// <param name="services">The node's.</param>
    /// <param name="path">The node's file.</param>
    /// <param name="cancellationToken">Stops whatever is being done.</param>
    public Authors(IServiceProvider services, string path, CancellationToken cancellationToken)
    {
        node = services.GetRequiredService<MicroblogNode>();
        store = services.GetRequiredService<IMicroblogStore>();
        secret = services.GetRequiredService<ISecretProtector>().Protect("0123456789abcdef"u8);
        connection = new SqliteConnection($"Data Source={path};Pooling=False;Mode=ReadOnly");
        connection.Open();
        this.cancellationToken = cancellationToken;
    }

    /// <summary>A new author.</summary>
    /// <param name="destinations">Remote subscribers, each on a host of its own.</param>
    /// <param name="followers">Local subscribers.</param>
    public async Task<ProfileId> AddAsync(int destinations, int followers)
    {
        Console.Error.WriteLine($"Adding an author with {destinations:N0} destinations and {followers:N0} followers");
        var name = $"author{++people}";
        var author = (await node.JoinAsync(name, name, cancellationToken)).Value.Id;
        await InStepsAsync(destinations, (session, profile, subscription) => AddDestinationAsync(session, author, profile, subscription));
        await InStepsAsync(followers, (session, profile, subscription) => AddFollowerAsync(session, author, profile, subscription));
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
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT CASE WHEN EXISTS (SELECT 1 FROM microblog_lane WHERE failing_since IS NOT NULL) THEN -1
                ELSE EXISTS (SELECT 1 FROM microblog_job) OR EXISTS (SELECT 1 FROM microblog_lane WHERE due_at IS NOT NULL) END
            """;
        for (long state; (state = (long)(await command.ExecuteScalarAsync(cancellationToken))!) != 0;)
        {
            if (state < 0)
                throw new InvalidOperationException("A delivery failed, so there is nothing to measure.");
            await Task.Delay(5, cancellationToken);
        }
    }

    public void Dispose() => connection.Dispose();

    private Task AddDestinationAsync(IStoreSession session, ProfileId author, ProfileId profile, SubscriptionId id) => AddAsync(
        session,
        Listenees.Profile(profile, $"https://d{profile}.example/user/1", default),
        new Subscription
        {
            Id = id,
            Subscriber = profile,
            Publisher = author,
            State = SubscriptionState.Active,
            Protocol = "omb",
            IsSubscriberLocal = false,
            Peer = $"d{profile}.example",
            Endpoint = $"https://d{profile}.example/omb/notice",
            ProfileEndpoint = $"https://d{profile}.example/omb/profile",
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

    private async Task InStepsAsync(int count, Func<IStoreSession, ProfileId, SubscriptionId, Task> add)
    {
        for (var done = 0; done < count; done += AtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var ids = Enumerable.Range(0, Math.Min(AtOnce, count - done)).Select(_ => (Profile: store.Ids.Draw(), Subscription: store.Ids.Draw())).ToList();
            await store.ExecuteAsync(
                async (session, _) =>
                {
                    foreach (var (profile, subscription) in ids)
                        await add(session, profile.Profile, subscription.Subscription);
                    return true;
                },
                cancellationToken);
            foreach (var (profile, subscription) in ids)
            {
                profile.Dispose();
                subscription.Dispose();
            }
        }
    }
}
