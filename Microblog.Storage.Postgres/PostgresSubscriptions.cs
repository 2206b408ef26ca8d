using Microblog.Delivery;

namespace Microblog.Storage.Postgres;

internal sealed class PostgresSubscriptions(PostgresSession session) : ISubscriptionStore
{
    private const int AtOnce = 10_000;

    private const string Select = "SELECT " + PostgresSubscriptionRow.Columns + " FROM microblog.subscription s ";

    private const string SelectEntry =
        "SELECT " + PostgresSubscriptionRow.Columns + ", " + PostgresProfileRow.Columns + " FROM microblog.subscription s ";

    public ValueTask<Subscription?> FindAsync(SubscriptionId id, CancellationToken cancellationToken) =>
        session.Sql(Select + "WHERE s.id = $1" + session.Lock).Bind(id.Value).FindAsync(PostgresSubscriptionRow.Read);

    public ValueTask<Subscription?> FindAsync(ProfileId subscriber, ProfileUri publisher, string peer, CancellationToken cancellationToken)
    {
        LockPair($"{subscriber} hears {publisher} {peer}");
        return session.Sql(
            Select + "WHERE s.subscriber = $1 AND s.publisher_uri = $2 AND s.peer = $3 ORDER BY s.id DESC LIMIT 1" + session.Lock)
            .Bind(subscriber.Value).Bind(publisher.Value).Bind(peer).FindAsync(PostgresSubscriptionRow.Read);
    }

    public ValueTask<Subscription?> FindSubscriberAsync(
        ProfileId publisher, ProfileUri subscriber, string peer, CancellationToken cancellationToken)
    {
        LockPair($"{publisher} is heard by {subscriber} {peer}");
        return session.Sql(
            Select
            + """
            WHERE s.subscriber IN (SELECT profile FROM microblog.profile_uri WHERE uri = $2) AND s.publisher = $1 AND s.peer = $3
            ORDER BY s.id DESC LIMIT 1
            """ + session.Lock)
            .Bind(publisher.Value).Bind(subscriber.Value).Bind(peer).FindAsync(PostgresSubscriptionRow.Read);
    }

    // The index is walked in its order, and the people looked up one by one.
    public async ValueTask<IReadOnlyList<SubscriptionEntry>> ListPublishersAsync(
        ProfileId subscriber, SubscriptionId? before, int count, CancellationToken cancellationToken) =>
        await session.Sql(
            SelectEntry
            + """
            CROSS JOIN LATERAL (SELECT * FROM microblog.profile WHERE id = s.publisher OFFSET 0) p
            WHERE s.subscriber = $1 AND s.state = 1 AND s.id < $2
            """ + " AND " + PostgresStanding.Present + " ORDER BY s.id DESC LIMIT $3")
            .Bind(subscriber.Value).Bind(before?.Value ?? long.MaxValue).Bind(count).ListAsync(ReadEntry).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<SubscriptionEntry>> ListSubscribersAsync(
        ProfileId publisher, SubscriptionState state, SubscriptionId? before, int count, CancellationToken cancellationToken) =>
        await session.Sql(
            SelectEntry
            + """
            CROSS JOIN LATERAL (SELECT * FROM microblog.profile WHERE id = s.subscriber OFFSET 0) p
            WHERE s.publisher = $1 AND s.state = $4 AND s.id < $2
            """ + " AND " + PostgresStanding.Present + " ORDER BY s.id DESC LIMIT $3")
            .Bind(publisher.Value).Bind(before?.Value ?? long.MaxValue).Bind(count).Bind((int)state).ListAsync(ReadEntry).ConfigureAwait(false);

    // Looked up one by one in the index, however many there are.
    public async ValueTask<IReadOnlyList<SubscriptionEntry>> ListForLanesAsync(IReadOnlyCollection<Lane> lanes, CancellationToken cancellationToken) =>
        await session.Sql(
            "SELECT " + PostgresSubscriptionRow.Columns + ", " + PostgresProfileRow.Columns + """
             FROM unnest($1::bigint[], $2::text[], $3::text[]) AS l (author, protocol, endpoint)
            CROSS JOIN LATERAL (SELECT * FROM microblog.subscription
                WHERE publisher = l.author AND protocol = l.protocol AND endpoint = l.endpoint AND state = 1 OFFSET 0) s
            JOIN microblog.profile p ON p.id = s.publisher ORDER BY s.id
            """)
            .Bind([.. lanes.Select(lane => lane.Author.Value)]).Bind([.. lanes.Select(lane => lane.Protocol)]).Bind([.. lanes.Select(lane => lane.Endpoint)])
            .ListAsync(ReadEntry).ConfigureAwait(false);

