using Microblog.Delivery;

namespace Microblog.Storage.Sqlite;

internal sealed class SqliteSubscriptions(SqliteSession session) : ISubscriptionStore
{
    public const string Columns =
        "s.id, s.subscriber, s.publisher, s.state, s.protocol, s.is_subscriber_local, s.peer, s.endpoint, s.profile_endpoint, s.token, "
        + "s.secret, s.created_at";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int ColumnCount = 12;

    public ValueTask<Subscription?> FindAsync(SubscriptionId id, CancellationToken cancellationToken) => new(Find(id.Value));

    public ValueTask<Subscription?> FindAsync(ProfileId subscriber, ProfileUri publisher, string peer, CancellationToken cancellationToken)
    {
        using var row = session.Use(
            "SELECT " + Columns + " FROM microblog_subscription s "
            + "WHERE s.subscriber = ?1 AND s.publisher_uri = ?2 AND s.peer = ?3 ORDER BY s.id DESC LIMIT 1")
            .Bind(1, subscriber.Value).Bind(2, publisher.Value).Bind(3, peer);
        return new(row.Step() ? Read(row) : null);
    }

    public ValueTask<Subscription?> FindSubscriberAsync(
        ProfileId publisher, ProfileUri subscriber, string peer, CancellationToken cancellationToken)
    {
        using var row = session.Use(
            "SELECT " + Columns + " FROM microblog_profile p "
            + "CROSS JOIN microblog_subscription s ON s.subscriber = p.id AND s.publisher = ?1 AND s.peer = ?3 "
            + "WHERE p.uri = ?2 ORDER BY s.id DESC LIMIT 1")
            .Bind(1, publisher.Value).Bind(2, subscriber.Value).Bind(3, peer);
        return new(row.Step() ? Read(row) : null);
    }

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListPublishersAsync(
        ProfileId subscriber, SubscriptionId? before, int count, CancellationToken cancellationToken) =>
        new(List(
            session.Use(
                "SELECT " + Columns + ", " + ProfileRow.Columns + " FROM microblog_subscription s "
                + "CROSS JOIN microblog_profile p ON p.id = s.publisher "
                + "WHERE s.subscriber = ?1 AND s.state = 1 AND s.id < ?2 AND " + SqliteStanding.Present + " ORDER BY s.id DESC LIMIT ?3"),
            subscriber,
            before,
            count));

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListSubscribersAsync(
        ProfileId publisher, SubscriptionState state, SubscriptionId? before, int count, CancellationToken cancellationToken) =>
        new(List(
            session.Use(
                "SELECT " + Columns + ", " + ProfileRow.Columns + " FROM microblog_subscription s "
                + "CROSS JOIN microblog_profile p ON p.id = s.subscriber "
                + "WHERE s.publisher = ?1 AND s.state = ?4 AND s.id < ?2 AND " + SqliteStanding.Present + " ORDER BY s.id DESC LIMIT ?3").Bind(4, (int)state),
            publisher,
            before,
            count));

    /// <summary>As <see cref="IArchiveReader.ListPublishersAsync"/>. Only active ones have an index of their own.</summary>
    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListPublishers(ProfileId subscriber, SubscriptionState state, SubscriptionId after, int count)
    {
        const string Query = "SELECT " + Columns + ", " + ProfileRow.Columns + " FROM microblog_subscription s "
            + "CROSS JOIN microblog_profile p ON p.id = s.publisher WHERE s.subscriber = ?1 AND s.id > ?2";
        const string Rest = " ORDER BY s.id LIMIT ?3";
        return new(ListAfter(
            state == SubscriptionState.Active ? session.Use(Query + " AND s.state = 1" + Rest) : session.Use(Query + " AND s.state = ?4" + Rest).Bind(4, (int)state),
            subscriber,
            after,
            count));
    }

    /// <summary>As <see cref="IArchiveReader.ListSubscribersAsync"/>.</summary>
    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListSubscribers(ProfileId publisher, SubscriptionState state, SubscriptionId after, int count) =>
        new(ListAfter(
            session.Use(
                "SELECT " + Columns + ", " + ProfileRow.Columns + " FROM microblog_subscription s "
                + "CROSS JOIN microblog_profile p ON p.id = s.subscriber "
                + "WHERE s.publisher = ?1 AND s.state = ?4 AND s.id > ?2 ORDER BY s.id LIMIT ?3").Bind(4, (int)state),
            publisher,
            after,
            count));

