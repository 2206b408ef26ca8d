using Microblog.Delivery;

namespace Microblog.Storage.Sqlite;

/// <summary>Destinations as the operator sees them. A list looks at so many lanes of each, however many wait.</summary>
internal sealed class SqliteDestinations(SqliteSession session)
{
    private const string Select =
        """
        SELECT d.protocol, d.host, d.failing_since, d.not_before,
            (SELECT count(*) FROM (SELECT 1 FROM microblog_lane l INDEXED BY microblog_lane_due
                WHERE l.destination = d.id AND l.due_at IS NOT NULL LIMIT 1000)),
            (SELECT min(coalesce(
                    (SELECT e.at FROM microblog_event e WHERE e.author = l.author AND e.lane = 0 AND l.follows_log AND e.number > l.position
                        ORDER BY e.number LIMIT 1),
                    (SELECT e.at FROM microblog_event e WHERE e.lane = l.id AND e.lane <> 0 ORDER BY e.number LIMIT 1)))
                FROM (SELECT id, author, follows_log, position FROM microblog_lane INDEXED BY microblog_lane_due
                    WHERE destination = d.id AND due_at IS NOT NULL ORDER BY due_at LIMIT 100) l),
            d.failure
        FROM microblog_destination d INDEXED BY
        """;

    public List<DestinationStatus> List(int count)
    {
        var list = new List<DestinationStatus>();
        Read(list, count, session.Use(
            Select + " microblog_destination_failing WHERE d.failing_since IS NOT NULL ORDER BY d.failing_since LIMIT ?1"));
        Read(list, count, session.Use(
            Select + " microblog_destination_due WHERE d.is_failing = 0 AND d.next_due IS NOT NULL ORDER BY d.next_due LIMIT ?1"));
        return list;
    }

    /// <summary>Has every destination of this host that has something to send tried now.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Probe(string host)
    {
        var destinations = new List<long>();
        using (var rows = session.Use("SELECT id FROM microblog_destination WHERE host = ?1 AND next_due IS NOT NULL").Bind(1, host))
        {
            while (rows.Step())
                destinations.Add(rows.Int64(0));
        }

        foreach (var destination in destinations)
        {
            session.Use(
                """
                UPDATE microblog_lane SET due_at = ?2 WHERE due_at > ?2 AND id = (SELECT id FROM microblog_lane INDEXED BY microblog_lane_due
                    WHERE destination = ?1 AND due_at IS NOT NULL AND leased_until IS NULL ORDER BY due_at LIMIT 1)
                """).Bind(1, destination).Bind(2, session.Now).Run();
            session.Use("UPDATE microblog_destination SET not_before = min(not_before, ?2) WHERE id = ?1")
                .Bind(1, destination).Bind(2, session.Now).Run();
            session.Lanes.Refresh(destination);
        }

        return destinations.Count > 0;
    }

    private static void Read(List<DestinationStatus> list, int count, SqliteStatement query)
    {
        using (query.Bind(1, count))
        {
            while (list.Count < count && query.Step())
            {
                var failingSince = query.TimeOrNull(2);
                list.Add(new DestinationStatus(
                    query.Text(0),
                    query.Text(1),
                    failingSince,
                    failingSince is null ? null : query.Time(3),
                    query.Int32(4),
                    query.TimeOrNull(5),
                    query.Text(6)));
            }
        }
    }
}
