using Microblog.Delivery;

namespace Microblog.Storage.Postgres;

internal sealed class PostgresDeliveries(PostgresSession session) : IDeliveryStore
{
    private const int AtOnce = 200;

    // One row is one lane that has moved, so that there are many of the same author.
    private const int MarksAtOnce = 10_000;

    private const string SelectLane =
        """
        SELECT l.id, l.author, l.protocol, l.endpoint, d.host, l.attempts, l.failing_since, l.due_at, l.failure,
            (SELECT count(*)::integer FROM (SELECT 1 FROM microblog.event e WHERE e.author = l.author AND e.lane = 0 AND l.follows_log
                AND e.number > l.position LIMIT 1000) e),
            (SELECT count(*)::integer FROM (SELECT 1 FROM microblog.event e WHERE e.lane = l.id AND e.lane <> 0 LIMIT 1000) e),
            least(
                (SELECT e.at FROM microblog.event e WHERE e.author = l.author AND e.lane = 0 AND l.follows_log
                    AND e.number > l.position ORDER BY e.number LIMIT 1),
                (SELECT e.at FROM microblog.event e WHERE e.lane = l.id AND e.lane <> 0 ORDER BY e.number LIMIT 1))
        FROM microblog.lane l JOIN microblog.destination d ON d.id = l.destination WHERE
        """;

    private const string SelectFailure =
        "SELECT id, author, protocol, endpoint, host, event, event_author, kind, notice, data, at, reason FROM microblog.failure";

    public async ValueTask<IReadOnlyList<LaneStatus>> ListWaitingAsync(int count, CancellationToken cancellationToken)
    {
        var list = await session.Sql(
            SelectLane + " l.failing_since IS NOT NULL AND l.due_at IS NOT NULL ORDER BY l.failing_since, l.due_at LIMIT $1")
            .Bind(count).ListAsync(ReadLane).ConfigureAwait(false);
        if (list.Count < count)
        {
            list.AddRange(await session.Sql(SelectLane + " l.due_at IS NOT NULL AND l.failing_since IS NULL LIMIT $1")
                .Bind(count - list.Count).ListAsync(ReadLane).ConfigureAwait(false));
        }

        return list;
    }

    public async ValueTask<LaneStatus?> FindLaneAsync(long id, CancellationToken cancellationToken) =>
        await session.Sql(SelectLane + " l.id = $1").Bind(id).FindAsync(ReadLane).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<DeliveryEvent>> ListEventsAsync(long lane, int count, CancellationToken cancellationToken) =>
        await session.Sql(
            "SELECT e.number, e.author, e.kind, e.notice, e.data FROM microblog.lane l CROSS JOIN LATERAL " + PostgresEvents.Waiting("$2")
            + " e WHERE l.id = $1 ORDER BY e.number")
            .Bind(lane).Bind(count).ListAsync(static row => PostgresEvents.Read(row, 0)).ConfigureAwait(false);

    public async ValueTask<FailedDelivery?> FindFailedAsync(long id, CancellationToken cancellationToken) =>
        await session.Sql(SelectFailure + " WHERE id = $1" + session.Lock).Bind(id).FindAsync(ReadFailure).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<FailedDelivery>> ListFailedAsync(int count, CancellationToken cancellationToken) =>
        await session.Sql(SelectFailure + " ORDER BY id DESC LIMIT $1").Bind(count).ListAsync(ReadFailure).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<FailedDelivery>> ListFailedAsync(ProfileId author, int count, CancellationToken cancellationToken) =>
        await session.Sql(SelectFailure + " WHERE event_author = $1 AND kind <> 2 ORDER BY id DESC LIMIT $2")
            .Bind(author.Value).Bind(count).ListAsync(ReadFailure).ConfigureAwait(false);

    public ValueTask<IReadOnlyList<DestinationStatus>> ListDestinationsAsync(int count, CancellationToken cancellationToken) =>
        new PostgresDestinations(session).ListAsync(count);

