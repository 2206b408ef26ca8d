using Microblog.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Storage.Sqlite.Tests;

/// <summary>Files that earlier versions wrote.</summary>
public sealed class UpgradeTests : IDisposable
{
    private readonly TempDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_host_that_looks_into_the_tables_does_not_hinder_the_upgrade_and_its_views_go_on()
    {
        await using var store = database.CreateStore(new FakeTimeProvider());
        using var connection = store.Connector.OpenWriter();
        SchemaUpgrade.Apply(connection, [SchemaUpgrade.Scripts[0]], TimeSpan.Zero, NullLogger.Instance);
        connection.RunScript(
            """
            CREATE TABLE host_log (line TEXT);
            CREATE VIEW host_heard AS SELECT h.owner, h.notice, m.person FROM microblog_home h
                LEFT JOIN microblog_mention m ON m.notice = h.notice;
            CREATE INDEX host_authors ON microblog_home (author);
            CREATE INDEX host_mentioned ON microblog_mention (notice);
            CREATE TRIGGER host_hears AFTER DELETE ON microblog_home BEGIN INSERT INTO host_log VALUES ('gone'); END;
            CREATE TRIGGER host_writes AFTER INSERT ON host_log BEGIN DELETE FROM microblog_mention WHERE person = 99; END;
            INSERT INTO microblog_home (owner, notice, author) VALUES (1, 10, 4), (1, 11, 1);
            INSERT INTO microblog_mention (person, notice) VALUES (1, 11);
            """);

        await store.StartAsync(CancellationToken.None);

        Assert.Equal(1, connection.Use("SELECT count(*) FROM host_heard WHERE owner = 1 AND notice = 11 AND person = 1").RunScalar());
        Assert.Equal(2, connection.Use("SELECT count(*) FROM host_heard").RunScalar());
        Assert.Equal(0, connection.Use("SELECT count(*) FROM host_log").RunScalar());
        // As the README says, what stood on a rebuilt table has to be made again.
        Assert.Equal(0, connection.Use("SELECT count(*) FROM sqlite_schema WHERE name IN ('host_authors', 'host_mentioned', 'host_hears')").RunScalar());
        Assert.Equal(1, connection.Use("SELECT count(*) FROM sqlite_schema WHERE name = 'host_writes'").RunScalar());
        connection.RunScript("CREATE INDEX IF NOT EXISTS host_authors ON microblog_home (author); INSERT INTO host_log VALUES ('a')");
    }

    [Fact]
    public async Task A_file_from_before_entries_had_positions_keeps_its_order_and_takes_late_entries()
    {
        await using var store = database.CreateStore(new FakeTimeProvider());
        using (var connection = store.Connector.OpenWriter())
        {
            Assert.Equal((0, 1), SchemaUpgrade.Apply(connection, [SchemaUpgrade.Scripts[0]], TimeSpan.Zero, NullLogger.Instance));
            connection.RunScript(
                """
                INSERT INTO microblog_profile (id, uri, scope, is_local, is_deleted, nickname, url, host, full_name, bio, location, homepage,
                    avatar_url, license, approves_followers) VALUES
                    (1, 'https://here.example/alice', 0, 1, 0, 'alice', 'https://here.example/alice', '', '', '', '', '', '', '', 0),
                    (2, 'https://here.example/bob', 0, 1, 0, 'bob', 'https://here.example/bob', '', '', '', '', '', '', '', 0),
                    (4, 'https://there.example/zoe', 3, 0, 0, 'zoe', 'https://there.example/zoe', 'there.example', '', '', '', '', '', '', 0),
                    (6, 'https://there.example/zoe', 5, 0, 0, 'zoe', 'https://there.example/zoe', 'there.example', '', '', '', '', '', '', 0);
                INSERT INTO microblog_notice (id, uri, author, content, url, license, visibility, is_local_only, is_remote, scope, reply_to,
                    reply_to_uri, conversation, mentions, tags, audience, extensions) VALUES
                    (10, 'https://there.example/n/1', 4, 'hello', 'https://there.example/n/1', '', 0, 0, 1, 3, 0, '', 10, '', '', '', ''),
                    (11, 'https://here.example/n/11', 1, '@bob', 'https://here.example/n/11', '', 0, 0, 0, 0, 0, '', 11, '2', '', '', ''),
                    (12, 'https://here.example/n/12', 2, '@alice', 'https://here.example/n/12', '', 0, 0, 0, 0, 0, '', 12, '1', '', '', '');
                INSERT INTO microblog_notice_uri (uri, is_shared, scope, notice, listener, author) VALUES
                    ('https://there.example/n/1', 0, 3, 10, 1, 4),
                    ('https://here.example/n/11', 0, 0, 11, 1, 1),
                    ('https://here.example/n/12', 0, 0, 12, 2, 2);
                INSERT INTO microblog_home (owner, notice, author) VALUES (1, 10, 4), (1, 11, 1), (1, 12, 2), (2, 11, 1), (2, 12, 2);
                INSERT INTO microblog_mention (person, notice) VALUES (1, 12), (2, 11);
                """);
        }

        await store.StartAsync(CancellationToken.None);

        var (alice, bob) = (new ProfileId(1), new ProfileId(2));
        Assert.Equal([(12, 12, 2), (11, 11, 1), (10, 10, 4)], await ReadAsync(store, (lists, page) => lists.HomeAsync(alice, page, CancellationToken.None)));
        Assert.Equal([(12, 12, 2)], await ReadAsync(store, (lists, page) => lists.MentionsAsync(alice, page, CancellationToken.None)));

        var late = new Notice
        {
            Id = new NoticeId(20),
            Uri = NoticeUri.Parse("https://there.example/n/1"),
            Author = new ProfileId(6),
            Content = "hello",
            Url = "https://there.example/n/1",
            License = "",
            IsRemote = true,
            Scope = new SubscriptionId(5),
            Mentions = [bob],
        };
        Assert.Equal(
            [ReceiveResult.Shared],
            await store.ExecuteAsync((session, token) => session.Notices.ReceiveAsync([new(late, bob)], token), CancellationToken.None));
        Assert.Equal([(20, 10, 6), (12, 12, 2), (11, 11, 1)], await ReadAsync(store, (lists, page) => lists.HomeAsync(bob, page, CancellationToken.None)));
        Assert.Equal([(20, 10, 6), (11, 11, 1)], await ReadAsync(store, (lists, page) => lists.MentionsAsync(bob, page, CancellationToken.None)));
    }

