using System.Globalization;
using Microblog.Delivery;

namespace Microblog.Storage.Postgres;

/// <summary>One call of <see cref="IDeliveryStore.LeaseAsync"/>: destinations that are due, and of each a few of its due lanes.</summary>
/// <remarks>Destinations stay locked until the commit, so that their limit holds over all processes. What others hold is skipped: a lease
/// waits for nobody. However many lanes wait, it looks at no more of them than it may take.</remarks>
internal sealed class PostgresLeases(PostgresSession session, LeaseRequest request)
{
    // Lanes whose events have been deleted are laid to rest on the way, but not an unlimited number of them in one turn.
    private const int Rounds = 8;
    private const int NotesAtOnce = 500;

    private readonly List<LeasedLane> leased = [];
    private long token;

    private bool IsFull => leased.Count > 0 && leased.Count == request.Lanes;

    private int PerDestination => request.Failing ? 1 : request.PerDestination;

    public async ValueTask<Lease> TakeAsync()
    {
        SumUpNotesLater();
        var destinations = await LockDestinationsAsync().ConfigureAwait(false);
        for (var round = 0; destinations.Count > 0 && round < Rounds && leased.Count < request.Lanes; round++)
        {
            var empty = await TakeLanesAsync(destinations).ConfigureAwait(false);
            if (empty.Count == 0)
                break;
            await new PostgresRest(session).LayAsync(empty).ConfigureAwait(false);
        }

        if (destinations.Count > 0)
            session.Lanes.RefreshLater(destinations);
        // After a full one there may be more at once, so nobody looks when.
        return new Lease(new LeaseToken(token), leased, IsFull ? session.Now : await NextDueAsync().ConfigureAwait(false));
    }

    // Only ever to an earlier time, so that it needs no look at the lanes.
    private void SumUpNotesLater() => session.Sql(
        """
        WITH note AS MATERIALIZED (
            SELECT w.ctid AS place, w.destination, w.at FROM microblog.wake w JOIN microblog.destination d ON d.id = w.destination
            LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED),
        gone AS (DELETE FROM microblog.wake WHERE ctid = ANY (ARRAY(SELECT place FROM note)))
        UPDATE microblog.destination d SET next_due = least(d.next_due, greatest(d.not_before, n.at))
        FROM (SELECT destination, min(at) AS at FROM note GROUP BY destination) n
        WHERE d.id = n.destination AND (d.next_due IS NULL OR d.next_due > greatest(d.not_before, n.at))
        """).Bind(NotesAtOnce).Later();

    private ValueTask<List<long>> LockDestinationsAsync() => session.Sql(
        """
        SELECT id FROM microblog.destination d WHERE is_failing = $1 AND next_due <= $2
            AND (SELECT count(*) FROM (SELECT 1 FROM microblog.lane
                WHERE destination = d.id AND leased_until > $2 LIMIT $3) o) < $3
        ORDER BY next_due, id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED
        """).Bind(request.Failing).Bind(session.Now).Bind(PerDestination).Bind(request.Lanes)
        .ListAsync(static row => row.Int64(0));

