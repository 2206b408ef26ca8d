using System.Net;
using System.Net.Http.Headers;
using Microblog.Groups;
using Microblog.Moderation;
using Microblog.Storage;
using Microblog.Storage.Sqlite;
using Microblog.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.AspNetCore.Tests.Feeds;

/// <summary>Feeds that somebody has already, over a store that says whether anything was written.</summary>
public sealed class KnownFeedTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("microblog-feeds-");
    private TestNode node = null!;
    private CountingStore store = null!;
    private Profile alice = null!;

    public async Task InitializeAsync()
    {
        node = await TestNode.StartAsync(services: services =>
        {
            services.AddSingleton<IMicroblogStore>(s => new CountingStore(new SqliteStore(
                new SqliteStoreOptions { ConnectionString = $"Data Source={Path.Combine(folder.FullName, "node.db")}" },
                s.GetRequiredService<TimeProvider>(),
                NullLogger<SqliteStore>.Instance)));
            // Nobody else may read and write meanwhile.
            foreach (var worker in services.Where(IsWorker).ToList())
                services.Remove(worker);
        });
        store = (CountingStore)node.Store;
        alice = await node.JoinAsync("alice");
    }

    public async Task DisposeAsync()
    {
        await node.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("/feed.atom")]
    [InlineData("/alice/feed.rss")]
    [InlineData("/tag/cats/feed.json")]
    public async Task Who_asks_again_while_nothing_was_written_is_answered_without_a_read_and_alike(string path)
    {
        await node.PublishAsync(alice, "hello #cats");
        var tag = await TagAsync(path);
        using var first = await AskAsync(path, tag);
        var reads = store.Reads;

        for (var again = 0; again < 3; again++)
        {
            using var known = await AskAsync(path, tag);
            Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
            Assert.Equal(Headers(first), Headers(known));
        }

        Assert.Equal(reads, store.Reads);
        // Nor is anything known of what somebody else has.
        using var other = await AskAsync(path, new EntityTagHeaderValue("\"other\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Whatever_a_visitor_sees_otherwise_is_seen_at_once()
    {
        var moderation = node.Services.GetRequiredService<NodeModeration>();
        var bob = await node.JoinAsync("bob");
        var group = (await node.Node.CreateGroupAsync(alice.Id, "cooks", new GroupDetails())).Value;
        await node.Node.JoinGroupAsync(bob.Id, group.Id);
        var notice = await node.PublishAsync(bob, "soup !cooks");
        var second = await node.PublishAsync(bob, "salad !cooks");
        Func<Task>[] changes =
        [
            () => node.Node.EditAsync(bob.Id, notice.Id, new NoticeDraft { Content = "hot soup !cooks" }),
            () => node.Node.UpdateProfileAsync(bob.Id, new ProfileChanges { FullName = "Bob the cook" }),
            () => node.PublishAsync(bob, "bread !cooks"),
            () => node.Node.DeleteAsync(bob.Id, notice.Id),
            () => node.Node.RemoveFromGroupAsync(alice.Id, group.Id, second.Id),
            () => moderation.JudgeAsync("operator", bob.Uri, Standing.Suspended, "spam"),
            () => moderation.JudgeAsync("operator", bob.Uri, Standing.Good, "not spam"),
            () => node.Node.LeaveAsync(bob.Id),
        ];
        foreach (var (change, i) in changes.Select((change, i) => (change, i)))
        {
            var tag = await TagAsync("/group/cooks/feed.atom");
            for (var again = 0; again < 2; again++)
                Assert.Equal(HttpStatusCode.NotModified, await StatusAsync("/group/cooks/feed.atom", tag));
            await change();
            Assert.True(await StatusAsync("/group/cooks/feed.atom", tag) == HttpStatusCode.OK, $"Change {i} is not seen.");
        }
    }

    [Fact]
    public async Task A_page_forward_that_ends_below_an_open_number_is_not_remembered()
    {
        var first = await node.PublishAsync(alice, "first");
        var path = $"/feed.json?after={first.Id.Value - 1}";
        EntityTagHeaderValue tag;
        using (store.Ids.Draw())
        {
            await node.PublishAsync(alice, "second");
            tag = await TagAsync(path);
            for (var again = 0; again < 3; again++)
                Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(path, tag));
        }

        // Nobody has written since.
        using var whole = await AskAsync(path, tag);
        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        Assert.Contains("second", await whole.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_remembered_for_longer_than_five_seconds_nor_of_an_address_without_end()
    {
        await node.PublishAsync(alice, "hello");
        var tag = await TagAsync("/feed.atom");
        foreach (var (path, pause, reads) in new[] { ("/feed.atom", 5, 1), ("/feed.atom", 6, 2), ("/feed.atom?" + new string('x', 600), 0, 2) })
        {
            var before = store.Reads;
            Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(path, tag));
            node.Clock.Advance(TimeSpan.FromSeconds(pause));
            Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(path, tag));
            Assert.Equal(reads, store.Reads - before);
            node.Clock.Advance(TimeSpan.FromSeconds(6));
        }
    }

    private static bool IsWorker(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService) && service.ImplementationType is { Namespace: { } rooms, Name: not "NodeStart" } && rooms.StartsWith("Microblog", StringComparison.Ordinal);

    private async Task<EntityTagHeaderValue> TagAsync(string path)
    {
        using var response = await node.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.ETag!;
    }

    private async Task<HttpStatusCode> StatusAsync(string path, EntityTagHeaderValue tag)
    {
        using var response = await AskAsync(path, tag);
        return response.StatusCode;
    }

    private Task<HttpResponseMessage> AskAsync(string path, EntityTagHeaderValue tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.IfNoneMatch.Add(tag);
        return node.SendAsync(request);
    }

    private static IEnumerable<string> Headers(HttpResponseMessage response) =>
        response.Headers.Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order();

    /// <summary>Counts what is read.</summary>
    private sealed class CountingStore(SqliteStore inner) : IMicroblogStore, IAsyncDisposable
    {
        private int reads;

        public int Reads => Volatile.Read(ref reads);

        public IdSource Ids => inner.Ids;

        public int LanesPerTransaction => inner.LanesPerTransaction;

        public IBlobStore Blobs => inner.Blobs;

        public ValueTask StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

        public ValueTask<long?> StampAsync(CancellationToken cancellationToken) => inner.StampAsync(cancellationToken);

        public ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
            inner.ExecuteAsync(work, cancellationToken);

        public ValueTask<T> ReadAsync<T>(
            Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref reads);
            return inner.ReadAsync(freshness, work, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
