using System.Diagnostics;
using System.Globalization;
using Microblog.Delivery;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Storage.Sqlite.Tests;

/// <summary>A process that publishes notices, with several writers or one, and names each one once it has been acknowledged.</summary>
internal static class WriterProcess
{
    private const string Author = "alice";

    public static async Task Main(string[] arguments)
    {
        var options = new SqliteStoreOptions { ConnectionString = $"Data Source={arguments[0]}" };
        await using var store = new SqliteStore(options, TimeProvider.System, NullLogger<SqliteStore>.Instance);
        await store.StartAsync(CancellationToken.None);
        var author = await FindOrAddAsync(store);
        var count = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        await Task.WhenAll(Enumerable.Range(0, int.Parse(arguments[1], CultureInfo.InvariantCulture)).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
                Console.Out.WriteLine($"ack {await PublishAsync(store, author)};");
        })));
    }

    /// <summary>Starts it, under another program if one is given.</summary>
    public static Process Start(string file, int writers, int each, params string[] under)
    {
        string[] command = [.. under, Environment.ProcessPath!, "exec", typeof(WriterProcess).Assembly.Location, file, $"{writers}", $"{each}"];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true };
        return Process.Start(start)!;
    }

    /// <summary>The notice that a line of the output acknowledges, unless the process died while writing it.</summary>
    public static bool TryParse(string line, out NoticeId acknowledged)
    {
        acknowledged = line.StartsWith("ack ", StringComparison.Ordinal) && line.EndsWith(';')
            ? new NoticeId(long.Parse(line[4..^1], CultureInfo.InvariantCulture))
            : default;
        return !acknowledged.IsNone;
    }

    // With a listener elsewhere, so that each notice comes with an event.
    private static async Task<ProfileId> FindOrAddAsync(SqliteStore store)
    {
        using var drawn = store.Ids.Draw();
        using var listening = store.Ids.Draw();
        var profile = new Profile
        {
            Id = drawn.Profile,
            Uri = ProfileUri.Parse("https://here.example/person/alice"),
            Nickname = Author,
            Url = "https://here.example/alice",
            IsLocal = true,
            License = "https://creativecommons.org/licenses/by/4.0/",
        };
        var listener = profile with { Uri = ProfileUri.Parse("https://there.example/person/bob"), Nickname = "bob", IsLocal = false, Host = "there.example" };
        return await store.ExecuteAsync(
            async (session, token) =>
            {
                if (await session.Profiles.FindLocalAsync(Author, token) is { } known)
                    return known.Id;
                await session.Profiles.AddLocalAsync(profile, Author, token);
                await session.Subscriptions.SaveAsync(
                    new Subscription
                    {
                        Id = listening.Subscription,
                        Subscriber = await session.Profiles.SaveRemoteAsync(listener with { Id = new ProfileId(listening.Value) }, token),
                        Publisher = profile.Id,
                        State = SubscriptionState.Active,
                        Protocol = "omb",
                        IsSubscriberLocal = false,
                        Peer = "there.example",
                        Endpoint = "https://there.example/post",
                        ProfileEndpoint = "https://there.example/profile",
                        CreatedAt = TimeProvider.System.GetUtcNow(),
                    },
                    token);
                return profile.Id;
            },
            CancellationToken.None);
    }

    private static async Task<NoticeId> PublishAsync(SqliteStore store, ProfileId author)
    {
        using var drawn = store.Ids.Draw();
        var notice = new Notice
        {
            Id = drawn.Notice,
            Uri = NoticeUri.Parse($"https://here.example/notice/{drawn.Notice}"),
            Author = author,
            Content = "hello",
            Url = $"https://here.example/notice/{drawn.Notice}",
            License = "https://creativecommons.org/licenses/by/4.0/",
            Conversation = drawn.Notice,
        };
        return await store.ExecuteAsync(
            async (session, token) =>
            {
                await session.Notices.PublishAsync(notice, token);
                var log = new DeliveryEvent { Author = author, Kind = DeliveryEventKind.Notice, Notice = notice.Id };
                await session.Deliveries.EnqueueAsync(log, token);
                return notice.Id;
            },
            CancellationToken.None);
    }
}
