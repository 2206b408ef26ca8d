namespace Microblog.Storage.Postgres;

/// <summary>Closes lanes, however many, in two round trips.</summary>
internal sealed class PostgresLaneClosing(PostgresSession session)
{
    /// <summary>Closes those of the lanes that no active subscription needs, with what waits in them.</summary>
    /// <param name="lanes">The lanes' authors, protocols and endpoints; nobody else opens or closes lanes of these authors meanwhile.</param>
    public async ValueTask CloseUnneededAsync(IReadOnlyCollection<(long Author, string Protocol, string Endpoint)> lanes)
    {
        // Looked up one by one in the indexes, whatever the planner thinks of tables that have just grown.
        var closed = await session.Sql(
            """
            WITH wanted AS MATERIALIZED (
                SELECT u.author, u.protocol, u.endpoint FROM unnest($1, $2, $3) AS u (author, protocol, endpoint)
                WHERE (SELECT s.id FROM microblog.subscription s WHERE s.publisher = u.author AND s.protocol = u.protocol
                    AND s.endpoint = u.endpoint AND s.state = 1 LIMIT 1) IS NULL),
            unneeded AS MATERIALIZED (
                SELECT l.author, l.protocol, l.endpoint FROM wanted w CROSS JOIN LATERAL (
                    SELECT id, author, protocol, endpoint FROM microblog.lane
                    WHERE author = w.author AND protocol = w.protocol AND endpoint = w.endpoint FOR UPDATE) l
                ORDER BY l.id)
            DELETE FROM microblog.lane l USING unneeded u
            WHERE l.author = u.author AND l.protocol = u.protocol AND l.endpoint = u.endpoint
            RETURNING l.id, l.author, l.destination
            """)
            .Bind([.. lanes.Select(lane => lane.Author)]).Bind([.. lanes.Select(lane => lane.Protocol)]).Bind([.. lanes.Select(lane => lane.Endpoint)])
            .ListAsync(static row => (Id: row.Int64(0), Author: row.Int64(1), Destination: row.Int64(2))).ConfigureAwait(false);
        if (closed.Count == 0)
            return;
        session.Sql("DELETE FROM microblog.event WHERE lane = ANY ($1) AND lane <> 0").Bind([.. closed.Select(lane => lane.Id)]).Later();
        session.Lanes.MarkPrunableLater([.. closed.Select(lane => lane.Author)]);
        long[] destinations = [.. closed.Select(lane => lane.Destination).Distinct()];
        session.Lanes.LockDestinationsLater(destinations, mayClose: true);
        session.Lanes.RefreshLater(destinations);
        session.Lanes.CloseDestinationsLater(destinations);
    }
}
