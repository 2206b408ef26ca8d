using Microblog.Delivery;

namespace Microblog.Storage.Postgres;

/// <summary>One call of <see cref="IDeliveryStore.SettleAsync"/>: looks which lanes are held, and sends all the rest with the commit.</summary>
internal sealed class PostgresSettlement(PostgresSession session, IReadOnlyList<LaneSettlement> settlements)
{
    public async ValueTask<int> ApplyAsync()
    {
        if (settlements.Count == 0)
            return 0;
        var lanes = await HoldAsync().ConfigureAwait(false);
        if (lanes.Count == 0)
            return 0;
        var mayClose = lanes.Where(static lane => lane.IsDone && !lane.FollowsLog)
            .Select(static lane => new EmptyLane(lane.Id, lane.Author, lane.Destination, FollowsLog: false)).ToList();
        var destinations = lanes.Select(static lane => lane.Destination).Distinct().ToList();
        session.Lanes.LockDestinationsLater(destinations, mayClose.Count > 0);
        KeepRefusedLater(lanes);
        session.Sql(
            """
            DELETE FROM microblog.event e USING unnest($1::bigint[], $2::bigint[]) AS s (lane, through)
            WHERE e.lane = s.lane AND e.lane <> 0 AND e.number <= s.through
            """).Bind([.. lanes.Select(static lane => lane.Id)]).Bind([.. lanes.Select(static lane => lane.End.Through)]).Later();
        session.Lanes.MarkPrunableLater([.. lanes.Where(static lane => lane.GotOn).Select(static lane => lane.Author)]);
        UpdateLater(lanes);
        new PostgresRest(session).CloseLater(mayClose);
        UpdateDestinationsLater(lanes, destinations);
        session.WakesWorkers |= lanes.Exists(static lane => lane.IsReleased);
        return lanes.Count;
    }

    // Looked up one by one in the index, in the order of their numbers. Only leased lanes have a token; asking for leased_until as well
    // would have the planner walk the index of all that are out.
    private async ValueTask<List<HeldLane>> HoldAsync()
    {
        var ends = settlements.ToDictionary(static settlement => settlement.LaneId);
        var sorted = settlements.OrderBy(static settlement => settlement.LaneId).ToList();
        return await session.Sql(
            $"""
            SELECT id, author, destination, follows_log, position, attempts, failing_since, CASE WHEN follows_log THEN {PostgresRest.TryShareLog} END,
                pg_current_xact_id()::text::bigint
            FROM unnest($1::bigint[], $2::bigint[]) AS s (lane, held)
            CROSS JOIN LATERAL (SELECT * FROM microblog.lane WHERE id = s.lane AND token = s.held AND s.held <> 0 FOR NO KEY UPDATE) l
            """)
            .Bind([.. sorted.Select(static settlement => settlement.LaneId)])
            .Bind([.. sorted.Select(static settlement => settlement.Token.Value)])
            .ListAsync(row =>
            {
                // What is settled cannot be settled again, and whoever was given up on is told once: so this one has to know its outcome.
                session.Number = row.Int64(8);
                return new HeldLane(
                    row.Int64(0), row.Int64(1), row.Int64(2), row.Bool(3), row.Int64(4), row.Int32(5), row.TimeOrNull(6),
                    IsLogShared: !row.IsNull(7) && row.Bool(7), ends[row.Int64(0)]);
            }).ConfigureAwait(false);
    }

    private void KeepRefusedLater(List<HeldLane> lanes)
    {
        var refused = lanes.SelectMany(static lane => lane.End.Refused, static (lane, refused) => (lane.Id, refused.Event, refused.Reason)).ToList();
        if (refused.Count == 0)
            return;
        session.Sql(
            """
            INSERT INTO microblog.failure (author, protocol, endpoint, host, event, event_author, kind, notice, data, at, reason)
            SELECT l.author, l.protocol, l.endpoint, d.host, e.number, e.author, e.kind, e.notice, e.data, $4, s.reason
            FROM unnest($1::bigint[], $2::bigint[], $3::text[]) WITH ORDINALITY AS s (lane, event, reason, place)
            JOIN microblog.lane l ON l.id = s.lane JOIN microblog.destination d ON d.id = l.destination
            JOIN microblog.event e ON e.number = s.event
            ORDER BY s.place
            """)
            .Bind([.. refused.Select(static item => item.Id)]).Bind([.. refused.Select(static item => item.Event)])
            .Bind([.. refused.Select(static item => item.Reason)]).Bind(session.Now).Later();
    }