    [Fact]
    public async Task What_is_kept_of_people_is_counted_once_from_what_an_earlier_version_left()
    {
        await using var store = database.CreateStore(new FakeTimeProvider());
        using (var connection = store.Connector.OpenWriter())
        {
            SchemaUpgrade.Apply(connection, [.. SchemaUpgrade.Scripts.Take(3)], TimeSpan.Zero, NullLogger.Instance);
            connection.RunScript(
                """
                INSERT INTO microblog_notice (id, uri, author, content, url, license, visibility, is_local_only, is_remote, scope, reply_to,
                    reply_to_uri, conversation, mentions, tags, audience, extensions, is_deleted) VALUES
                    (10, 'a', 1, '', '', '', 0, 0, 0, 0, 0, '', 10, '', '', '', '', 0), (11, 'b', 1, '', '', '', 2, 1, 0, 0, 0, '', 11, '', '', '', '', 0),
                    (12, 'c', 1, '', '', '', 3, 0, 0, 0, 0, '', 12, '', '', '', '', 0), (13, 'd', 1, '', '', '', 0, 0, 0, 0, 0, '', 13, '', '', '', '', 1),
                    (14, 'e', 4, '', '', '', 0, 0, 1, 3, 0, '', 14, '', '', '', '', 0);
                INSERT INTO microblog_subscription (id, subscriber, publisher, publisher_uri, state, protocol, is_subscriber_local, peer, endpoint,
                    profile_endpoint, token, secret, created_at) VALUES
                    (20, 2, 1, 'alice', 1, 'local', 1, '', '', '', '', x'', 0), (21, 5, 1, 'alice', 1, 'omb', 0, 'there', 'e', '', '', x'', 0),
                    (22, 1, 4, 'zoe', 1, 'omb', 1, 'there', '', '', '', x'', 0), (23, 1, 2, 'bob', 0, 'local', 1, '', '', '', '', x'', 0),
                    (24, 6, 1, 'alice', 2, 'local', 1, '', '', '', '', x'', 0), (25, 7, 1, 'alice', 3, '(archive)', 0, '(archive)', '', '', '', x'', 0);
                """);
        }

        await store.StartAsync(CancellationToken.None);

        foreach (var (person, counts) in new[] { (1, new ProfileCounts(2, 2, 1, 0)), (2, new ProfileCounts(0, 0, 1, 0)), (4, default), (5, default), (6, default) })
        {
            Assert.Equal(counts, await store.ReadAsync(
                Freshness.Latest, (session, ct) => session.Profiles.CountAsync(new ProfileId(person), ct), CancellationToken.None));
        }
    }

    private static async Task<(long Position, long Notice, long Author)[]> ReadAsync(
        SqliteStore store, Func<ITimelineReader, PageRequest, ValueTask<EntryPage>> list) =>
    [
        .. (await store.ReadAsync(Freshness.Latest, (session, _) => list(session.Timelines, PageRequest.Newest(9)), CancellationToken.None))
            .Select(entry => (entry.Position.Value, entry.Notice.Id.Value, entry.Author.Id.Value)),
    ];
}
