using Microblog.Load.Servers;
using Microblog.Storage;

namespace Microblog.Load;

/// <summary>Fills a node's database with what it would have after a long life, faster than by living it.</summary>
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

    /// <summary>Puts notices of everybody whom the person hears into the database, one a second and in turn, and into the person's home timeline.</summary>
    /// <remarks>Search does not know them: it would take them up for the next half hour, and whatever is measured would be measured beside that.</remarks>
    /// <param name="database">The node's, while nobody writes to it.</param>
    /// <param name="listener">Who has received them.</param>
    /// <param name="count">How many.</param>
    /// <param name="last">A number above all of theirs.</param>
    public static async Task AddNoticesAsync(NodeDatabase database, ProfileId listener, int count, NoticeId last)
    {
        await using var connection = await database.OpenAsync();
        if (database.Postgres is null)
            await database.RunAsync(connection, "PRAGMA synchronous = OFF; PRAGMA cache_size = -200000");
        // A number per second: 1000 milliseconds above the twelve bits of slot and counter. The join keeps to the order in which it is written.
        await database.RunAsync(connection, $"""
            BEGIN;
            CREATE TEMP TABLE heard AS SELECT row_number() OVER (ORDER BY id) - 1 AS place, id AS subscription, publisher AS author
                FROM microblog.subscription WHERE subscriber = {listener.Value};
            CREATE UNIQUE INDEX heard_place ON heard (place);
            WITH RECURSIVE counted (i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM counted WHERE i < {count})
            INSERT INTO microblog.notice (id, uri, author, content, url, license, visibility, is_local_only, is_remote, scope, reply_to,
                reply_to_uri, conversation, mentions, tags, audience, extensions)
            SELECT {last.Value} - ({count} - i + 1) * (1000 << 12), 'https://s' || h.place || '.example/notice/' || i, h.author,
                'Notice number ' || i || ' of a long life: nothing much happened, and that is written here at the usual length of a notice.',
                'https://s' || h.place || '.example/notice/' || i, '{Listenees.License}', 0, false, true, h.subscription, 0, '',
                {last.Value} - ({count} - i + 1) * (1000 << 12), '', '', '', ''
            FROM counted LEFT JOIN heard h ON h.place = i % (SELECT count(*) FROM heard);
            CREATE TEMP TABLE filled AS SELECT id, author, scope, uri FROM microblog.notice WHERE id < {last.Value};
            INSERT INTO microblog.home (owner, position, notice, author) SELECT {listener.Value}, id, id, author FROM filled ORDER BY id;
            INSERT INTO microblog.authorship (author, notice) SELECT author, id FROM filled ORDER BY author, id;
            INSERT INTO microblog.notice_uri (uri, is_shared, scope, notice, listener, author)
                SELECT uri, false, scope, id, {listener.Value}, author FROM filled ORDER BY uri;
            UPDATE microblog.search_state SET position = {last.Value};
            COMMIT
            """);
        await database.SettleAsync(connection);
    }
}