    private void UpdateLater(List<HeldLane> lanes)
    {
        var now = session.Now;
        session.Sql(
            $"""
            UPDATE microblog.lane l SET position = s.position, attempts = s.attempts, failing_since = s.failing_since,
                failure = coalesce(s.failure, l.failure), leased_until = NULL, token = 0, due_at = CASE
                    WHEN s.due_at IS NOT NULL THEN s.due_at
                    WHEN {PostgresEvents.IsAnyWaiting("s.id", "s.author", "l.follows_log", "s.position")} THEN $9
                    ELSE s.look_again END
            FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::integer[], $5::bigint[], $6::text[], $7::bigint[], $8::bigint[])
                AS s (author, id, position, attempts, failing_since, failure, due_at, look_again)
            WHERE l.author = s.author AND l.id = s.id
            """)
            .Bind([.. lanes.Select(static lane => lane.Author)]).Bind([.. lanes.Select(static lane => lane.Id)])
            .Bind([.. lanes.Select(static lane => lane.NewPosition)]).Bind([.. lanes.Select(static lane => lane.NewAttempts)])
            .Bind([.. lanes.Select(lane => lane.NewFailingSince(now)?.ToUnixTimeMilliseconds())])
            .Bind([.. lanes.Select(static lane => lane.IsReleased ? null : lane.End.Failure)])
            .Bind([.. lanes.Select(lane => (lane.IsReleased ? now : lane.End.RetryAt)?.ToUnixTimeMilliseconds())])
            .Bind([.. lanes.Select(lane => lane.IsLogShared ? (long?)null : (now + PostgresRest.LookAgain).ToUnixTimeMilliseconds())])
            .Bind(now).Later();
    }

    // In the same statement when the lanes come due next, for most destinations change in this alone or not at all.
    private void UpdateDestinationsLater(List<HeldLane> lanes, List<long> destinations)
    {
        var failing = lanes.Where(static lane => lane.End is { RetryAt: not null, IsDestinationFailing: true })
            .GroupBy(static lane => lane.Destination).ToDictionary(static group => group.Key, static group => group.Last().End);
        var living = lanes.Where(static lane => lane.IsDone).Select(static lane => lane.Destination).ToHashSet();
        session.Sql(
            """
            UPDATE microblog.destination d SET is_failing = s.is_failing, not_before = s.not_before, failing_since = s.failing_since,
                failure = s.failure, next_due = CASE WHEN s.first_due IS NOT NULL THEN greatest(s.not_before, s.first_due) END
            FROM (SELECT s.id, l.due_at AS first_due,
                    s.retry_at IS NOT NULL OR d.is_failing AND NOT s.is_living AS is_failing,
                    CASE WHEN s.retry_at IS NOT NULL THEN s.retry_at WHEN s.is_living THEN 0 ELSE d.not_before END AS not_before,
                    CASE WHEN s.retry_at IS NOT NULL THEN coalesce(d.failing_since, $5) WHEN NOT s.is_living THEN d.failing_since END AS failing_since,
                    CASE WHEN s.retry_at IS NOT NULL THEN s.failure WHEN s.is_living THEN '' ELSE d.failure END AS failure
                FROM unnest($1::bigint[], $2::boolean[], $3::bigint[], $4::text[]) AS s (id, is_living, retry_at, failure)
                JOIN microblog.destination d ON d.id = s.id
                LEFT JOIN LATERAL (SELECT due_at FROM microblog.lane
                    WHERE destination = s.id AND due_at IS NOT NULL ORDER BY due_at LIMIT 1) l ON true) s
            WHERE d.id = s.id AND (d.is_failing, d.not_before, d.failing_since, d.failure, d.next_due) IS DISTINCT FROM
                (s.is_failing, s.not_before, s.failing_since, s.failure, CASE WHEN s.first_due IS NOT NULL THEN greatest(s.not_before, s.first_due) END)
            """)
            .Bind(destinations).Bind([.. destinations.Select(living.Contains)])
            .Bind([.. destinations.Select(id => failing.GetValueOrDefault(id)?.RetryAt?.ToUnixTimeMilliseconds())])
            .Bind([.. destinations.Select(id => failing.GetValueOrDefault(id)?.Failure ?? "")]).Bind(session.Now).Later();
    }

    /// <summary>A lane that is still held, as it stands, and how its lease ended.</summary>
    private sealed record HeldLane(
        long Id, long Author, long Destination, bool FollowsLog, long Position, int Attempts, DateTimeOffset? FailingSince, bool IsLogShared,
        LaneSettlement End)
    {
        public bool GotOn => End.Through > Position;

        public long NewPosition => Math.Max(Position, End.Through);

        public bool IsReleased => End is { RetryAt: null, IsReleased: true } && !GotOn;

        public bool IsDone => End.RetryAt is null && !IsReleased;

        // Progress begins a new row of failures.
        public int NewAttempts => IsDone ? 0 : IsReleased ? Attempts : GotOn ? 1 : Attempts + 1;

        public DateTimeOffset? NewFailingSince(DateTimeOffset now) =>
            IsDone ? null : IsReleased ? FailingSince : GotOn ? now : FailingSince ?? now;
    }
}