    public ValueTask<bool> IsBlockedAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken)
    {
        LockPair($"{blocker} blocks {blocked}");
        return session.Sql("SELECT FROM microblog.block WHERE blocker = $1 AND blocked = $2").Bind(blocker.Value).Bind(blocked.Value).AnyAsync();
    }

    public async ValueTask<IReadOnlyList<ProfileUri>> ListBlocksAsync(ProfileId blocker, int count, CancellationToken cancellationToken) =>
        await session.Sql("SELECT blocked FROM microblog.block WHERE blocker = $1 ORDER BY at DESC, blocked LIMIT $2")
            .Bind(blocker.Value).Bind(count).ListAsync(static row => ProfileUri.Parse(row.Text(0))).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Mute>> ListMutesAsync(ProfileId muter, int count, CancellationToken cancellationToken) =>
        await session.Sql("SELECT muted, at, until FROM microblog.mute WHERE muter = $1 AND (until IS NULL OR until > $2) ORDER BY at DESC, muted LIMIT $3")
            .Bind(muter.Value).Bind(session.Now).Bind(count)
            .ListAsync(static row => new Mute(ProfileUri.Parse(row.Text(0)), row.Time(1), row.TimeOrNull(2))).ConfigureAwait(false);

    // Looked up one by one in the indexes, however many there are: OFFSET 0 keeps the planner from reading all that the person hears instead.
    public async ValueTask<IReadOnlyDictionary<ProfileId, Relation>> RelateAsync(
        ProfileId person, IReadOnlyCollection<ProfileId> others, CancellationToken cancellationToken)
    {
        var found = await session.Sql(
            """
            SELECT p.id, EXISTS (SELECT FROM microblog.subscription WHERE subscriber = $1 AND publisher = p.id AND state = 1 OFFSET 0),
                EXISTS (SELECT FROM microblog.subscription WHERE subscriber = $1 AND publisher = p.id AND state = 0 OFFSET 0),
                EXISTS (SELECT FROM microblog.subscription WHERE subscriber = p.id AND publisher = $1 AND state = 1 OFFSET 0),
                EXISTS (SELECT FROM microblog.block WHERE blocker = $1 AND blocked = p.uri OFFSET 0),
                EXISTS (SELECT FROM microblog.mute WHERE muter = $1 AND muted = p.uri AND (until IS NULL OR until > $3) OFFSET 0)
            FROM unnest($2) AS x (other) CROSS JOIN LATERAL (SELECT id, uri FROM microblog.profile WHERE id = x.other OFFSET 0) p
            """).Bind(person.Value).Bind([.. others.Select(other => other.Value).Distinct()]).Bind(session.Now)
            .ListAsync(static row => (
                Other: new ProfileId(row.Int64(0)), Relation: new Relation(row.Bool(1), row.Bool(2), row.Bool(3), row.Bool(4), row.Bool(5))))
            .ConfigureAwait(false);
        return found.Where(related => related.Relation != default).ToDictionary();
    }

    public ValueTask MuteAsync(ProfileId muter, Mute mute, CancellationToken cancellationToken)
    {
        session.Sql(
            """
            INSERT INTO microblog.mute (muter, muted, at, until) VALUES ($1, $2, $3, $4)
            ON CONFLICT (muter, muted) DO UPDATE SET at = excluded.at, until = excluded.until
            """).Bind(muter.Value).Bind(mute.Muted.Value).Bind(mute.At).Bind(mute.Until).Later();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> UnmuteAsync(ProfileId muter, ProfileUri muted, CancellationToken cancellationToken) =>
        await session.Sql("DELETE FROM microblog.mute WHERE muter = $1 AND muted = $2").Bind(muter.Value).Bind(muted.Value)
            .RunAsync().ConfigureAwait(false) > 0;

    public async ValueTask SaveAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        if (await FindAsync(subscription.Id, cancellationToken).ConfigureAwait(false) is { } known)
        {
            Update(subscription);
            CountLater((known, IsActive(subscription) - IsActive(known)));
            subscription = known with { State = subscription.State, Endpoint = subscription.Endpoint };
            if (!IsSent(subscription) || known.Endpoint != subscription.Endpoint)
                await LeaveLaneAsync(known, subscription).ConfigureAwait(false);
        }
        else
        {
            await InsertAsync(subscription).ConfigureAwait(false);
            CountLater((subscription, IsActive(subscription)));
        }

        if (subscription.State == SubscriptionState.Active)
        {
            EndImportedLater(subscription);
            session.Sql("DELETE FROM microblog.notification WHERE subscription = $1 AND subscription <> 0 AND kind = $2")
                .Bind(subscription.Id.Value).Bind((int)NotificationKind.FollowRequest).Later();
        }

        if (!IsSent(subscription))
            return;
        LockLanes([subscription.Publisher.Value]);
        await session.Lanes.FollowAsync(LaneOf(subscription)).ConfigureAwait(false);
    }

    public async ValueTask<bool> EndAsync(SubscriptionId id, CancellationToken cancellationToken) =>
        (await EndAsync("SELECT $1", id.Value).ConfigureAwait(false)).Count > 0;

    public async ValueTask EndAllAsync(ProfileId person, CancellationToken cancellationToken)
    {
        // Whoever is saving a subscription of theirs has to end first, or it would be missed.
        session.Sql("SELECT FROM microblog.profile WHERE id = $1 FOR NO KEY UPDATE").Bind(person.Value).Later();
        const string Theirs =
            """
            SELECT id FROM microblog.subscription WHERE subscriber = $1 AND state <> 2
            UNION ALL SELECT id FROM microblog.subscription WHERE publisher = $1 AND state IN (0, 1, 3)
            """;
        List<Subscription> ended;
        do
            ended = await EndAsync(Theirs, person.Value).ConfigureAwait(false);
        while (ended.Count == AtOnce);
    }

    public async ValueTask BlockAsync(ProfileId blocker, ProfileUri blocked, DateTimeOffset at, CancellationToken cancellationToken)
    {
        LockPair($"{blocker} blocks {blocked}");
        session.Sql("INSERT INTO microblog.block (blocker, blocked, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .Bind(blocker.Value).Bind(blocked.Value).Bind(at).Later();
        const string Between =
            """
            SELECT id FROM microblog.subscription WHERE subscriber = $1 AND publisher_uri = $2
            UNION ALL SELECT id FROM microblog.subscription
            WHERE publisher = $1 AND subscriber IN (SELECT profile FROM microblog.profile_uri WHERE uri = $2)
            """;
        await EndAsync(Between, blocker.Value, blocked.Value).ConfigureAwait(false);
    }

    public ValueTask UnblockAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken)
    {
        LockPair($"{blocker} blocks {blocked}");
        session.Sql("DELETE FROM microblog.block WHERE blocker = $1 AND blocked = $2").Bind(blocker.Value).Bind(blocked.Value).Later();
        return ValueTask.CompletedTask;
    }

    private static SubscriptionEntry ReadEntry(PostgresRow row) =>
        new(PostgresSubscriptionRow.Read(row), PostgresProfileRow.Read(row, PostgresSubscriptionRow.Count));

    private static bool IsSent(Subscription subscription) => subscription is { State: SubscriptionState.Active, Endpoint.Length: > 0 };

    private static Lane LaneOf(Subscription subscription) =>
        new(subscription.Publisher, subscription.Protocol, subscription.Endpoint, WebAddress.HostOf(subscription.Endpoint));

    // The two have found each other again.
    private void EndImportedLater(Subscription subscription) => session.Sql(
        """
        UPDATE microblog.subscription SET state = 2 WHERE state = 3 AND id IN (
            SELECT id FROM microblog.subscription WHERE subscriber = $1 AND state = 3
                AND publisher_uri = (SELECT uri FROM microblog.profile WHERE id = $2)
            UNION ALL SELECT id FROM microblog.subscription WHERE publisher = $2 AND state = 3 AND subscriber IN (
                SELECT profile FROM microblog.profile_uri WHERE uri = (SELECT uri FROM microblog.profile WHERE id = $1)))
        """).Bind(subscription.Subscriber.Value).Bind(subscription.Publisher.Value).Later();

    private async ValueTask InsertAsync(Subscription subscription)
    {
        // Locked, so that of two, one leaving and one being subscribed to, the one sees what the other did.
        var isStored = await session.Sql(
            """
            INSERT INTO microblog.subscription (id, subscriber, publisher, publisher_uri, state, protocol, is_subscriber_local, peer,
                endpoint, profile_endpoint, token, secret, created_at)
            SELECT $1, q.id, p.id, p.uri, $4, $5, $6, $7, $8, $9, $10, $11, $12
            FROM microblog.profile p CROSS JOIN microblog.profile q WHERE p.id = $3 AND q.id = $2 FOR SHARE
            """)
            .Bind(subscription.Id.Value).Bind(subscription.Subscriber.Value).Bind(subscription.Publisher.Value)
            .Bind((int)subscription.State).Bind(subscription.Protocol).Bind(subscription.IsSubscriberLocal).Bind(subscription.Peer)
            .Bind(subscription.Endpoint).Bind(subscription.ProfileEndpoint).Bind(subscription.Token).Bind(subscription.ProtectedSecret)
            .Bind(subscription.CreatedAt).RunAsync().ConfigureAwait(false) > 0;
        if (!isStored)
            throw new StoreException("Subscriber and publisher have to be stored before their subscription.");
    }

    private void Update(Subscription subscription) => session.Sql(
        "UPDATE microblog.subscription SET state = $2, endpoint = $3, profile_endpoint = $4, token = $5, secret = $6 WHERE id = $1")
        .Bind(subscription.Id.Value).Bind((int)subscription.State).Bind(subscription.Endpoint).Bind(subscription.ProfileEndpoint)
        .Bind(subscription.Token).Bind(subscription.ProtectedSecret).Later();

    private static int IsActive(Subscription subscription) => subscription.State == SubscriptionState.Active ? 1 : 0;

    // Before an author's log is locked, as by whoever publishes.
    private void CountLater(params IReadOnlyList<(Subscription Subscription, int More)> changed)
    {
        var counted = changed.Where(static change => change.More != 0).ToList();
        var followed = counted.Where(static change => change.Subscription.IsPublisherLocal)
            .Select(static change => (change.Subscription.Publisher.Value, new ProfileCounts(0, change.More, 0, 0)));
        var following = counted.Where(static change => change.Subscription.IsSubscriberLocal)
            .Select(static change => (change.Subscription.Subscriber.Value, new ProfileCounts(0, 0, change.More, 0)));
        ((PostgresProfiles)session.Profiles).CountLater([.. followed, .. following]);
    }

    private async ValueTask LeaveLaneAsync(Subscription before, Subscription now)
    {
        if (before.Endpoint.Length == 0)
            return;
        LockLanes([before.Publisher.Value]);
        var isNeeded = await session.Sql(
            "SELECT FROM microblog.subscription WHERE publisher = $1 AND protocol = $2 AND endpoint = $3 AND state = 1 LIMIT 1")
            .Bind(before.Publisher.Value).Bind(before.Protocol).Bind(before.Endpoint).AnyAsync().ConfigureAwait(false);
        if (IsSent(before) && IsSent(now))
            await session.Lanes.MoveAsync(LaneOf(before), LaneOf(now), isNeeded).ConfigureAwait(false);
        if (!isNeeded)
            await CloseUnneededAsync([(before.Publisher.Value, before.Protocol, before.Endpoint)]).ConfigureAwait(false);
    }

    /// <summary>Ends subscriptions, at most <see cref="AtOnce"/>, with their credentials and the lanes that nobody needs any more.</summary>
    /// <param name="which">Selects their numbers, from <c>$1</c> and <c>$2</c>.</param>
    /// <param name="id"><c>$1</c>.</param>
    /// <param name="uri"><c>$2</c>.</param>
    /// <returns>Those that were not ended before, as they were.</returns>
    private async ValueTask<List<Subscription>> EndAsync(string which, long id, string uri = "")
    {
        var ended = await session.Sql(
            $"""
            WITH wanted AS (
                SELECT {PostgresSubscriptionRow.Columns} FROM microblog.subscription s WHERE s.id IN ({which}) AND s.state <> 2
                ORDER BY s.id LIMIT $3 FOR NO KEY UPDATE)
            UPDATE microblog.subscription s SET state = 2 FROM wanted w WHERE s.id = w.id RETURNING w.*
            """).Bind(id).Bind(uri).Bind(AtOnce).ListAsync(PostgresSubscriptionRow.Read).ConfigureAwait(false);
        if (ended.Count == 0)
            return ended;
        CountLater([.. ended.Select(static found => (found, -IsActive(found)))]);
        // In a statement of its own, which sees the tokens that were issued while the first one waited for a lock.
        session.Sql("DELETE FROM microblog.notification WHERE subscription = ANY ($1) AND subscription <> 0").Bind([.. ended.Select(found => found.Id.Value)]).Later();
        ((PostgresCredentials)session.Credentials).RevokeLater([.. ended.Select(found => found.Id.Value)]);
        var lanes = ended.Where(found => found.Endpoint.Length > 0).Select(found => (Publisher: found.Publisher.Value, found.Protocol, found.Endpoint)).Distinct().ToList();
        if (lanes.Count > 0)
        {
            LockLanes(lanes.Select(lane => lane.Publisher));
            await CloseUnneededAsync(lanes).ConfigureAwait(false);
        }

        return ended;
    }

    private ValueTask CloseUnneededAsync(IReadOnlyCollection<(long Author, string Protocol, string Endpoint)> lanes) =>
        new PostgresLaneClosing(session).CloseUnneededAsync(lanes);

    // Which lanes an author has follows from the subscriptions, so both change under the lock of the author's log: nobody closes a
    // lane that another one is about to follow, and nobody begins to follow between an event and the waking of its lanes.
    private void LockLanes(IEnumerable<long> publishers)
    {
        foreach (var publisher in publishers.Distinct().Order())
            session.LockLater(PostgresLock.Log, publisher);
    }

    // What is found absent stays absent until the transaction ends: of two who look and then add, the second one finds.
    private void LockPair(string pair)
    {
        if (session.Lock.Length > 0)
            session.LockLater(PostgresLock.Pair, pair);
    }
}