    public ValueTask<IReadOnlyList<SubscriptionEntry>> ListForLanesAsync(IReadOnlyCollection<Lane> lanes, CancellationToken cancellationToken)
    {
        var list = new List<SubscriptionEntry>();
        foreach (var lane in lanes)
        {
            using var rows = session.Use(
                "SELECT " + Columns + ", " + ProfileRow.Columns + " FROM microblog_subscription s CROSS JOIN microblog_profile p ON p.id = s.publisher "
                + "WHERE s.publisher = ?1 AND s.protocol = ?2 AND s.endpoint = ?3 AND s.state = 1")
                .Bind(1, lane.Author.Value).Bind(2, lane.Protocol).Bind(3, lane.Endpoint);
            while (rows.Step())
                list.Add(new SubscriptionEntry(Read(rows), ProfileRow.Read(rows, ColumnCount)));
        }

        list.Sort(static (one, other) => one.Subscription.Id.Value.CompareTo(other.Subscription.Id.Value));
        return new(list);
    }

    public ValueTask<bool> IsBlockedAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken) =>
        new(session.Use("SELECT 1 FROM microblog_block WHERE blocker = ?1 AND blocked = ?2")
            .Bind(1, blocker.Value).Bind(2, blocked.Value).RunScalar() is not null);

    public ValueTask<IReadOnlyList<ProfileUri>> ListBlocksAsync(ProfileId blocker, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use("SELECT blocked FROM microblog_block WHERE blocker = ?1 ORDER BY at DESC, blocked LIMIT ?2")
            .Bind(1, blocker.Value).Bind(2, count);
        var list = new List<ProfileUri>();
        while (rows.Step())
            list.Add(ProfileUri.Parse(rows.Text(0)));
        return new(list);
    }

    public ValueTask<IReadOnlyList<Mute>> ListMutesAsync(ProfileId muter, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(
            "SELECT muted, at, until FROM microblog_mute WHERE muter = ?1 AND (until IS NULL OR until > ?2) ORDER BY at DESC, muted LIMIT ?3")
            .Bind(1, muter.Value).Bind(2, session.Now).Bind(3, count);
        var list = new List<Mute>();
        while (rows.Step())
            list.Add(new Mute(ProfileUri.Parse(rows.Text(0)), rows.Time(1), rows.TimeOrNull(2)));
        return new(list);
    }

    public ValueTask<IReadOnlyDictionary<ProfileId, Relation>> RelateAsync(
        ProfileId person, IReadOnlyCollection<ProfileId> others, CancellationToken cancellationToken)
    {
        var related = new Dictionary<ProfileId, Relation>();
        foreach (var other in others)
        {
            if (RelationOf(person, other) is var relation && relation != default)
                related[other] = relation;
        }

        return new(related);
    }

    public ValueTask MuteAsync(ProfileId muter, Mute mute, CancellationToken cancellationToken)
    {
        session.Use("INSERT OR REPLACE INTO microblog_mute (muter, muted, at, until) VALUES (?1, ?2, ?3, ?4)")
            .Bind(1, muter.Value).Bind(2, mute.Muted.Value).Bind(3, mute.At).Bind(4, mute.Until).Run();
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> UnmuteAsync(ProfileId muter, ProfileUri muted, CancellationToken cancellationToken) =>
        new(session.Use("DELETE FROM microblog_mute WHERE muter = ?1 AND muted = ?2").Bind(1, muter.Value).Bind(2, muted.Value).Run() > 0);

    public ValueTask SaveAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        if (Find(subscription.Id.Value) is { } known)
        {
            Update(subscription);
            Count(known, IsActive(subscription) - IsActive(known));
            if (known is { State: SubscriptionState.Active, Endpoint.Length: > 0 } && subscription is { State: SubscriptionState.Active, Endpoint.Length: > 0 })
                session.Lanes.Move(LaneOf(known), LaneOf(known with { Endpoint = subscription.Endpoint }), IsNeeded(known));
            CloseLane(known);
            subscription = known with { State = subscription.State, Endpoint = subscription.Endpoint };
        }
        else
        {
            Insert(subscription);
            Count(subscription, IsActive(subscription));
        }

        if (subscription.State == SubscriptionState.Active)
        {
            EndImported(subscription);
            session.Use("DELETE FROM microblog_notification WHERE subscription = ?1 AND subscription <> 0 AND kind = ?2")
                .Bind(1, subscription.Id.Value).Bind(2, (int)NotificationKind.FollowRequest).Run();
        }

        if (subscription is { State: SubscriptionState.Active, Endpoint.Length: > 0 })
            session.Lanes.Follow(LaneOf(subscription));
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> EndAsync(SubscriptionId id, CancellationToken cancellationToken) => new(End(id.Value));

    public ValueTask EndAllAsync(ProfileId person, CancellationToken cancellationToken)
    {
        EndAll(person);
        return ValueTask.CompletedTask;
    }

    public void EndAll(ProfileId person)
    {
        var ids = new List<long>();
        using (var rows = session.Use("SELECT id FROM microblog_subscription WHERE subscriber = ?1 OR publisher = ?1").Bind(1, person.Value))
        {
            while (rows.Step())
                ids.Add(rows.Int64(0));
        }

        foreach (var id in ids)
            End(id);
    }

    public ValueTask BlockAsync(ProfileId blocker, ProfileUri blocked, DateTimeOffset at, CancellationToken cancellationToken)
    {
        session.Use("INSERT OR IGNORE INTO microblog_block (blocker, blocked, at) VALUES (?1, ?2, ?3)")
            .Bind(1, blocker.Value).Bind(2, blocked.Value).Bind(3, at).Run();
        foreach (var id in Between(blocker, blocked))
            End(id);
        return ValueTask.CompletedTask;
    }

    public ValueTask UnblockAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken)
    {
        session.Use("DELETE FROM microblog_block WHERE blocker = ?1 AND blocked = ?2").Bind(1, blocker.Value).Bind(2, blocked.Value).Run();
        return ValueTask.CompletedTask;
    }

    private static Lane LaneOf(Subscription subscription) =>
        new(subscription.Publisher, subscription.Protocol, subscription.Endpoint, WebAddress.HostOf(subscription.Endpoint));

    private static List<SubscriptionEntry> List(SqliteStatement query, ProfileId whose, SubscriptionId? before, int count) =>
        Read(query, whose, before?.Value ?? long.MaxValue, count);

    private static List<SubscriptionEntry> ListAfter(SqliteStatement query, ProfileId whose, SubscriptionId after, int count) =>
        Read(query, whose, after.Value, count);

    private static List<SubscriptionEntry> Read(SqliteStatement query, ProfileId whose, long bound, int count)
    {
        using var rows = query.Bind(1, whose.Value).Bind(2, bound).Bind(3, count);
        var list = new List<SubscriptionEntry>();
        while (rows.Step())
            list.Add(new SubscriptionEntry(Read(rows), ProfileRow.Read(rows, ColumnCount)));
        return list;
    }

    public static Subscription Read(SqliteStatement row) => new()
    {
        Id = new SubscriptionId(row.Int64(0)),
        Subscriber = new ProfileId(row.Int64(1)),
        Publisher = new ProfileId(row.Int64(2)),
        State = (SubscriptionState)row.Int32(3),
        Protocol = row.Text(4),
        IsSubscriberLocal = row.Bool(5),
        Peer = row.Text(6),
        Endpoint = row.Text(7),
        ProfileEndpoint = row.Text(8),
        Token = row.Text(9),
        ProtectedSecret = row.Blob(10),
        CreatedAt = row.Time(11),
    };

    private Relation RelationOf(ProfileId person, ProfileId other)
    {
        using var row = session.Use(
            """
            SELECT EXISTS (SELECT 1 FROM microblog_subscription WHERE subscriber = ?1 AND publisher = p.id AND state = 1),
                EXISTS (SELECT 1 FROM microblog_subscription WHERE subscriber = ?1 AND publisher = p.id AND state = 0),
                EXISTS (SELECT 1 FROM microblog_subscription WHERE subscriber = p.id AND publisher = ?1 AND state = 1),
                EXISTS (SELECT 1 FROM microblog_block WHERE blocker = ?1 AND blocked = p.uri),
                EXISTS (SELECT 1 FROM microblog_mute WHERE muter = ?1 AND muted = p.uri AND (until IS NULL OR until > ?3))
            FROM microblog_profile p WHERE p.id = ?2
            """).Bind(1, person.Value).Bind(2, other.Value).Bind(3, session.Now);
        return row.Step() ? new Relation(row.Bool(0), row.Bool(1), row.Bool(2), row.Bool(3), row.Bool(4)) : default;
    }

    private Subscription? Find(long id)
    {
        using var row = session.Use("SELECT " + Columns + " FROM microblog_subscription s WHERE s.id = ?1").Bind(1, id);
        return row.Step() ? Read(row) : null;
    }

    private void Insert(Subscription subscription)
    {
        var isStored = session.Use(
            """
            INSERT INTO microblog_subscription (id, subscriber, publisher, publisher_uri, state, protocol, is_subscriber_local, peer,
                endpoint, profile_endpoint, token, secret, created_at)
            SELECT ?1, q.id, p.id, p.uri, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
            FROM microblog_profile p CROSS JOIN microblog_profile q ON q.id = ?2 WHERE p.id = ?3
            """)
            .Bind(1, subscription.Id.Value).Bind(2, subscription.Subscriber.Value).Bind(3, subscription.Publisher.Value)
            .Bind(4, (int)subscription.State).Bind(5, subscription.Protocol).Bind(6, subscription.IsSubscriberLocal)
            .Bind(7, subscription.Peer).Bind(8, subscription.Endpoint).Bind(9, subscription.ProfileEndpoint).Bind(10, subscription.Token)
            .Bind(11, subscription.ProtectedSecret.Span).Bind(12, subscription.CreatedAt).Run() > 0;
        if (!isStored)
            throw new StoreException("Subscriber and publisher have to be stored before their subscription.");
    }

    private void Update(Subscription subscription) => session.Use(
        """
        UPDATE microblog_subscription SET state = ?2, endpoint = ?3, profile_endpoint = ?4, token = ?5, secret = ?6 WHERE id = ?1
        """)
        .Bind(1, subscription.Id.Value).Bind(2, (int)subscription.State).Bind(3, subscription.Endpoint)
        .Bind(4, subscription.ProfileEndpoint).Bind(5, subscription.Token).Bind(6, subscription.ProtectedSecret.Span).Run();

    public bool End(long id)
    {
        if (Find(id) is not { } known || known.State == SubscriptionState.Ended)
            return false;
        session.Use("UPDATE microblog_subscription SET state = ?2 WHERE id = ?1").Bind(1, id).Bind(2, (int)SubscriptionState.Ended).Run();
        Count(known, -IsActive(known));
        session.Use("DELETE FROM microblog_notification WHERE subscription = ?1 AND subscription <> 0").Bind(1, id).Run();
        ((SqliteCredentials)session.Credentials).Revoke(known.Id);
        CloseLane(known);
        return true;
    }

    private static int IsActive(Subscription subscription) => subscription.State == SubscriptionState.Active ? 1 : 0;

    private void Count(Subscription subscription, int more)
    {
        if (more == 0)
            return;
        var profiles = (SqliteProfiles)session.Profiles;
        if (subscription.IsPublisherLocal)
            profiles.Count(subscription.Publisher, "followers", more);
        if (subscription.IsSubscriberLocal)
            profiles.Count(subscription.Subscriber, "following", more);
    }

    private void EndImported(Subscription subscription)
    {
        session.Use(
            """
            UPDATE microblog_subscription SET state = 2
            WHERE subscriber = ?1 AND publisher_uri = (SELECT uri FROM microblog_profile WHERE id = ?2) AND state = 3
            """).Bind(1, subscription.Subscriber.Value).Bind(2, subscription.Publisher.Value).Run();
        session.Use(
            """
            UPDATE microblog_subscription SET state = 2
            WHERE publisher = ?2 AND state = 3
                AND subscriber IN (SELECT id FROM microblog_profile WHERE uri = (SELECT uri FROM microblog_profile WHERE id = ?1))
            """).Bind(1, subscription.Subscriber.Value).Bind(2, subscription.Publisher.Value).Run();
    }

    private List<long> Between(ProfileId blocker, ProfileUri blocked)
    {
        using var rows = session.Use(
            """
            SELECT id FROM microblog_subscription WHERE subscriber = ?1 AND publisher_uri = ?2 AND state <> 2
            UNION ALL
            SELECT s.id FROM microblog_profile p CROSS JOIN microblog_subscription s ON s.subscriber = p.id AND s.publisher = ?1
            WHERE p.uri = ?2 AND s.state <> 2
            """).Bind(1, blocker.Value).Bind(2, blocked.Value);
        var list = new List<long>();
        while (rows.Step())
            list.Add(rows.Int64(0));
        return list;
    }

    // The endpoint may have lost its last active subscription.
    private void CloseLane(Subscription subscription)
    {
        if (subscription.Endpoint.Length > 0 && !IsNeeded(subscription))
            session.Lanes.Close(LaneOf(subscription));
    }

    private bool IsNeeded(Subscription subscription) => session.Use(
        "SELECT 1 FROM microblog_subscription WHERE publisher = ?1 AND protocol = ?2 AND endpoint = ?3 AND state = 1 LIMIT 1")
        .Bind(1, subscription.Publisher.Value).Bind(2, subscription.Protocol).Bind(3, subscription.Endpoint).RunScalar() is not null;
}
