using Microblog.WebSub;

namespace Microblog.Storage.Postgres;

internal sealed class PostgresHub(PostgresSession session) : IHubStore
{
    private const string Select =
        "SELECT topic, callback, author, network, secret, position, is_woken, expires FROM microblog.hub_subscription ";

    public ValueTask<HubSubscription?> FindAsync(string topic, string callback, CancellationToken cancellationToken) =>
        session.Sql(Select + "WHERE topic = $1 AND callback = $2" + session.Lock).Bind(topic).Bind(callback).FindAsync(Read);

    public async ValueTask<IReadOnlyList<HubSubscription>> ListAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        await session.Sql(Select + "WHERE topic = ANY ($1)").Bind(topics).ListAsync(Read).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<HubSubscription>> ListOfListsAsync(HubSubscription? after, int count, CancellationToken cancellationToken) =>
        await session.Sql(Select + "WHERE author = 0 AND (topic, callback) > ($1, $2) ORDER BY topic, callback LIMIT $3")
            .Bind(after?.Topic ?? "").Bind(after?.Callback ?? "").Bind(count).ListAsync(Read).ConfigureAwait(false);

    public async ValueTask<bool> SaveAsync(HubSubscription subscription, HubLimits limits, CancellationToken cancellationToken)
    {
        // Alone, so that two at once do not both take the last place.
        session.LockLater(PostgresLock.Hub, 0);
        var isKnown = await FindAsync(subscription.Topic, subscription.Callback, cancellationToken).ConfigureAwait(false) is not null;
        if (!isKnown && await IsFullAsync(subscription, limits).ConfigureAwait(false))
            return false;
        session.Sql(
            """
            INSERT INTO microblog.hub_subscription (topic, callback, author, host, network, secret, position, is_woken, expires)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (topic, callback) DO UPDATE SET network = excluded.network, secret = excluded.secret, expires = excluded.expires
            """)
            .Bind(subscription.Topic).Bind(subscription.Callback).Bind(subscription.Author.Value).Bind(subscription.Host)
            .Bind(subscription.Network).Bind(subscription.ProtectedSecret).Bind(subscription.Position.Value)
            .Bind(subscription.IsWoken).Bind(subscription.Expires).Later();
        if (!subscription.Author.IsNone)
            await session.Lanes.FollowAsync(subscription.Lane).ConfigureAwait(false);
        return true;
    }

    public ValueTask MarkAsync(string topic, string callback, TimelinePosition position, bool isWoken, CancellationToken cancellationToken)
    {
        session.Sql("UPDATE microblog.hub_subscription SET position = $3, is_woken = $4 WHERE topic = $1 AND callback = $2")
            .Bind(topic).Bind(callback).Bind(position.Value).Bind(isWoken).Later();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> EndAsync(string topic, string callback, CancellationToken cancellationToken) =>
        await FindAsync(topic, callback, cancellationToken).ConfigureAwait(false) is { } found && await EndAsync([found]).ConfigureAwait(false) > 0;

    // Several processes do it at once: each passes over what another one is at.
    public async ValueTask<int> EndExpiredAsync(DateTimeOffset now, int count, CancellationToken cancellationToken) => await EndAsync(
        await session.Sql(Select + "WHERE expires <= $1 ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED").Bind(now).Bind(count)
            .ListAsync(Read).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>Ends subscriptions to a person's feeds.</summary>
    /// <returns>How many.</returns>
    public async ValueTask<int> EndOfAsync(ProfileId person, int count) => await EndAsync(
        await session.Sql(Select + "WHERE author = $1 LIMIT $2 FOR UPDATE").Bind(person.Value).Bind(count).ListAsync(Read).ConfigureAwait(false)).ConfigureAwait(false);

    // No further than the limits.
    private ValueTask<bool> IsFullAsync(HubSubscription more, HubLimits limits) => session.Sql(
        """
        SELECT 1 WHERE (SELECT count(*) FROM (SELECT 1 FROM microblog.hub_subscription WHERE topic = $1 LIMIT $4) t) >= $4
            OR (SELECT count(*) FROM (SELECT 1 FROM microblog.hub_subscription WHERE host = $2 LIMIT $5) h) >= $5
            OR (SELECT count(*) FROM (SELECT 1 FROM microblog.hub_subscription WHERE network = $3 LIMIT $6) n) >= $6
            OR $8 AND (SELECT count(*) FROM (SELECT 1 FROM microblog.hub_subscription WHERE author = 0 LIMIT $7) l) >= $7
        """)
        .Bind(more.Topic).Bind(more.Host).Bind(more.Network).Bind((long)limits.PerTopic).Bind((long)limits.PerHost).Bind((long)limits.PerNetwork)
        .Bind((long)limits.OfLists).Bind(more.Author.IsNone).AnyAsync();

    // Lanes in the order of their authors, as whoever closes several.
    private async ValueTask<int> EndAsync(List<HubSubscription> gone)
    {
        if (gone.Count == 0)
            return 0;
        var lanes = gone.Select(subscription => subscription.Lane).ToList();
        foreach (var author in lanes.Select(lane => lane.Author.Value).Distinct().Order())
            session.LockLater(PostgresLock.Log, author);
        session.Sql("DELETE FROM microblog.hub_subscription s USING unnest($1, $2) AS gone (topic, callback) WHERE s.topic = gone.topic AND s.callback = gone.callback")
            .Bind([.. gone.Select(subscription => subscription.Topic)]).Bind([.. gone.Select(subscription => subscription.Callback)]).Later();
        await new PostgresLaneClosing(session).CloseUnneededAsync([.. lanes.Select(lane => (lane.Author.Value, lane.Protocol, lane.Endpoint))]).ConfigureAwait(false);
        return gone.Count;
    }

    private static HubSubscription Read(PostgresRow row) => new()
    {
        Topic = row.Text(0),
        Callback = row.Text(1),
        Author = new ProfileId(row.Int64(2)),
        Network = row.Text(3),
        ProtectedSecret = row.Blob(4),
        Position = new TimelinePosition(row.Int64(5)),
        IsWoken = row.Bool(6),
        Expires = row.Time(7),
    };
}
