using Microblog.Delivery;

namespace Microblog.Storage.Sqlite;

internal sealed class SqliteDeliveries(SqliteSession session) : IDeliveryStore
{
    private const int AtOnce = 200;

    private const string SelectLane =
        """
        SELECT l.id, l.author, l.protocol, l.endpoint, d.host, l.attempts, l.failing_since, l.due_at, l.failure,
            (SELECT count(*) FROM (SELECT 1 FROM microblog_event e WHERE e.author = l.author AND e.lane = 0 AND l.follows_log
                AND e.number > l.position LIMIT 1000)),
            (SELECT count(*) FROM microblog_event e WHERE e.lane = l.id AND e.lane <> 0),
            (SELECT e.at FROM microblog_event e WHERE e.author = l.author AND e.lane = 0 AND l.follows_log
                AND e.number > l.position ORDER BY e.number LIMIT 1),
            (SELECT e.at FROM microblog_event e WHERE e.lane = l.id AND e.lane <> 0 ORDER BY e.number LIMIT 1)
        FROM
        """;

    public ValueTask<IReadOnlyList<LaneStatus>> ListWaitingAsync(int count, CancellationToken cancellationToken)
    {
        var list = new List<LaneStatus>();
        ReadLanes(list, count, session.Use(
            SelectLane
            + """
             microblog_lane l INDEXED BY microblog_lane_failing CROSS JOIN microblog_destination d ON d.id = l.destination
            WHERE l.failing_since IS NOT NULL AND l.due_at IS NOT NULL ORDER BY l.failing_since, l.due_at LIMIT ?1
            """));
        ReadLanes(list, count, session.Use(
            SelectLane
            + """
             microblog_destination d CROSS JOIN microblog_lane l INDEXED BY microblog_lane_due ON l.destination = d.id
            WHERE d.next_due IS NOT NULL AND l.due_at IS NOT NULL AND l.failing_since IS NULL LIMIT ?1
            """));
        return new(list);
    }

    public ValueTask<LaneStatus?> FindLaneAsync(long id, CancellationToken cancellationToken)
    {
        var list = new List<LaneStatus>();
        ReadLanes(list, 1, session.Use(
            SelectLane + " microblog_lane l CROSS JOIN microblog_destination d ON d.id = l.destination WHERE l.id = ?2 LIMIT ?1").Bind(2, id));
        return new(list.FirstOrDefault());
    }

    public ValueTask<IReadOnlyList<DeliveryEvent>> ListEventsAsync(long lane, int count, CancellationToken cancellationToken)
    {
        ProfileId author;
        long position;
        using (var row = session.Use("SELECT author, follows_log, position FROM microblog_lane WHERE id = ?1").Bind(1, lane))
        {
            if (!row.Step())
                return new([]);
            (author, position) = (new ProfileId(row.Int64(0)), row.Bool(1) ? row.Int64(2) : long.MaxValue);
        }

        return new(new SqliteEvents(session).Waiting(lane, author, position, count));
    }

    public ValueTask<FailedDelivery?> FindFailedAsync(long id, CancellationToken cancellationToken)
    {
        using var row = session.Use(SelectFailure + " WHERE id = ?1").Bind(1, id);
        return new(row.Step() ? ReadFailure(row) : null);
    }

    public ValueTask<IReadOnlyList<FailedDelivery>> ListFailedAsync(int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(SelectFailure + " ORDER BY id DESC LIMIT ?1").Bind(1, count);
        var list = new List<FailedDelivery>();
        while (rows.Step())
            list.Add(ReadFailure(rows));
        return new(list);
    }

    public ValueTask<IReadOnlyList<FailedDelivery>> ListFailedAsync(ProfileId author, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(SelectFailure + " WHERE event_author = ?1 AND kind <> 2 ORDER BY id DESC LIMIT ?2")
            .Bind(1, author.Value).Bind(2, count);
        var list = new List<FailedDelivery>();
        while (rows.Step())
            list.Add(ReadFailure(rows));
        return new(list);
    }

    public ValueTask<IReadOnlyList<DestinationStatus>> ListDestinationsAsync(int count, CancellationToken cancellationToken) =>
        new(new SqliteDestinations(session).List(count));

    public ValueTask<QueueDepth> MeasureAsync(CancellationToken cancellationToken)
    {
        using var row = session.Use(
            """
            SELECT (SELECT count(*) FROM microblog_lane INDEXED BY microblog_lane_due WHERE due_at IS NOT NULL),
                (SELECT count(*) FROM microblog_destination WHERE is_failing = 1),
                (SELECT e.at FROM microblog_event e WHERE e.lane = 0 AND EXISTS (SELECT 1 FROM microblog_lane l
                    WHERE l.author = e.author AND l.follows_log = 1 AND l.position < e.number) ORDER BY e.number LIMIT 1),
                (SELECT min(at) FROM microblog_event INDEXED BY microblog_event_own WHERE lane <> 0),
                (SELECT min(next_due) FROM microblog_destination INDEXED BY microblog_destination_due
                    WHERE is_failing = 0 AND next_due IS NOT NULL AND next_due <= ?1)
            """).Bind(1, session.Now);
        row.Step();
        return new(new QueueDepth(row.Int32(0), row.Int32(1), Earlier(row.TimeOrNull(2), row.TimeOrNull(3)), row.TimeOrNull(4)));
    }

