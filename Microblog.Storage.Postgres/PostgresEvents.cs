using Microblog.Delivery;

namespace Microblog.Storage.Postgres;

/// <summary>The authors' logs, and the events that are for one lane alone.</summary>
/// <remarks>Both are numbered while the author's log is locked: a lane that has read number 7 must never be shown a 6 afterwards.</remarks>
internal sealed class PostgresEvents(PostgresSession session)
{
    /// <summary>The next events of a lane <c>l</c>, for <c>LATERAL</c>: of its author's log after its position, and its own, in one order.</summary>
    public static string Waiting(string count) =>
        $"""
        (SELECT * FROM (
            (SELECT number, author, kind, notice, data, at FROM microblog.event
                WHERE l.follows_log AND author = l.author AND lane = 0 AND number > l.position ORDER BY number LIMIT {count})
            UNION ALL
            (SELECT number, author, kind, notice, data, at FROM microblog.event
                WHERE lane = l.id AND lane <> 0 ORDER BY number LIMIT {count})) either
        ORDER BY number LIMIT {count})
        """;

    /// <summary>Whether anything waits in a lane of this number, author and position.</summary>
    public static string IsAnyWaiting(string id, string author, string followsLog, string position) =>
        $"""
        (EXISTS (SELECT 1 FROM microblog.event WHERE lane = {id} AND lane <> 0)
            OR {followsLog} AND EXISTS (SELECT 1 FROM microblog.event WHERE author = {author} AND lane = 0 AND number > {position}))
        """;

    /// <summary>Adds to the author's log, unless nobody reads it: a lane begins with the next event.</summary>
    public void AppendLater(DeliveryEvent item)
    {
        session.LockLater(PostgresLock.Log, item.Author.Value);
        if (item.Kind == DeliveryEventKind.Profile)
            session.Sql("DELETE FROM microblog.event WHERE author = $1 AND lane = 0 AND kind = 1").Bind(item.Author.Value).Later();
        session.Sql(
            """
            INSERT INTO microblog.event (author, lane, destination, kind, notice, data, at) SELECT $1, 0, 0, $2, $3, $4, $5
            WHERE EXISTS (SELECT 1 FROM microblog.lane WHERE author = $1 AND follows_log)
            """)
            .Bind(item.Author.Value).Bind((int)item.Kind).Bind(item.Notice.Value).Bind(item.Data).Bind(session.Now).Later();
    }

    /// <summary>Adds an event for one lane and wakes it. Its author's log and the lane are locked.</summary>
    public void AppendLater(ProfileId author, long lane, DeliveryEvent item)
    {
        session.Sql(
            """
            INSERT INTO microblog.event (author, lane, destination, kind, notice, data, at)
            SELECT $3, id, destination, $4, $5, $6, $7 FROM microblog.lane WHERE author = $1 AND id = $2
            """)
            .Bind(author.Value).Bind(lane).Bind(item.Author.Value).Bind((int)item.Kind).Bind(item.Notice.Value).Bind(item.Data)
            .Bind(session.Now).Later();
        session.Lanes.WakeLater(author, lane);
    }

    public static DeliveryEvent Read(PostgresRow row, int column) => new()
    {
        Number = row.Int64(column),
        Author = new ProfileId(row.Int64(column + 1)),
        Kind = (DeliveryEventKind)row.Int32(column + 2),
        Notice = new NoticeId(row.Int64(column + 3)),
        Data = row.Text(column + 4),
    };
}
