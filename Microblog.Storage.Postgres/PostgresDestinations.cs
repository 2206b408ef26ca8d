using Microblog.Delivery;

namespace Microblog.Storage.Postgres;

/// <summary>Destinations as the operator sees them. A list looks at so many lanes of each, however many wait.</summary>
internal sealed class PostgresDestinations(PostgresSession session)
{
    private const string Select =
        """
        SELECT d.protocol, d.host, d.failing_since, d.not_before,
            (SELECT count(*)::integer FROM (SELECT 1 FROM microblog.lane WHERE destination = d.id AND due_at IS NOT NULL LIMIT 1000) l),
            (SELECT min(least(
                    (SELECT e.at FROM microblog.event e WHERE e.author = l.author AND e.lane = 0 AND l.follows_log AND e.number > l.position
                        ORDER BY e.number LIMIT 1),
                    (SELECT e.at FROM microblog.event e WHERE e.lane = l.id AND e.lane <> 0 ORDER BY e.number LIMIT 1)))
                FROM (SELECT id, author, follows_log, position FROM microblog.lane
                    WHERE destination = d.id AND due_at IS NOT NULL ORDER BY due_at LIMIT 100) l),
            d.failure
        FROM
        """;

    // Woken ones come from the notes that no lease has summed up yet.
    private const string Living =
        """
         (SELECT id, min(due) AS due FROM (
            (SELECT id, next_due AS due FROM microblog.destination WHERE NOT is_failing AND next_due IS NOT NULL ORDER BY next_due LIMIT $1)
            UNION ALL
            (SELECT w.destination, w.at FROM microblog.wake w JOIN microblog.destination d ON d.id = w.destination
                WHERE NOT d.is_failing ORDER BY w.at LIMIT $1)) either GROUP BY id) n
        JOIN microblog.destination d ON d.id = n.id ORDER BY n.due, n.id LIMIT $1
        """;

    public async ValueTask<IReadOnlyList<DestinationStatus>> ListAsync(int count)
    {
        var list = await session.Sql(
            Select + " microblog.destination d WHERE d.failing_since IS NOT NULL ORDER BY d.failing_since, d.id LIMIT $1")
            .Bind(count).ListAsync(Read).ConfigureAwait(false);
        if (list.Count < count)
            list.AddRange(await session.Sql(Select + Living).Bind(count - list.Count).ListAsync(Read).ConfigureAwait(false));
        return list;
    }

    /// <summary>Has every destination of this host that has something to send tried now.</summary>
    /// <returns>Whether there was one.</returns>
    public async ValueTask<bool> ProbeAsync(string host)
    {
        // A lane first, then its destination, as everybody does who locks both.
        session.Sql(
            """
            SELECT 1 FROM microblog.lane WHERE id IN (SELECT l.id FROM microblog.destination d
                CROSS JOIN LATERAL (SELECT id FROM microblog.lane
                    WHERE destination = d.id AND due_at IS NOT NULL AND leased_until IS NULL ORDER BY due_at LIMIT 1) l WHERE d.host = $1)
            ORDER BY id FOR NO KEY UPDATE
            """).Bind(host).Later();
        var destinations = await session.Sql(
            """
            SELECT id FROM microblog.destination d WHERE host = $1
                AND EXISTS (SELECT 1 FROM microblog.lane WHERE destination = d.id AND due_at IS NOT NULL)
            ORDER BY id FOR NO KEY UPDATE
            """).Bind(host).ListAsync(static row => row.Int64(0)).ConfigureAwait(false);
        if (destinations.Count == 0)
            return false;
        session.Sql(
            """
            UPDATE microblog.lane SET due_at = $2 WHERE due_at > $2 AND leased_until IS NULL AND id IN (
                SELECT l.id FROM unnest($1::bigint[]) AS d (id) CROSS JOIN LATERAL (SELECT id FROM microblog.lane
                    WHERE destination = d.id AND due_at IS NOT NULL AND leased_until IS NULL ORDER BY due_at LIMIT 1) l)
            """).Bind(destinations).Bind(session.Now).Later();
        session.Sql("UPDATE microblog.destination SET not_before = least(not_before, $2) WHERE id = ANY ($1)")
            .Bind(destinations).Bind(session.Now).Later();
        session.Lanes.RefreshLater(destinations);
        session.WakesWorkers = true;
        return true;
    }

    private static DestinationStatus Read(PostgresRow row) => new(
        row.Text(0),
        row.Text(1),
        row.TimeOrNull(2),
        row.IsNull(2) ? null : row.Time(3),
        row.Int32(4),
        row.TimeOrNull(5),
        row.Text(6));
}
