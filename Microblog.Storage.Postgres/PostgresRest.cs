namespace Microblog.Storage.Postgres;

/// <summary>Lays leased or locked lanes to rest in which nothing waits, unless something is just being published.</summary>
/// <remarks>A publisher wakes the lanes that it sees at rest, and a lane goes to rest when no event is seen: one of the two has to wait
/// for the other. So whoever lays a lane to rest shares its author's log, which publishers lock, and when it is not to be had
/// looks again a little later instead of waiting.</remarks>
internal sealed class PostgresRest(PostgresSession session)
{
    /// <summary>When a lane is looked at again whose author is publishing.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>Shares the log of the row's author if nobody is writing to it.</summary>
    public static readonly string TryShareLog = $"pg_try_advisory_xact_lock_shared({(int)PostgresLock.Log}, hashint8(author))";

    /// <summary>Lays lanes to rest that this transaction has locked, and closes those that were there for single events.</summary>
    public async ValueTask LayAsync(IReadOnlyList<EmptyLane> lanes)
    {
        var following = lanes.Where(static lane => lane.FollowsLog).ToList();
        var shared = await session.Sql("SELECT author FROM (SELECT DISTINCT unnest($1::bigint[]) AS author) a WHERE " + TryShareLog)
            .Bind([.. following.Select(static lane => lane.Author)]).ListAsync(static row => row.Int64(0)).ConfigureAwait(false);
        session.Sql(
            $"""
            UPDATE microblog.lane l SET leased_until = NULL, token = 0, due_at = CASE
                WHEN {PostgresEvents.IsAnyWaiting("l.id", "l.author", "l.follows_log", "l.position")} THEN $3::bigint
                WHEN NOT l.author = ANY ($4) THEN $5::bigint END
            FROM unnest($1::bigint[], $2::bigint[]) AS s (author, id) WHERE l.author = s.author AND l.id = s.id
            """)
            .Bind([.. following.Select(static lane => lane.Author)]).Bind([.. following.Select(static lane => lane.Id)])
            .Bind(session.Now).Bind(shared).Bind(session.Now + LookAgain).Later();
        CloseLater([.. lanes.Where(static lane => !lane.FollowsLog)]);
    }

    /// <summary>Closes locked lanes that were there for single events, of which none is left.</summary>
    public void CloseLater(IReadOnlyList<EmptyLane> lanes)
    {
        if (lanes.Count == 0)
            return;
        session.Sql(
            """
            DELETE FROM microblog.lane l USING unnest($1::bigint[], $2::bigint[]) AS s (author, id)
            WHERE l.author = s.author AND l.id = s.id AND NOT EXISTS (SELECT 1 FROM microblog.event WHERE lane = l.id AND lane <> 0)
            """).Bind([.. lanes.Select(static lane => lane.Author)]).Bind([.. lanes.Select(static lane => lane.Id)]).Later();
        var destinations = lanes.Select(static lane => lane.Destination).ToHashSet();
        session.Lanes.LockDestinationsLater(destinations, mayClose: true);
        session.Lanes.CloseDestinationsLater(destinations);
    }
}

/// <summary>A lane in which nothing was seen to wait.</summary>
internal sealed record EmptyLane(long Id, long Author, long Destination, bool FollowsLog);
