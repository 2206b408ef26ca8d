using Microblog.Moderation;

namespace Microblog.Storage.Sqlite;

internal sealed class SqliteModeration(SqliteSession session) : IModerationStore
{
    private const string Reports = "SELECT id, reporter, about, notices, content, at, closed_at, note FROM microblog_report WHERE ";

    public ValueTask<FederationState> FindFederationAsync(CancellationToken cancellationToken) => new(Federation());

    public ValueTask<Standing> FindHostAsync(string host, CancellationToken cancellationToken) => new(StandingOf(host));

    public ValueTask<IReadOnlyList<DomainRule>> ListDomainsAsync(string after, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use("SELECT domain, standing, at FROM microblog_domain WHERE domain > ?1 ORDER BY domain LIMIT ?2").Bind(1, after).Bind(2, count);
        var list = new List<DomainRule>();
        while (rows.Step())
            list.Add(new DomainRule(rows.Text(0), (Standing)rows.Int32(1), rows.Time(2)));
        return new(list);
    }

    public ValueTask<Standing> FindStandingAsync(ProfileUri person, CancellationToken cancellationToken) =>
        new((Standing)(session.Use("SELECT standing FROM microblog_standing WHERE uri = ?1").Bind(1, person.Value).RunScalar() ?? 0));

    public ValueTask<Report?> FindReportAsync(long number, CancellationToken cancellationToken)
    {
        using var row = session.Use(Reports + "id = ?1").Bind(1, number);
        return new(row.Step() ? ReadReport(row) : null);
    }

    public ValueTask<IReadOnlyList<Report>> ListReportsAsync(bool isOpen, long? before, int count, CancellationToken cancellationToken)
    {
        using var rows = (isOpen
            ? session.Use(Reports + "closed_at IS NULL AND id < ?1 ORDER BY id DESC LIMIT ?2")
            : session.Use(Reports + "closed_at IS NOT NULL AND id < ?1 ORDER BY id DESC LIMIT ?2")).Bind(1, before ?? long.MaxValue).Bind(2, count);
        var list = new List<Report>();
        while (rows.Step())
            list.Add(ReadReport(rows));
        return new(list);
    }

    public ValueTask<IReadOnlyList<AuditEntry>> ListAuditAsync(long? before, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(
            "SELECT id, at, operator, action, subject, reason FROM microblog_audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2")
            .Bind(1, before ?? long.MaxValue).Bind(2, count);
        var list = new List<AuditEntry>();
        while (rows.Step())
        {
            list.Add(new AuditEntry
            {
                Number = rows.Int64(0),
                At = rows.Time(1),
                Operator = rows.Text(2),
                Action = (ModerationAction)rows.Int32(3),
                Subject = rows.Text(4),
                Reason = rows.Text(5),
            });
        }

        return new(list);
    }

    public ValueTask<IReadOnlyList<TimelineEntry>> ListNoticesAsync(NoticeId? before, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(
            "SELECT " + NoticeRow.Columns + ", " + ProfileRow.Columns + " FROM microblog_notice n CROSS JOIN microblog_profile p ON p.id = n.author "
            + "WHERE n.id < ?1 AND n.is_deleted = 0 ORDER BY n.id DESC LIMIT ?2").Bind(1, before?.Value ?? long.MaxValue).Bind(2, count);
        var list = new List<TimelineEntry>();
        while (rows.Step())
        {
            var notice = NoticeRow.Read(rows);
            list.Add(new TimelineEntry(notice, ProfileRow.Read(rows, NoticeRow.Count), TimelinePosition.FromNoticeId(notice.Id)));
        }

        return new(list);
    }

    public ValueTask SetModeAsync(FederationMode mode, CancellationToken cancellationToken)
    {
        Change(mode);
        return ValueTask.CompletedTask;
    }