    public async ValueTask<QueueDepth> MeasureAsync(CancellationToken cancellationToken)
    {
        var depth = await session.Sql(
            """
            SELECT (SELECT count(*)::integer FROM microblog.lane WHERE due_at IS NOT NULL),
                (SELECT count(*)::integer FROM microblog.destination WHERE failing_since IS NOT NULL),
                least(
                    (SELECT e.at FROM microblog.event e WHERE e.lane = 0 AND EXISTS (SELECT 1 FROM microblog.lane l
                        WHERE l.author = e.author AND l.follows_log AND l.position < e.number) ORDER BY e.number LIMIT 1),
                    (SELECT min(at) FROM microblog.event WHERE lane <> 0)),
                least(
                    (SELECT min(next_due) FROM microblog.destination WHERE NOT is_failing AND next_due <= $1),
                    (SELECT min(w.at) FROM microblog.wake w JOIN microblog.destination d ON d.id = w.destination
                        WHERE NOT d.is_failing AND w.at <= $1))
            """).Bind(session.Now)
            .FindAsync(static row => new QueueDepth(row.Int32(0), row.Int32(1), row.TimeOrNull(2), row.TimeOrNull(3))).ConfigureAwait(false);
        return depth!;
    }

    public ValueTask EnqueueAsync(DeliveryEvent item, CancellationToken cancellationToken)
    {
        new PostgresEvents(session).AppendLater(item);
        session.Lanes.WakeLater(item.Author, AtOnce);
        return ValueTask.CompletedTask;
    }

    // Two processes that count at the same time may each find room for the last one.
    public async ValueTask<bool> EnqueueForAsync(Lane lane, DeliveryEvent item, int limit, CancellationToken cancellationToken)
    {
        session.LockLater(PostgresLock.Log, lane.Author.Value);
        var there = await session.Sql(
            """
            SELECT count(*) FROM (SELECT 1 FROM microblog.event WHERE lane <> 0
                AND destination = (SELECT id FROM microblog.destination WHERE protocol = $1 AND host = $2) LIMIT $3) e
            """).Bind(lane.Protocol).Bind(lane.Destination).Bind(limit).ScalarAsync().ConfigureAwait(false);
        if (there >= limit)
            return false;
        var found = await session.Lanes.FindAsync(lane).ConfigureAwait(false);
        var id = found?.Id ?? await session.Lanes.OpenAsync(lane, followsLog: false, position: 0).ConfigureAwait(false);
        new PostgresEvents(session).AppendLater(lane.Author, id, item);
        return true;
    }

    public ValueTask<Lease> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        new PostgresLeases(session, request).TakeAsync();

    public ValueTask<int> SettleAsync(IReadOnlyList<LaneSettlement> settlements, CancellationToken cancellationToken) =>
        new PostgresSettlement(session, settlements).ApplyAsync();

    public async ValueTask<bool> RetryAsync(long failure, CancellationToken cancellationToken) =>
        await RetryAsync(session.Sql(SelectRetried + " f.id = $1 LIMIT $2 FOR UPDATE OF f").Bind(failure).Bind(1)).ConfigureAwait(false) > 0;

    public ValueTask<int> RetryAllAsync(string host, int count, CancellationToken cancellationToken) =>
        RetryAsync(session.Sql(SelectRetried + " f.host = $1 ORDER BY f.id LIMIT $2 FOR UPDATE OF f").Bind(host).Bind(count));

    public ValueTask<bool> ProbeAsync(string host, CancellationToken cancellationToken) => new PostgresDestinations(session).ProbeAsync(host);

    public async ValueTask<int> PruneAsync(int count, CancellationToken cancellationToken)
    {
        // The marks first, in a statement of their own: whoever has made one that is seen here has moved its lane, and is seen below.
        var authors = await session.Sql(
            """
            WITH marked AS MATERIALIZED (SELECT author, id FROM microblog.prunable LIMIT $1 FOR UPDATE SKIP LOCKED),
            gone AS (DELETE FROM microblog.prunable p USING marked m WHERE p.author = m.author AND p.id = m.id)
            SELECT DISTINCT author FROM marked ORDER BY author
            """).Bind(MarksAtOnce).ListAsync(static row => row.Int64(0)).ConfigureAwait(false);
        var removed = authors.Count == 0 ? 0 : await PruneLogsAsync(authors, count).ConfigureAwait(false);
        if (removed == count)
            session.Lanes.MarkPrunableLater(authors);
        // What woke a destination that was closed before a lease came.
        session.Sql("DELETE FROM microblog.wake w WHERE NOT EXISTS (SELECT 1 FROM microblog.destination WHERE id = w.destination)").Later();
        return removed + await session.Sql(
            "DELETE FROM microblog.failure WHERE id IN (SELECT id FROM microblog.failure ORDER BY id DESC LIMIT $1 OFFSET $2)")
            .Bind(count).Bind(IDeliveryStore.FailuresKept).RunAsync().ConfigureAwait(false);
    }

