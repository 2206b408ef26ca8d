using Microblog.Delivery;

namespace Microblog.Storage.Sqlite;

/// <summary>One lane of a call of <see cref="IDeliveryStore.SettleAsync"/>.</summary>
internal sealed class SqliteSettlement(SqliteSession session, LaneSettlement settlement)
{
    private long author;
    private long destination;
    private bool followsLog;
    private long position;
    private int attempts;
    private DateTimeOffset? failingSince;

    public bool Apply()
    {
        if (!Find())
            return false;
        foreach (var refused in settlement.Refused)
            AddFailure(refused);
        session.Use("DELETE FROM microblog_event WHERE lane = ?1 AND lane <> 0 AND number <= ?2")
            .Bind(1, settlement.LaneId).Bind(2, settlement.Through).Run();
        var gotOn = settlement.Through > position;
        if (gotOn)
        {
            position = settlement.Through;
            session.Lanes.MarkPrunable(author);
        }

        if (settlement.RetryAt is { } retry)
            Fail(retry, gotOn);
        else if (settlement.IsReleased && !gotOn)
            Release();
        else
            Succeed();
        return true;
    }

    private bool Find()
    {
        using var row = session.Use(
            """
            SELECT author, destination, follows_log, position, attempts, failing_since FROM microblog_lane
            WHERE id = ?1 AND token = ?2 AND leased_until IS NOT NULL
            """).Bind(1, settlement.LaneId).Bind(2, settlement.Token.Value);
        if (!row.Step())
            return false;
        author = row.Int64(0);
        destination = row.Int64(1);
        followsLog = row.Bool(2);
        position = row.Int64(3);
        attempts = row.Int32(4);
        failingSince = row.TimeOrNull(5);
        return true;
    }

    private void AddFailure(RefusedDelivery refused) => session.Use(
        """
        INSERT INTO microblog_failure (author, protocol, endpoint, host, event, event_author, kind, notice, data, at, reason)
        SELECT l.author, l.protocol, l.endpoint, d.host, e.number, e.author, e.kind, e.notice, e.data, ?3, ?4
        FROM microblog_event e CROSS JOIN microblog_lane l ON l.id = ?1 CROSS JOIN microblog_destination d ON d.id = l.destination
        WHERE e.number = ?2
        """).Bind(1, settlement.LaneId).Bind(2, refused.Event).Bind(3, session.Now).Bind(4, refused.Reason).Run();

    private void Fail(DateTimeOffset retry, bool gotOn)
    {
        // Progress begins a new row of failures.
        Update(retry, gotOn ? 1 : attempts + 1, gotOn ? session.Now : failingSince ?? session.Now);
        if (settlement.IsDestinationFailing)
        {
            session.Use(
                """
                UPDATE microblog_destination SET is_failing = 1, not_before = ?2, failing_since = coalesce(failing_since, ?3), failure = ?4 WHERE id = ?1
                """).Bind(1, destination).Bind(2, retry).Bind(3, session.Now).Bind(4, settlement.Failure).Run();
        }

        session.Lanes.Refresh(destination);
    }

    private void Release()
    {
        session.Use("UPDATE microblog_lane SET due_at = ?2, leased_until = NULL, token = 0 WHERE id = ?1")
            .Bind(1, settlement.LaneId).Bind(2, session.Now).Run();
        session.Lanes.Refresh(destination);
    }

    private void Succeed()
    {
        session.Use(
            "UPDATE microblog_destination SET is_failing = 0, not_before = 0, failing_since = NULL, failure = '' WHERE id = ?1 AND is_failing = 1")
            .Bind(1, destination).Run();
        var isMore = new SqliteEvents(session).IsAnyWaiting(settlement.LaneId, author, followsLog, position);
        if (!isMore && !followsLog)
        {
            session.Lanes.Close(settlement.LaneId, author, destination);
            return;
        }

        Update(isMore ? session.Now : null, attempts: 0, failingSince: null);
        session.Lanes.Refresh(destination);
    }

    private void Update(DateTimeOffset? dueAt, int attempts, DateTimeOffset? failingSince) => session.Use(
        """
        UPDATE microblog_lane SET position = ?2, due_at = ?3, leased_until = NULL, token = 0, attempts = ?4, failing_since = ?5, failure = ?6
        WHERE id = ?1
        """)
        .Bind(1, settlement.LaneId).Bind(2, position).Bind(3, dueAt).Bind(4, attempts).Bind(5, failingSince)
        .Bind(6, settlement.Failure).Run();
}
