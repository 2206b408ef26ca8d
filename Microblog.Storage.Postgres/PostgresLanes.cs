using Microblog.Delivery;

namespace Microblog.Storage.Postgres;

/// <summary>What lanes need from more than one facet: opening, closing, waking, and their destination's next turn.</summary>
/// <remarks>
/// <para>Who waits for whom: first an author's log, then lanes in the order of their numbers, then destinations in the order of theirs.
/// A lease waits for nothing and skips what others hold; whoever wakes lanes leaves a row in <c>wake</c> and touches no destination.</para>
/// <para>A destination's turn is put off only by whoever has locked it, in a statement of its own after the lock: an older snapshot
/// would miss a lane that came due meanwhile.</para>
/// </remarks>
internal sealed class PostgresLanes(PostgresSession session)
{
    private const string EndOfLog = "coalesce((SELECT max(number) FROM microblog.event WHERE author = $1 AND lane = 0), 0)";

    private const string WakeIdle =
        """
        WITH idle AS MATERIALIZED (
            SELECT id FROM microblog.lane WHERE author = $1 AND follows_log AND due_at IS NULL
                AND position < (SELECT max(number) FROM microblog.event WHERE author = $1 AND lane = 0)
            ORDER BY position LIMIT $3::bigint + 1),
        woken AS (
            UPDATE microblog.lane SET due_at = $2 WHERE author = $1 AND id IN (SELECT id FROM idle LIMIT $3) RETURNING destination),
        told AS (INSERT INTO microblog.wake (destination, at) SELECT DISTINCT destination, $2::bigint FROM woken)

        """;

