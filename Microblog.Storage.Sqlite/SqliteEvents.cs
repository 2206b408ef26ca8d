using Microblog.Delivery;

namespace Microblog.Storage.Sqlite;

/// <summary>The authors' logs, and the events that are for one lane alone.</summary>
internal sealed class SqliteEvents(SqliteSession session)
{
    /// <summary>The next events of a lane: of its author's log after <paramref name="position"/>, and its own, in one order.</summary>
    public List<DeliveryEvent> Waiting(long lane, ProfileId author, long position, int count)
    {
        var list = new List<DeliveryEvent>();
        Read(list, session.Use("SELECT number, author, kind, notice, data FROM microblog_event WHERE lane = ?1 AND lane <> 0 ORDER BY number LIMIT ?2")
            .Bind(1, lane).Bind(2, count));
        var own = list.Count;
        if (position < long.MaxValue)
        {
            Read(list, session.Use(
                "SELECT number, author, kind, notice, data FROM microblog_event WHERE author = ?1 AND lane = 0 AND number > ?2 ORDER BY number LIMIT ?3")
                .Bind(1, author.Value).Bind(2, position).Bind(3, count));
        }

        if (own > 0 && list.Count > own)
        {
            list.Sort(static (one, other) => one.Number.CompareTo(other.Number));
            if (list.Count > count)
                list.RemoveRange(count, list.Count - count);
        }

        return list;
    }

    public bool IsAnyWaiting(long lane, long author, bool followsLog, long position) => session.Use(
        """
        SELECT 1 WHERE EXISTS (SELECT 1 FROM microblog_event WHERE lane = ?1 AND lane <> 0)
            OR (?3 AND EXISTS (SELECT 1 FROM microblog_event WHERE author = ?2 AND lane = 0 AND number > ?4))
        """).Bind(1, lane).Bind(2, author).Bind(3, followsLog).Bind(4, position).RunScalar() is not null;

    /// <summary>Adds to the author's log, unless nobody reads it: a lane begins with the next event.</summary>
    public bool TryAppend(DeliveryEvent item)
    {
        var isRead = session.Use("SELECT 1 FROM microblog_lane WHERE author = ?1 AND follows_log = 1 LIMIT 1")
            .Bind(1, item.Author.Value).RunScalar() is not null;
        if (!isRead)
            return false;
        if (item.Kind == DeliveryEventKind.Profile)
            session.Use("DELETE FROM microblog_event WHERE author = ?1 AND lane = 0 AND kind = 1").Bind(1, item.Author.Value).Run();
        Insert(item, lane: 0, destination: 0);
        return true;
    }

    /// <summary>Adds an event for one lane and wakes it.</summary>
    public void AppendTo(long lane, DeliveryEvent item)
    {
        var destination = session.Use("SELECT destination FROM microblog_lane WHERE id = ?1").Bind(1, lane).RunScalar()!.Value;
        Insert(item, lane, destination);
        session.Lanes.Wake(lane);
    }

    private static void Read(List<DeliveryEvent> list, SqliteStatement query)
    {
        using (query)
        {
            while (query.Step())
            {
                list.Add(new DeliveryEvent
                {
                    Number = query.Int64(0),
                    Author = new ProfileId(query.Int64(1)),
                    Kind = (DeliveryEventKind)query.Int32(2),
                    Notice = new NoticeId(query.Int64(3)),
                    Data = query.Text(4),
                });
            }
        }
    }

    private void Insert(DeliveryEvent item, long lane, long destination) => session.Use(
        "INSERT INTO microblog_event (author, lane, destination, kind, notice, data, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .Bind(1, item.Author.Value).Bind(2, lane).Bind(3, destination).Bind(4, (int)item.Kind).Bind(5, item.Notice.Value)
        .Bind(6, item.Data).Bind(7, session.Now).Run();
}