    public ValueTask SetDomainAsync(DomainRule rule, CancellationToken cancellationToken)
    {
        session.Use("INSERT OR REPLACE INTO microblog_domain (domain, standing, at) VALUES (?1, ?2, ?3)")
            .Bind(1, rule.Domain).Bind(2, (int)rule.Standing).Bind(3, rule.At).Run();
        Change(Federation().Mode);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveDomainAsync(string domain, CancellationToken cancellationToken)
    {
        if (session.Use("DELETE FROM microblog_domain WHERE domain = ?1").Bind(1, domain).Run() == 0)
            return new(false);
        Change(Federation().Mode);
        return new(true);
    }

    public ValueTask SetStandingAsync(ProfileUri person, Standing standing, CancellationToken cancellationToken)
    {
        session.Use("DELETE FROM microblog_standing WHERE uri = ?1").Bind(1, person.Value).Run();
        if (standing != Standing.Good)
            session.Use("INSERT INTO microblog_standing (uri, standing) VALUES (?1, ?2)").Bind(1, person.Value).Bind(2, (int)standing).Run();
        session.Use("UPDATE microblog_profile SET standing = ?2 WHERE uri = ?1").Bind(1, person.Value).Bind(2, (int)standing).Run();
        if (standing == Standing.Suspended)
        {
            EndSubscriptions();
        }
        else
        {
            session.Use("DELETE FROM microblog_subject WHERE profile IN (SELECT id FROM microblog_profile WHERE uri = ?1 AND is_deleted = 1)")
                .Bind(1, person.Value).Run();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<long> AddReportAsync(Report report, int limit, CancellationToken cancellationToken)
    {
        var open = session.Use("SELECT count(*) FROM microblog_report WHERE reporter = ?1 AND closed_at IS NULL").Bind(1, report.Reporter.Value).RunScalar() ?? 0;
        if (open >= limit)
            return new(0);
        return new(session.Use(
            "INSERT INTO microblog_report (reporter, about, notices, content, at, note) VALUES (?1, ?2, ?3, ?4, ?5, '') RETURNING id")
            .Bind(1, report.Reporter.Value).Bind(2, report.About.Value).Bind(3, report.WriteNotices()).Bind(4, report.Text).Bind(5, report.At)
            .RunScalar() ?? 0);
    }

    public ValueTask<bool> CloseReportAsync(long number, string note, DateTimeOffset at, CancellationToken cancellationToken) =>
        new(session.Use("UPDATE microblog_report SET closed_at = ?2, note = ?3 WHERE id = ?1 AND closed_at IS NULL")
            .Bind(1, number).Bind(2, at).Bind(3, note).Run() > 0);

    public ValueTask AddAuditAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        session.Use("INSERT INTO microblog_audit (at, operator, action, subject, reason) VALUES (?1, ?2, ?3, ?4, ?5)")
            .Bind(1, entry.At).Bind(2, entry.Operator).Bind(3, (int)entry.Action).Bind(4, entry.Subject).Bind(5, entry.Reason).Run();
        return ValueTask.CompletedTask;
    }

    /// <summary>Has lists know how a host is treated, before the first profile of it is stored.</summary>
    public void AddHost(string host)
    {
        if (host.Length == 0 || session.Use("SELECT 1 FROM microblog_host WHERE host = ?1").Bind(1, host).RunScalar() is not null)
            return;
        session.Use("INSERT INTO microblog_host (host, standing) VALUES (?1, ?2)").Bind(1, host).Bind(2, (int)StandingOf(host)).Run();
    }

    /// <summary>Ends the next subscriptions, as far as the other person is suspended, or their host or their service's is blocked.</summary>
    /// <returns>The last subscription looked at; <see langword="null"/> when there are no more.</returns>
    public long? EndBlocked(long after, int count)
    {
        var next = new List<(Subscription Subscription, bool IsBlocked)>();
        using (var rows = session.Use(
            "SELECT " + SqliteSubscriptions.Columns
            + """
            , p.is_local = 0 AND (p.standing = 2 OR EXISTS (SELECT 1 FROM microblog_host t WHERE t.host = p.host AND t.standing = 2))
            FROM microblog_subscription s
            CROSS JOIN microblog_profile p ON p.id = CASE WHEN s.is_subscriber_local = 1 THEN s.publisher ELSE s.subscriber END
            WHERE s.id > ?1 ORDER BY s.id LIMIT ?2
            """).Bind(1, after).Bind(2, count))
        {
            while (rows.Step())
                next.Add((SqliteSubscriptions.Read(rows), rows.Bool(SqliteSubscriptions.ColumnCount)));
        }

        var mode = Federation().Mode;
        var rules = Rules();
        foreach (var (subscription, isBlocked) in next)
        {
            if (isBlocked || subscription.ServiceHosts.Any(host => DomainRule.StandingOf(host, mode, rules) == Standing.Suspended))
                ((SqliteSubscriptions)session.Subscriptions).End(subscription.Id.Value);
        }

        return next.Count < count ? null : next[^1].Subscription.Id.Value;
    }

    private FederationState Federation()
    {
        using var row = session.Use("SELECT value FROM microblog_setting WHERE name = ?1").Bind(1, FederationState.Setting);
        return FederationState.Read(row.Step() ? row.Text(0) : null);
    }

    private Standing StandingOf(string host)
    {
        foreach (var domain in DomainRule.DomainsOf(host))
        {
            if (session.Use("SELECT standing FROM microblog_domain WHERE domain = ?1").Bind(1, domain).RunScalar() is { } standing)
                return (Standing)standing;
        }

        return Federation().Mode == FederationMode.AllowList ? Standing.Suspended : Standing.Good;
    }

    private Dictionary<string, Standing> Rules()
    {
        using var rows = session.Use("SELECT domain, standing FROM microblog_domain");
        var rules = new Dictionary<string, Standing>(StringComparer.Ordinal);
        while (rows.Step())
            rules[rows.Text(0)] = (Standing)rows.Int32(1);
        return rules;
    }

    // There are thousands of hosts at most, and operators are few.
    private void Change(FederationMode mode)
    {
        session.Use("INSERT OR REPLACE INTO microblog_setting (name, value) VALUES (?1, ?2)")
            .Bind(1, FederationState.Setting).Bind(2, new FederationState(mode, Federation().Version + 1).Write()).Run();
        var hosts = new List<(string Host, int Standing)>();
        using (var rows = session.Use("SELECT host, standing FROM microblog_host"))
        {
            while (rows.Step())
                hosts.Add((rows.Text(0), rows.Int32(1)));
        }

        foreach (var (host, before) in hosts)
        {
            if ((int)StandingOf(host) is var now && now != before)
                session.Use("UPDATE microblog_host SET standing = ?2 WHERE host = ?1").Bind(1, host).Bind(2, now).Run();
        }

        EndSubscriptions();
    }

    // From the first one on, in small steps by a worker.
    private void EndSubscriptions()
    {
        session.Use("DELETE FROM microblog_job WHERE notice = ?1").Bind(1, SqliteNotices.Blocking).Run();
        session.Use("INSERT INTO microblog_job (notice, author, after, through) VALUES (?1, 0, 0, ?2)").Bind(1, SqliteNotices.Blocking).Bind(2, long.MaxValue).Run();
    }

    private static Report ReadReport(SqliteStatement row) => new()
    {
        Number = row.Int64(0),
        Reporter = new ProfileId(row.Int64(1)),
        About = ProfileUri.Parse(row.Text(2)),
        Notices = Report.ReadNotices(row.Text(3)),
        Text = row.Text(4),
        At = row.Time(5),
        ClosedAt = row.TimeOrNull(6),
        Note = row.Text(7),
    };
}
