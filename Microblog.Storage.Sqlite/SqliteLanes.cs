using Microblog.Delivery;

namespace Microblog.Storage.Sqlite;

/// <summary>What lanes need from more than one facet: opening, closing, waking, and their destination's next turn.</summary>
internal sealed class SqliteLanes(SqliteSession session)
{
    /// <summary>Opens the lane for its author's log, from the next event on.</summary>
    public void Follow(Lane lane)
    {
        if (Find(lane) is not { } id)
            id = Open(lane);
        session.Use(
            """
            UPDATE microblog_lane SET follows_log = 1,
                position = coalesce((SELECT max(number) FROM microblog_event WHERE author = ?2 AND lane = 0), 0)
            WHERE id = ?1 AND follows_log = 0
            """).Bind(1, id).Bind(2, lane.Author.Value).Run();
    }

    /// <summary>Has a lane go on at another endpoint; while the old one is needed, a second one begins where it stands.</summary>
    public void Move(Lane from, Lane to, bool isFromNeeded)
    {
        if (Find(from) is not { } id || Find(to) is not null)
            return;
        if (isFromNeeded)
        {
            var second = Open(to);
            session.Use(
                "UPDATE microblog_lane SET follows_log = 1, position = (SELECT position FROM microblog_lane WHERE id = ?2) WHERE id = ?1")
                .Bind(1, second).Bind(2, id).Run();
            Wake(second);
            return;
        }

        var old = session.Use("SELECT destination FROM microblog_lane WHERE id = ?1").Bind(1, id).RunScalar()!.Value;
        var destination = OpenDestination(to);
        session.Use("UPDATE microblog_lane SET endpoint = ?2, destination = ?3 WHERE id = ?1")
            .Bind(1, id).Bind(2, to.Endpoint).Bind(3, destination).Run();
        session.Use("UPDATE microblog_event SET destination = ?2 WHERE lane = ?1 AND lane <> 0").Bind(1, id).Bind(2, destination).Run();
        CloseDestination(old);
        Refresh(old);
        Refresh(destination);
    }

    public long? Find(Lane lane) => session.Use(
        "SELECT id FROM microblog_lane WHERE author = ?1 AND protocol = ?2 AND endpoint = ?3")
        .Bind(1, lane.Author.Value).Bind(2, lane.Protocol).Bind(3, lane.Endpoint).RunScalar();

    /// <summary>Opens a lane that carries only the events that name it.</summary>
    public long Open(Lane lane)
    {
        session.Use("INSERT INTO microblog_lane (author, protocol, endpoint, destination, follows_log, position) VALUES (?1, ?2, ?3, ?4, 0, 0)")
            .Bind(1, lane.Author.Value).Bind(2, lane.Protocol).Bind(3, lane.Endpoint).Bind(4, OpenDestination(lane)).Run();
        return session.Use("SELECT last_insert_rowid()").RunScalar()!.Value;
    }

    public void Close(Lane lane)
    {
        if (Find(lane) is { } id)
            Close(id, lane.Author.Value, session.Use("SELECT destination FROM microblog_lane WHERE id = ?1").Bind(1, id).RunScalar()!.Value);
    }

    public void Close(long id, long author, long destination)
    {
        session.Use("DELETE FROM microblog_event WHERE lane = ?1 AND lane <> 0").Bind(1, id).Run();
        session.Use("DELETE FROM microblog_lane WHERE id = ?1").Bind(1, id).Run();
        CloseDestination(destination);
        MarkPrunable(author);
        Refresh(destination);
    }

    /// <summary>Remembers that lanes of the author have moved, so that events may be passed by all.</summary>
    public void MarkPrunable(long author) =>
        session.Use("INSERT OR IGNORE INTO microblog_prunable (author) VALUES (?1)").Bind(1, author).Run();

    /// <summary>Wakes idle lanes of an author that have not read the whole log, and leaves a job for those beyond the count.</summary>
    /// <returns>How many it woke.</returns>
    public int Wake(ProfileId author, int count)
    {
        const string Idle =
            """
            FROM microblog_lane INDEXED BY microblog_lane_idle WHERE author = ?1 AND follows_log = 1 AND due_at IS NULL
                AND position < (SELECT max(number) FROM microblog_event WHERE author = ?1 AND lane = 0)
            """;
        var destinations = new HashSet<long>();
        var woken = 0;
        using (var rows = session.Use(
            "UPDATE microblog_lane SET due_at = ?2 WHERE id IN (SELECT id " + Idle + " ORDER BY position LIMIT ?3) RETURNING destination")
            .Bind(1, author.Value).Bind(2, session.Now).Bind(3, count))
        {
            for (; rows.Step(); woken++)
                destinations.Add(rows.Int64(0));
        }

        foreach (var destination in destinations)
            MakeDue(destination);
        if (woken == count && session.Use("SELECT 1 " + Idle + " LIMIT 1").Bind(1, author.Value).RunScalar() is not null)
        {
            session.Use("INSERT OR IGNORE INTO microblog_job (notice, author, after, through) VALUES (0, ?1, 0, 0)")
                .Bind(1, author.Value).Run();
        }

        return woken;
    }

    /// <summary>Wakes one lane if it is idle.</summary>
    public void Wake(long id)
    {
        var destination = session.Use("SELECT destination FROM microblog_lane WHERE id = ?1 AND due_at IS NULL").Bind(1, id).RunScalar();
        if (destination is null)
            return;
        session.Use("UPDATE microblog_lane SET due_at = ?2 WHERE id = ?1").Bind(1, id).Bind(2, session.Now).Run();
        MakeDue(destination.Value);
    }

    /// <summary>Sums up when the destination's lanes come due; those of a failing one are held back together.</summary>
    public void Refresh(long destination) => session.Use(
        """
        UPDATE microblog_destination SET next_due = max(not_before,
            (SELECT min(due_at) FROM microblog_lane WHERE destination = ?1 AND due_at IS NOT NULL))
        WHERE id = ?1
        """).Bind(1, destination).Run();

    private long OpenDestination(Lane lane)
    {
        session.Use("INSERT OR IGNORE INTO microblog_destination (protocol, host) VALUES (?1, ?2)")
            .Bind(1, lane.Protocol).Bind(2, lane.Destination).Run();
        return session.Use("SELECT id FROM microblog_destination WHERE protocol = ?1 AND host = ?2")
            .Bind(1, lane.Protocol).Bind(2, lane.Destination).RunScalar()!.Value;
    }

    private void CloseDestination(long destination) => session.Use(
        """
        DELETE FROM microblog_destination WHERE id = ?1
            AND NOT EXISTS (SELECT 1 FROM microblog_lane WHERE destination = ?1)
        """).Bind(1, destination).Run();

    private void MakeDue(long destination) => session.Use(
        "UPDATE microblog_destination SET next_due = max(?2, not_before) WHERE id = ?1 AND (next_due IS NULL OR next_due > ?2)")
        .Bind(1, destination).Bind(2, session.Now).Run();
}