    // One of each destination before a second one of any: lanes to the same one wait for its first answer, and are settled one after the other.
    /// <returns>The lanes in which nothing waits.</returns>
    private async ValueTask<List<EmptyLane>> TakeLanesAsync(List<long> destinations)
    {
        // As a number: with a parameter the planner expects a tenth of the destination's lanes, and sorts them all.
        var few = PerDestination.ToString(CultureInfo.InvariantCulture);
        var rows = await session.Sql(
            $"""
            WITH picked AS MATERIALIZED (
                SELECT l.author, l.id, d.place, l.turn FROM unnest($1::bigint[]) WITH ORDINALITY AS d (id, place)
                CROSS JOIN LATERAL (SELECT count(*) AS lanes FROM (SELECT 1 FROM microblog.lane
                    WHERE destination = d.id AND leased_until > $2 LIMIT $3) o) o
                CROSS JOIN LATERAL (SELECT *, row_number() OVER () AS turn FROM (SELECT author, id FROM microblog.lane
                    WHERE destination = d.id AND due_at <= $2 ORDER BY due_at LIMIT {few}) l LIMIT $3 - o.lanes) l
                ORDER BY l.turn, d.place LIMIT $4),
            held AS MATERIALIZED (
                SELECT l.id, l.author, l.protocol, l.endpoint, l.destination, l.follows_log, l.position, l.attempts, l.failing_since, p.place, p.turn
                FROM picked p JOIN microblog.lane l ON l.author = p.author AND l.id = p.id WHERE l.due_at <= $2
                FOR NO KEY UPDATE OF l SKIP LOCKED),
            batch AS MATERIALIZED (
                SELECT l.id AS lane, l.author AS owner, e.* FROM held l CROSS JOIN LATERAL {PostgresEvents.Waiting("$5")} e),
            ticket AS MATERIALIZED (SELECT CASE WHEN $7 = 0 THEN nextval('microblog.lease_token') ELSE $7 END AS token),
            taken AS (
                UPDATE microblog.lane l SET due_at = $6, leased_until = $6, token = ticket.token
                FROM (SELECT DISTINCT owner, lane FROM batch) b CROSS JOIN ticket WHERE l.author = b.owner AND l.id = b.lane)
            SELECT l.id, l.author, l.protocol, l.endpoint, d.host, l.attempts, l.failing_since, l.destination, l.follows_log, ticket.token,
                b.number, b.author, b.kind, b.notice, b.data
            FROM held l JOIN microblog.destination d ON d.id = l.destination CROSS JOIN ticket LEFT JOIN batch b ON b.lane = l.id
            ORDER BY l.turn, l.place, b.number
            """)
            .Bind(destinations).Bind(session.Now).Bind(PerDestination).Bind(request.Lanes - leased.Count).Bind(request.PerLane)
            .Bind(session.Now + request.Duration).Bind(token).ListAsync(ReadRow).ConfigureAwait(false);
        var empty = new List<EmptyLane>();
        foreach (var lane in rows.GroupBy(static row => row.Lane.Id))
        {
            var first = lane.First();
            if (first.Event is null)
                empty.Add(new EmptyLane(first.Lane.Id, first.Lane.Lane.Author.Value, first.Destination, first.FollowsLog));
            else
                leased.Add(first.Lane with { Events = [.. lane.Select(static row => row.Event!)] });
        }

        if (leased.Count > 0)
            token = token == 0 ? rows[0].Token : token;
        return empty;
    }

    private static Row ReadRow(PostgresRow row) => new(
        new LeasedLane(
            row.Int64(0), new Lane(new ProfileId(row.Int64(1)), row.Text(2), row.Text(3), row.Text(4)), row.Int32(5), row.TimeOrNull(6), []),
        row.Int64(7),
        row.Bool(8),
        row.Int64(9),
        row.IsNull(10) ? null : PostgresEvents.Read(row, 10));

    // A destination with no room left is looked at again when the first of its leases ends. There are no more of those than leases.
    private async ValueTask<DateTimeOffset?> NextDueAsync()
    {
        var next = await session.Sql(
            """
            WITH roomy AS MATERIALIZED (
                SELECT next_due FROM microblog.destination d WHERE is_failing = $1 AND next_due IS NOT NULL
                    AND (SELECT count(*) FROM (SELECT 1 FROM microblog.lane WHERE destination = d.id AND leased_until > $2 LIMIT $3) o) < $3
                ORDER BY next_due, id LIMIT 1)
            SELECT least(
                (SELECT next_due FROM roomy),
                (SELECT min(o.first_end) FROM microblog.destination d
                    CROSS JOIN LATERAL (SELECT count(*) AS lanes, min(leased_until) AS first_end FROM microblog.lane
                        WHERE destination = d.id AND leased_until > $2) o
                    WHERE d.is_failing = $1 AND d.next_due <= coalesce((SELECT next_due FROM roomy), 9223372036854775807) AND o.lanes >= $3),
                (SELECT min(greatest(w.at, d.not_before)) FROM microblog.wake w JOIN microblog.destination d ON d.id = w.destination
                    WHERE d.is_failing = $1))
            """).Bind(request.Failing).Bind(session.Now).Bind(PerDestination).ScalarAsync().ConfigureAwait(false);
        return next is { } there ? DateTimeOffset.FromUnixTimeMilliseconds(there) : null;
    }

    private sealed record Row(LeasedLane Lane, long Destination, bool FollowsLog, long Token, DeliveryEvent? Event);
}