    // Under the author's lock: a job that is seen has not run yet, and will wake what is idle then.
    private const string LeaveRest =
        """
        INSERT INTO microblog.job (notice, author, after, through) SELECT 0, $1, 0, 0
        WHERE (SELECT count(*) FROM idle) > $3 AND NOT EXISTS (SELECT 1 FROM microblog.job WHERE author = $1 AND notice = 0)
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Opens the lane for its author's log, from the next event on.</summary>
    public async ValueTask FollowAsync(Lane lane)
    {
        session.LockLater(PostgresLock.Log, lane.Author.Value);
        if (await FindAsync(lane).ConfigureAwait(false) is not { } found)
        {
            await OpenAsync(lane, followsLog: true, position: null).ConfigureAwait(false);
        }
        else if (!found.FollowsLog)
        {
            session.Sql("UPDATE microblog.lane SET follows_log = true, position = " + EndOfLog + " WHERE author = $1 AND id = $2")
                .Bind(lane.Author.Value).Bind(found.Id).Later();
        }
    }

    /// <summary>Has a lane go on at another endpoint; while the old one is needed, a second one begins where it stands.</summary>
    public async ValueTask MoveAsync(Lane from, Lane to, bool isFromNeeded)
    {
        session.LockLater(PostgresLock.Log, from.Author.Value);
        if (await FindAsync(from).ConfigureAwait(false) is not { } old || await FindAsync(to).ConfigureAwait(false) is not null)
            return;
        if (isFromNeeded)
            WakeLater(to.Author, await OpenAsync(to, followsLog: true, old.Position).ConfigureAwait(false));
        else
            await MoveAsync(old, to).ConfigureAwait(false);
    }

    /// <summary>The lane, which stays as it is until the transaction ends.</summary>
    public ValueTask<LaneKey?> FindAsync(Lane lane) => session.Sql(
        """
        SELECT id, destination, follows_log, position FROM microblog.lane WHERE author = $1 AND protocol = $2 AND endpoint = $3
        FOR NO KEY UPDATE
        """).Bind(lane.Author.Value).Bind(lane.Protocol).Bind(lane.Endpoint)
        .FindAsync(static row => new LaneKey(row.Int64(0), row.Int64(1), row.Bool(2), row.Int64(3)));

    /// <summary>Opens a lane, for its author's log or only for events that name it.</summary>
    /// <param name="lane">Which one.</param>
    /// <param name="followsLog">Whether for the log.</param>
    /// <param name="position">The event after which it begins; <see langword="null"/> for the last one of the log.</param>
    /// <returns>Its number.</returns>
    public async ValueTask<long> OpenAsync(Lane lane, bool followsLog, long? position)
    {
        var destination = await OpenDestinationAsync(lane).ConfigureAwait(false);
        var id = await session.Sql(
            "INSERT INTO microblog.lane (author, protocol, endpoint, destination, follows_log, position) VALUES ($1, $2, $3, $4, $5, coalesce($6, "
            + EndOfLog + ")) RETURNING id")
            .Bind(lane.Author.Value).Bind(lane.Protocol).Bind(lane.Endpoint).Bind(destination).Bind(followsLog).Bind(position)
            .ScalarAsync().ConfigureAwait(false);
        return id!.Value;
    }

    /// <summary>Remembers that lanes of the authors have moved, so that events may be passed by all.</summary>
    public void MarkPrunableLater(IReadOnlyCollection<long> authors)
    {
        if (authors.Count > 0)
            session.Sql("INSERT INTO microblog.prunable (author) SELECT DISTINCT unnest($1::bigint[])").Bind(authors).Later();
    }

    /// <summary>Wakes idle lanes of an author that have not read the whole log, and leaves a job for those beyond the count.</summary>
    /// <returns>How many it woke.</returns>
    public async ValueTask<int> WakeAsync(ProfileId author, int count)
    {
        session.LockLater(PostgresLock.Log, author.Value);
        session.WakesWorkers = true;
        var woken = await session.Sql(WakeIdle + ", rest AS (" + LeaveRest + ") SELECT count(*) FROM woken")
            .Bind(author.Value).Bind(session.Now).Bind(count).ScalarAsync().ConfigureAwait(false);
        return (int)woken!.Value;
    }

    /// <summary>The same, when nobody asks how many. The author's log is locked.</summary>
    public void WakeLater(ProfileId author, int count)
    {
        session.WakesWorkers = true;
        session.Sql(WakeIdle + LeaveRest).Bind(author.Value).Bind(session.Now).Bind(count).Later();
    }

    /// <summary>Wakes one lane if it is idle.</summary>
    public void WakeLater(ProfileId author, long id)
    {
        session.WakesWorkers = true;
        session.Sql(
            """
            WITH woken AS (UPDATE microblog.lane SET due_at = $3 WHERE author = $1 AND id = $2 AND due_at IS NULL RETURNING destination)
            INSERT INTO microblog.wake (destination, at) SELECT destination, $3 FROM woken
            """).Bind(author.Value).Bind(id).Bind(session.Now).Later();
    }

    /// <summary>Locks destinations in the order of their numbers, as everybody does who locks several.</summary>
    public void LockDestinationsLater(IReadOnlyCollection<long> destinations, bool mayClose) => session.Sql(
        "SELECT 1 FROM microblog.destination WHERE id = ANY ($1) ORDER BY id FOR " + (mayClose ? "UPDATE" : "NO KEY UPDATE"))
        .Bind(destinations).Later();

    /// <summary>Sums up when the lanes of locked destinations come due; those of a failing one are held back together.</summary>
    public void RefreshLater(IReadOnlyCollection<long> destinations) => session.Sql(
        """
        UPDATE microblog.destination d SET next_due = s.next_due
        FROM (SELECT d.id, CASE WHEN l.due_at IS NOT NULL THEN greatest(d.not_before, l.due_at) END AS next_due
            FROM unnest($1::bigint[]) AS s (id) JOIN microblog.destination d ON d.id = s.id
            LEFT JOIN LATERAL (SELECT due_at FROM microblog.lane
                WHERE destination = s.id AND due_at IS NOT NULL ORDER BY due_at LIMIT 1) l ON true) s
        WHERE d.id = s.id AND d.next_due IS DISTINCT FROM s.next_due
        """).Bind(destinations).Later();

    /// <summary>Removes those of the locked destinations that have no lane left.</summary>
    public void CloseDestinationsLater(IReadOnlyCollection<long> destinations) => session.Sql(
        """
        DELETE FROM microblog.destination d WHERE id = ANY ($1) AND NOT EXISTS (SELECT 1 FROM microblog.lane WHERE destination = d.id)
        """).Bind(destinations).Later();

    private async ValueTask MoveAsync(LaneKey lane, Lane to)
    {
        var destination = await OpenDestinationAsync(to).ConfigureAwait(false);
        session.Sql("UPDATE microblog.event SET destination = $2 WHERE lane = $1 AND lane <> 0").Bind(lane.Id).Bind(destination).Later();
        session.Sql(
            """
            WITH moved AS (UPDATE microblog.lane SET endpoint = $3, destination = $4 WHERE author = $1 AND id = $2 RETURNING due_at)
            INSERT INTO microblog.wake (destination, at) SELECT $4, due_at FROM moved WHERE due_at IS NOT NULL
            """).Bind(to.Author.Value).Bind(lane.Id).Bind(to.Endpoint).Bind(destination).Later();
        session.WakesWorkers = true;
        LockDestinationsLater([lane.Destination], mayClose: true);
        RefreshLater([lane.Destination]);
        CloseDestinationsLater([lane.Destination]);
    }

    // The key lock keeps it from being closed before it has its lane.
    private async ValueTask<long> OpenDestinationAsync(Lane lane)
    {
        while (true)
        {
            session.Sql("INSERT INTO microblog.destination (protocol, host) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .Bind(lane.Protocol).Bind(lane.Destination).Later();
            var id = await session.Sql("SELECT id FROM microblog.destination WHERE protocol = $1 AND host = $2 FOR KEY SHARE")
                .Bind(lane.Protocol).Bind(lane.Destination).ScalarAsync().ConfigureAwait(false);
            // Somebody closed it in between.
            if (id is not null)
                return id.Value;
        }
    }
}

/// <summary>A lane as it was found.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Destination">The number of its destination.</param>
/// <param name="FollowsLog">Whether it reads its author's log.</param>
/// <param name="Position">The last event that it is done with.</param>
internal sealed record LaneKey(long Id, long Destination, bool FollowsLog, long Position);