    private ValueTask<int> PruneLogsAsync(List<long> authors, int count) => session.Sql(
        """
        DELETE FROM microblog.event e USING (
            SELECT p.author, p.number FROM unnest($1::bigint[]) AS a (id)
            CROSS JOIN LATERAL (SELECT author, number FROM microblog.event WHERE author = a.id AND lane = 0
                AND number <= coalesce((SELECT min(position) FROM microblog.lane WHERE author = a.id AND follows_log), 9223372036854775807)
                ORDER BY number LIMIT $2) p
            LIMIT $2) p
        WHERE e.author = p.author AND e.number = p.number
        """).Bind(authors).Bind(count).RunAsync();

    private const string SelectRetried =
        """
        SELECT f.id, f.author FROM microblog.failure f JOIN microblog.lane l
            ON l.author = f.author AND l.protocol = f.protocol AND l.endpoint = f.endpoint WHERE
        """;

    // The failures are locked by the query; then the authors' logs, then the lanes.
    private async ValueTask<int> RetryAsync(PostgresCommand query)
    {
        var failures = await query.ListAsync(static row => (Id: row.Int64(0), Author: row.Int64(1))).ConfigureAwait(false);
        if (failures.Count == 0)
            return 0;
        session.Sql("SELECT pg_advisory_xact_lock($2, key) FROM (SELECT DISTINCT hashint8(unnest($1::bigint[])) AS key ORDER BY key) k")
            .Bind([.. failures.Select(static failure => failure.Author)]).Bind((int)PostgresLock.Log).Later();
        session.WakesWorkers = true;
        return await session.Sql(
            """
            WITH taken AS MATERIALIZED (
                SELECT f.*, l.id AS lane, l.destination FROM microblog.failure f JOIN microblog.lane l
                    ON l.author = f.author AND l.protocol = f.protocol AND l.endpoint = f.endpoint
                WHERE f.id = ANY ($1) ORDER BY l.id FOR NO KEY UPDATE OF l),
            added AS (
                INSERT INTO microblog.event (author, lane, destination, kind, notice, data, at)
                SELECT event_author, lane, destination, kind, notice, data, $2 FROM taken ORDER BY id),
            woken AS (
                UPDATE microblog.lane l SET due_at = $2 FROM (SELECT DISTINCT author, lane FROM taken) t
                WHERE l.author = t.author AND l.id = t.lane AND l.due_at IS NULL RETURNING l.destination),
            told AS (INSERT INTO microblog.wake (destination, at) SELECT DISTINCT destination, $2 FROM woken)
            DELETE FROM microblog.failure f USING taken t WHERE f.id = t.id
            """).Bind([.. failures.Select(static failure => failure.Id)]).Bind(session.Now).RunAsync().ConfigureAwait(false);
    }

    private static FailedDelivery ReadFailure(PostgresRow row) => new(
        row.Int64(0),
        new Lane(new ProfileId(row.Int64(1)), row.Text(2), row.Text(3), row.Text(4)),
        new DeliveryEvent
        {
            Number = row.Int64(5),
            Author = new ProfileId(row.Int64(6)),
            Kind = (DeliveryEventKind)row.Int32(7),
            Notice = new NoticeId(row.Int64(8)),
            Data = row.Text(9),
        },
        row.Time(10),
        row.Text(11));

    private static LaneStatus ReadLane(PostgresRow row) => new(
        row.Int64(0),
        new Lane(new ProfileId(row.Int64(1)), row.Text(2), row.Text(3), row.Text(4)),
        Math.Min(row.Int32(9) + row.Int32(10), 1000),
        row.TimeOrNull(11),
        row.Int32(5),
        row.TimeOrNull(6),
        row.TimeOrNull(7),
        row.Text(8));
}