    public ValueTask EnqueueAsync(DeliveryEvent item, CancellationToken cancellationToken)
    {
        if (new SqliteEvents(session).TryAppend(item))
            session.Lanes.Wake(item.Author, AtOnce);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> EnqueueForAsync(Lane lane, DeliveryEvent item, int limit, CancellationToken cancellationToken)
    {
        var there = session.Use(
            """
            SELECT count(*) FROM (SELECT 1 FROM microblog_event WHERE lane <> 0
                AND destination = (SELECT id FROM microblog_destination WHERE protocol = ?1 AND host = ?2) LIMIT ?3)
            """).Bind(1, lane.Protocol).Bind(2, lane.Destination).Bind(3, limit).RunScalar();
        if (there >= limit)
            return new(false);
        new SqliteEvents(session).AppendTo(session.Lanes.Find(lane) ?? session.Lanes.Open(lane), item);
        return new(true);
    }

    public ValueTask<Lease> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        new(new SqliteLeases(session, request).Take());

    public ValueTask<int> SettleAsync(IReadOnlyList<LaneSettlement> settlements, CancellationToken cancellationToken) =>
        new(settlements.Select(settlement => new SqliteSettlement(session, settlement).Apply()).Count(isHeld => isHeld));

    public ValueTask<bool> RetryAsync(long failure, CancellationToken cancellationToken)
    {
        FailedDelivery failed;
        using (var row = session.Use(SelectFailure + " WHERE id = ?1").Bind(1, failure))
        {
            if (!row.Step())
                return new(false);
            failed = ReadFailure(row);
        }

        if (session.Lanes.Find(failed.Lane) is not { } lane)
            return new(false);
        session.Use("DELETE FROM microblog_failure WHERE id = ?1").Bind(1, failure).Run();
        new SqliteEvents(session).AppendTo(lane, failed.Event);
        return new(true);
    }

    public async ValueTask<int> RetryAllAsync(string host, int count, CancellationToken cancellationToken)
    {
        var there = new List<long>();
        using (var rows = session.Use(
            """
            SELECT f.id FROM microblog_failure f WHERE f.host = ?1 AND EXISTS (SELECT 1 FROM microblog_lane l
                WHERE l.author = f.author AND l.protocol = f.protocol AND l.endpoint = f.endpoint) ORDER BY f.id LIMIT ?2
            """).Bind(1, host).Bind(2, count))
        {
            while (rows.Step())
                there.Add(rows.Int64(0));
        }

        foreach (var failure in there)
            await RetryAsync(failure, cancellationToken).ConfigureAwait(false);
        return there.Count;
    }

    public ValueTask<bool> ProbeAsync(string host, CancellationToken cancellationToken) =>
        new(new SqliteDestinations(session).Probe(host));

    public ValueTask<int> PruneAsync(int count, CancellationToken cancellationToken)
    {
        var removed = 0;
        for (var authors = 0; authors < count && removed < count; authors++)
        {
            if (session.Use("SELECT author FROM microblog_prunable LIMIT 1").RunScalar() is not { } author)
                break;
            var passed = session.Use(
                """
                DELETE FROM microblog_event WHERE number IN (SELECT number FROM microblog_event WHERE author = ?1 AND lane = 0
                    AND number <= coalesce((SELECT min(position) FROM microblog_lane INDEXED BY microblog_lane_position
                        WHERE author = ?1 AND follows_log = 1), ?3) ORDER BY number LIMIT ?2)
                """).Bind(1, author).Bind(2, count - removed).Bind(3, long.MaxValue).Run();
            removed += passed;
            if (removed < count)
                session.Use("DELETE FROM microblog_prunable WHERE author = ?1").Bind(1, author).Run();
        }

        removed += session.Use(
            "DELETE FROM microblog_failure WHERE id IN (SELECT id FROM microblog_failure ORDER BY id DESC LIMIT ?1 OFFSET ?2)")
            .Bind(1, count).Bind(2, IDeliveryStore.FailuresKept).Run();
        return new(removed);
    }

    private const string SelectFailure =
        "SELECT id, author, protocol, endpoint, host, event, event_author, kind, notice, data, at, reason FROM microblog_failure";

    private static FailedDelivery ReadFailure(SqliteStatement row) => new(
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

    private static void ReadLanes(List<LaneStatus> list, int count, SqliteStatement query)
    {
        using (query.Bind(1, count))
        {
            while (list.Count < count && query.Step())
            {
                list.Add(new LaneStatus(
                    query.Int64(0),
                    new Lane(new ProfileId(query.Int64(1)), query.Text(2), query.Text(3), query.Text(4)),
                    Math.Min(query.Int32(9) + query.Int32(10), 1000),
                    Earlier(query.TimeOrNull(11), query.TimeOrNull(12)),
                    query.Int32(5),
                    query.TimeOrNull(6),
                    query.TimeOrNull(7),
                    query.Text(8)));
            }
        }
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one < other || other is null ? one : other;
}
