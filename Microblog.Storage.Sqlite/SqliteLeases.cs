using Microblog.Delivery;

namespace Microblog.Storage.Sqlite;

/// <summary>One call of <see cref="IDeliveryStore.LeaseAsync"/>: destinations that are due, and of each a few of its due lanes.</summary>
internal sealed class SqliteLeases(SqliteSession session, LeaseRequest request)
{
    private const int DestinationsAtOnce = 64;

    // Lanes whose events have been deleted are laid to rest on the way, but not an unlimited number of them in one turn.
    private const int RoundsPerDestination = 8;

    private readonly DateTimeOffset now = session.Now;
    private readonly DateTimeOffset end = session.Now + request.Duration;
    private readonly List<LeasedLane> leased = [];
    private long token;

    private int PerDestination => request.Failing ? 1 : request.PerDestination;

    public Lease Take()
    {
        var (due, id) = (long.MinValue, 0L);
        while (leased.Count < request.Lanes && Destinations(due, id, now.ToUnixTimeMilliseconds()) is { Count: > 0 } destinations)
        {
            foreach (var destination in destinations)
            {
                (due, id) = destination;
                if (leased.Count < request.Lanes)
                    TakeFrom(id);
            }
        }

        return new Lease(new LeaseToken(token), leased, NextDue());
    }

    private List<(long Due, long Id)> Destinations(long afterDue, long afterId, long until)
    {
        using var rows = session.Use(
            """
            SELECT next_due, id FROM microblog_destination INDEXED BY microblog_destination_due
            WHERE is_failing = ?1 AND next_due IS NOT NULL AND (next_due, id) > (?2, ?3) AND next_due <= ?4 ORDER BY next_due, id LIMIT ?5
            """).Bind(1, request.Failing).Bind(2, afterDue).Bind(3, afterId).Bind(4, until).Bind(5, DestinationsAtOnce);
        var list = new List<(long, long)>();
        while (rows.Step())
            list.Add((rows.Int64(0), rows.Int64(1)));
        return list;
    }

    private void TakeFrom(long destination)
    {
        var room = PerDestination - (int)Out(destination).Count;
        if (room <= 0)
            return;
        for (var round = 0; round < RoundsPerDestination && room > 0 && leased.Count < request.Lanes; round++)
        {
            var lanes = DueLanes(destination, Math.Min(room, request.Lanes - leased.Count));
            if (lanes.Count == 0)
                break;
            foreach (var lane in lanes)
                room -= TryTake(lane, destination) ? 1 : 0;
        }

        session.Lanes.Refresh(destination);
    }

    private List<LaneRow> DueLanes(long destination, int count)
    {
        using var rows = session.Use(
            """
            SELECT l.id, l.author, l.protocol, l.endpoint, d.host, l.follows_log, l.position, l.attempts, l.failing_since
            FROM microblog_lane l INDEXED BY microblog_lane_due CROSS JOIN microblog_destination d ON d.id = l.destination
            WHERE l.destination = ?1 AND l.due_at IS NOT NULL AND l.due_at <= ?2 ORDER BY l.due_at LIMIT ?3
            """).Bind(1, destination).Bind(2, now).Bind(3, count);
        var list = new List<LaneRow>();
        while (rows.Step())
        {
            list.Add(new LaneRow(
                rows.Int64(0),
                new Lane(new ProfileId(rows.Int64(1)), rows.Text(2), rows.Text(3), rows.Text(4)),
                rows.Bool(5),
                rows.Int64(6),
                rows.Int32(7),
                rows.TimeOrNull(8)));
        }

        return list;
    }

    private bool TryTake(LaneRow row, long destination)
    {
        var events = new SqliteEvents(session).Waiting(row.Id, row.Lane.Author, row.FollowsLog ? row.Position : long.MaxValue, request.PerLane);
        if (events.Count == 0)
        {
            Rest(row, destination);
            return false;
        }

        if (token == 0)
            token = session.Use("UPDATE microblog_lease SET last = last + 1 RETURNING last").RunScalar()!.Value;
        session.Use("UPDATE microblog_lane SET due_at = ?2, leased_until = ?2, token = ?3 WHERE id = ?1")
            .Bind(1, row.Id).Bind(2, end).Bind(3, token).Run();
        leased.Add(new LeasedLane(row.Id, row.Lane, row.Attempts, row.FailingSince, events));
        return true;
    }

    private void Rest(LaneRow row, long destination)
    {
        if (row.FollowsLog)
            session.Use("UPDATE microblog_lane SET due_at = NULL, leased_until = NULL, token = 0 WHERE id = ?1").Bind(1, row.Id).Run();
        else
            session.Lanes.Close(row.Id, row.Lane.Author.Value, destination);
    }

    private (long Count, long? FirstEnd) Out(long destination)
    {
        using var row = session.Use(
            """
            SELECT count(*), min(leased_until) FROM microblog_lane INDEXED BY microblog_lane_leased
            WHERE destination = ?1 AND leased_until IS NOT NULL AND leased_until > ?2
            """).Bind(1, destination).Bind(2, now);
        row.Step();
        return (row.Int64(0), row.Int64OrNull(1));
    }

    // A destination with no room left is looked at again when the first of its leases ends.
    private DateTimeOffset? NextDue()
    {
        long? next = null;
        var (due, id) = (long.MinValue, 0L);
        while (Destinations(due, id, long.MaxValue) is { Count: > 0 } destinations)
        {
            foreach (var destination in destinations)
            {
                (due, id) = destination;
                if (due >= next)
                    return Time(next);
                var (count, firstEnd) = Out(id);
                var candidate = count < PerDestination ? due : firstEnd!.Value;
                next = next < candidate ? next : candidate;
            }
        }

        return Time(next);
    }

    private static DateTimeOffset? Time(long? milliseconds) =>
        milliseconds is { } there ? DateTimeOffset.FromUnixTimeMilliseconds(there) : null;

    private sealed record LaneRow(long Id, Lane Lane, bool FollowsLog, long Position, int Attempts, DateTimeOffset? FailingSince);
}
