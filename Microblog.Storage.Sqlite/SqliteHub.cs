using Microblog.WebSub;

namespace Microblog.Storage.Sqlite;

internal sealed class SqliteHub(SqliteSession session) : IHubStore
{
    private const string Select =
        "SELECT topic, callback, author, network, secret, position, is_woken, expires FROM microblog_hub_subscription ";

    public ValueTask<HubSubscription?> FindAsync(string topic, string callback, CancellationToken cancellationToken) =>
        new(List(session.Use(Select + "WHERE topic = ?1 AND callback = ?2").Bind(1, topic).Bind(2, callback)) is [var found] ? found : null);

    public ValueTask<IReadOnlyList<HubSubscription>> ListAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) => new(
        topics.Distinct(StringComparer.Ordinal).SelectMany(topic => List(session.Use(Select + "WHERE topic = ?1").Bind(1, topic))).ToList());

    public ValueTask<IReadOnlyList<HubSubscription>> ListOfListsAsync(HubSubscription? after, int count, CancellationToken cancellationToken) => new(List(
        session.Use(Select + "WHERE author = 0 AND (topic, callback) > (?1, ?2) ORDER BY topic, callback LIMIT ?3")
            .Bind(1, after?.Topic ?? "").Bind(2, after?.Callback ?? "").Bind(3, count)));

    public async ValueTask<bool> SaveAsync(HubSubscription subscription, HubLimits limits, CancellationToken cancellationToken)
    {
        var isKnown = await FindAsync(subscription.Topic, subscription.Callback, cancellationToken).ConfigureAwait(false) is not null;
        if (!isKnown && IsFull(subscription, limits))
            return false;
        session.Use(
            """
            INSERT INTO microblog_hub_subscription (topic, callback, author, host, network, secret, position, is_woken, expires)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (topic, callback) DO UPDATE SET network = excluded.network, secret = excluded.secret, expires = excluded.expires
            """)
            .Bind(1, subscription.Topic).Bind(2, subscription.Callback).Bind(3, subscription.Author.Value).Bind(4, subscription.Host)
            .Bind(5, subscription.Network).Bind(6, subscription.ProtectedSecret.Span).Bind(7, subscription.Position.Value)
            .Bind(8, subscription.IsWoken).Bind(9, subscription.Expires).Run();
        if (!subscription.Author.IsNone)
            session.Lanes.Follow(subscription.Lane);
        return true;
    }

    public ValueTask MarkAsync(string topic, string callback, TimelinePosition position, bool isWoken, CancellationToken cancellationToken)
    {
        session.Use("UPDATE microblog_hub_subscription SET position = ?3, is_woken = ?4 WHERE topic = ?1 AND callback = ?2")
            .Bind(1, topic).Bind(2, callback).Bind(3, position.Value).Bind(4, isWoken).Run();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> EndAsync(string topic, string callback, CancellationToken cancellationToken) =>
        await FindAsync(topic, callback, cancellationToken).ConfigureAwait(false) is { } found && End([found]) > 0;

    public ValueTask<int> EndExpiredAsync(DateTimeOffset now, int count, CancellationToken cancellationToken) => new(End(List(
        session.Use(Select + "WHERE expires <= ?1 ORDER BY expires LIMIT ?2").Bind(1, now).Bind(2, count))));

    /// <summary>Ends subscriptions to a person's feeds.</summary>
    /// <returns>How many.</returns>
    public int EndOf(ProfileId person, int count) => End(List(
        session.Use(Select + "WHERE author = ?1 LIMIT ?2").Bind(1, person.Value).Bind(2, count)));

    private bool IsFull(HubSubscription more, HubLimits limits) =>
        IsThere("topic", more.Topic, limits.PerTopic)
        || IsThere("host", more.Host, limits.PerHost)
        || IsThere("network", more.Network, limits.PerNetwork)
        || (more.Author.IsNone && IsThere("author", 0L, limits.OfLists));

    // Whether there are so many, and no further.
    private bool IsThere(string column, object value, int limit) => session.Use(string.Intern(
        $"SELECT count(*) FROM (SELECT 1 FROM microblog_hub_subscription WHERE {column} = ?1 LIMIT ?2)"))
        .BindValue(1, value).Bind(2, limit).RunScalar() >= limit;

    private int End(List<HubSubscription> gone)
    {
        foreach (var subscription in gone)
        {
            session.Use("DELETE FROM microblog_hub_subscription WHERE topic = ?1 AND callback = ?2")
                .Bind(1, subscription.Topic).Bind(2, subscription.Callback).Run();
            session.Lanes.Close(subscription.Lane);
        }

        return gone.Count;
    }

    private static List<HubSubscription> List(SqliteStatement query)
    {
        using var rows = query;
        var list = new List<HubSubscription>();
        while (rows.Step())
        {
            list.Add(new HubSubscription
            {
                Topic = rows.Text(0),
                Callback = rows.Text(1),
                Author = new ProfileId(rows.Int64(2)),
                Network = rows.Text(3),
                ProtectedSecret = rows.Blob(4),
                Position = new TimelinePosition(rows.Int64(5)),
                IsWoken = rows.Bool(6),
                Expires = rows.Time(7),
            });
        }

        return list;
    }
}
