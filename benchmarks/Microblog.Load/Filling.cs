using Microblog.Load.Servers;
using Microblog.Storage;
using Microsoft.Data.Sqlite;

namespace Microblog.Load;

/// <summary>Fills a node's file with what it would have after a long life, faster than by living it.</summary>
internal static class Filling
{
    private const int AtOnce = 1000;

    /// <summary>Lets a person hear so many people elsewhere.</summary>
    public static async Task SubscribeAsync(IMicroblogStore store, ProfileId listener, int count)
    {
        for (var first = 0; first < count; first += AtOnce)
        {
            var ids = Enumerable.Range(first, Math.Min(AtOnce, count - first))
                .Select(number => (Number: number, Author: store.Ids.Draw(), Subscription: store.Ids.Draw())).ToList();
            await store.ExecuteAsync(
                async (session, ct) =>
                {
                    foreach (var (number, author, subscription) in ids)
                    {
                        var uri = $"https://s{number}.example/user/1";
                        await session.Profiles.SaveRemoteAsync(Listenees.Profile(author.Profile, uri, subscription.Subscription), ct);
                        await session.Subscriptions.SaveAsync(
                            Listenees.Subscription(subscription.Subscription, listener, author.Profile, $"https://s{number}.example/"), ct);
                    }

                    return true;
                },
                CancellationToken.None);
            foreach (var (_, author, subscription) in ids)
            {
                author.Dispose();
                subscription.Dispose();
            }
        }
    }

    /// <summary>Puts notices of everybody whom the person hears into the file, one a second and in turn, and into the person's home timeline.</summary>
    /// <param name="path">The node's file, while nobody writes to it.</param>
    /// <param name="listener">Who has received them.</param>
    /// <param name="count">How many.</param>
    /// <param name="last">A number above all of theirs.</param>
    public static void AddNotices(string path, ProfileId listener, int count, NoticeId last)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Run("PRAGMA synchronous = OFF");
        Run("PRAGMA cache_size = -200000");
        Run("BEGIN");
        // A number per second: 1000 milliseconds above the twelve bits of slot and counter.
        Run(
            """
            CREATE TEMP TABLE heard AS SELECT row_number() OVER (ORDER BY id) - 1 AS place, id AS subscription, publisher AS author
            FROM microblog_subscription WHERE subscriber = $listener
            """);
        Run("CREATE UNIQUE INDEX temp.heard_place ON heard (place)");
        Run(
            """
            WITH RECURSIVE counted (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < $count)
            INSERT INTO microblog_notice (id, uri, author, content, url, license, visibility, is_local_only, is_remote, scope, reply_to,
                reply_to_uri, conversation, mentions, tags, audience, extensions)
            SELECT $last - (($count - i + 1) * 1000 << 12), 'https://s' || h.place || '.example/notice/' || i, h.author,
                'Notice number ' || i || ' of a long life: nothing much happened, and that is written here at the usual length of a notice.',
                'https://s' || h.place || '.example/notice/' || i, $license, 0, 0, 1, h.subscription, 0, '',
                $last - (($count - i + 1) * 1000 << 12), '', '', '', ''
            FROM counted CROSS JOIN heard h ON h.place = i % (SELECT count(*) FROM heard)
            """);
        Run("CREATE TEMP TABLE filled AS SELECT id, author, scope, uri FROM microblog_notice WHERE id < $last");
        Run("INSERT INTO microblog_home (owner, position, notice, author) SELECT $listener, id, id, author FROM filled ORDER BY id");
        Run("INSERT INTO microblog_authorship (author, notice) SELECT author, id FROM filled ORDER BY author, id");
        Run(
            """
            INSERT INTO microblog_notice_uri (uri, is_shared, scope, notice, listener, author)
            SELECT uri, 0, scope, id, $listener, author FROM filled ORDER BY uri
            """);
        Run("COMMIT");
        Run("PRAGMA wal_checkpoint(TRUNCATE)");

        void Run(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.Parameters.AddWithValue("$listener", listener.Value);
            command.Parameters.AddWithValue("$count", count);
            command.Parameters.AddWithValue("$last", last.Value);
            command.Parameters.AddWithValue("$license", Listenees.License);
            command.ExecuteNonQuery();
        }
    }
}
