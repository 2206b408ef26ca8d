using Microblog.Moderation;

namespace Microblog.Storage.Postgres;

internal sealed class PostgresModeration(PostgresSession session) : IModerationStore
{
    private const string Reports = "SELECT id, reporter, about, notices, content, at, closed_at, note FROM microblog.report WHERE ";

    // Of the domains in $2, nearest first by their length.
    private const string StandingOfHost =
        """
        coalesce((SELECT standing FROM microblog.domain WHERE domain = ANY ($2) ORDER BY length(domain) DESC LIMIT 1),
            CASE WHEN EXISTS (SELECT FROM microblog.setting WHERE name = $3 AND value LIKE $4 || ' %') THEN 2 ELSE 0 END)
        """;

    public async ValueTask<FederationState> FindFederationAsync(CancellationToken cancellationToken) =>
        FederationState.Read(await session.Settings.FindAsync(FederationState.Setting, cancellationToken).ConfigureAwait(false));

    public async ValueTask<Standing> FindHostAsync(string host, CancellationToken cancellationToken)
    {
        if (session.Lock.Length > 0)
            LockShared();
        return (Standing)(await BindHost(session.Sql("SELECT " + StandingOfHost + "::bigint, $1"), host).ScalarAsync().ConfigureAwait(false) ?? 0);
    }

    public async ValueTask<IReadOnlyList<DomainRule>> ListDomainsAsync(string after, int count, CancellationToken cancellationToken) =>
        await session.Sql("SELECT domain, standing, at FROM microblog.domain WHERE domain > $1 ORDER BY domain LIMIT $2").Bind(after).Bind(count)
            .ListAsync(static row => new DomainRule(row.Text(0), (Standing)row.Int32(1), row.Time(2))).ConfigureAwait(false);

    public async ValueTask<Standing> FindStandingAsync(ProfileUri person, CancellationToken cancellationToken) =>
        (Standing)(await session.Sql("SELECT standing::bigint FROM microblog.standing WHERE uri = $1" + session.Lock).Bind(person.Value)
            .ScalarAsync().ConfigureAwait(false) ?? 0);

    public ValueTask<Report?> FindReportAsync(long number, CancellationToken cancellationToken) =>
        session.Sql(Reports + "id = $1" + session.Lock).Bind(number).FindAsync(ReadReport);

    public async ValueTask<IReadOnlyList<Report>> ListReportsAsync(bool isOpen, long? before, int count, CancellationToken cancellationToken) =>
        await session.Sql(Reports + (isOpen ? "closed_at IS NULL" : "closed_at IS NOT NULL") + " AND id < $1 ORDER BY id DESC LIMIT $2")
            .Bind(before ?? long.MaxValue).Bind(count).ListAsync(ReadReport).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<AuditEntry>> ListAuditAsync(long? before, int count, CancellationToken cancellationToken) =>
        await session.Sql("SELECT id, at, operator, action, subject, reason FROM microblog.audit WHERE id < $1 ORDER BY id DESC LIMIT $2")
            .Bind(before ?? long.MaxValue).Bind(count)
            .ListAsync(static row => new AuditEntry
            {
                Number = row.Int64(0),
                At = row.Time(1),
                Operator = row.Text(2),
                Action = (ModerationAction)row.Int32(3),
                Subject = row.Text(4),
                Reason = row.Text(5),
            }).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<TimelineEntry>> ListNoticesAsync(NoticeId? before, int count, CancellationToken cancellationToken) =>
        await session.Sql(
            "SELECT " + PostgresNoticeRow.Columns + ", " + PostgresProfileRow.Columns + " FROM microblog.notice n "
            + "CROSS JOIN LATERAL (SELECT * FROM microblog.profile WHERE id = n.author OFFSET 0) p "
            + "WHERE n.id < $1 AND NOT n.is_deleted ORDER BY n.id DESC LIMIT $2").Bind(before?.Value ?? long.MaxValue).Bind(count)
            .ListAsync(static row => PostgresNoticeRow.Read(row) is var notice
                ? new TimelineEntry(notice, PostgresProfileRow.Read(row, PostgresNoticeRow.Count), TimelinePosition.FromNoticeId(notice.Id))
                : null!).ConfigureAwait(false);

    public ValueTask SetModeAsync(FederationMode mode, CancellationToken cancellationToken) => ChangeAsync(mode, cancellationToken);

    public async ValueTask SetDomainAsync(DomainRule rule, CancellationToken cancellationToken)
    {
        LockAlone();
        session.Sql(
            """
            INSERT INTO microblog.domain (domain, standing, at) VALUES ($1, $2, $3)
            ON CONFLICT (domain) DO UPDATE SET standing = excluded.standing, at = excluded.at
            """).Bind(rule.Domain).Bind((int)rule.Standing).Bind(rule.At).Later();
        await ChangeAsync(null, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<bool> RemoveDomainAsync(string domain, CancellationToken cancellationToken)
    {
        LockAlone();
        if (await session.Sql("DELETE FROM microblog.domain WHERE domain = $1").Bind(domain).RunAsync().ConfigureAwait(false) == 0)
            return false;
        await ChangeAsync(null, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public ValueTask SetStandingAsync(ProfileUri person, Standing standing, CancellationToken cancellationToken)
    {
        LockAlone();
        session.Sql("DELETE FROM microblog.standing WHERE uri = $1").Bind(person.Value).Later();
        if (standing != Standing.Good)
            session.Sql("INSERT INTO microblog.standing (uri, standing) VALUES ($1, $2)").Bind(person.Value).Bind((int)standing).Later();
        session.Sql("UPDATE microblog.profile SET standing = $2 WHERE id IN (SELECT profile FROM microblog.profile_uri WHERE uri = $1)")
            .Bind(person.Value).Bind((int)standing).Later();
        if (standing == Standing.Suspended)
        {
            EndSubscriptionsLater();
        }
        else
        {
            session.Sql(
                """
                DELETE FROM microblog.subject WHERE profile IN
                    (SELECT p.id FROM microblog.profile_uri u JOIN microblog.profile p ON p.id = u.profile WHERE u.uri = $1 AND p.is_deleted)
                """).Bind(person.Value).Later();
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<long> AddReportAsync(Report report, int limit, CancellationToken cancellationToken)
    {
        session.LockLater(PostgresLock.Reporter, report.Reporter.Value);
        return await session.Sql(
            """
            INSERT INTO microblog.report (reporter, about, notices, content, at, note) SELECT $1, $2, $3, $4, $5, ''
            WHERE (SELECT count(*) FROM microblog.report WHERE reporter = $1 AND closed_at IS NULL) < $6 RETURNING id
            """).Bind(report.Reporter.Value).Bind(report.About.Value).Bind(report.WriteNotices()).Bind(report.Text).Bind(report.At).Bind(limit)
            .ScalarAsync().ConfigureAwait(false) ?? 0;
    }

    public async ValueTask<bool> CloseReportAsync(long number, string note, DateTimeOffset at, CancellationToken cancellationToken) =>
        await session.Sql("UPDATE microblog.report SET closed_at = $2, note = $3 WHERE id = $1 AND closed_at IS NULL")
            .Bind(number).Bind(at).Bind(note).RunAsync().ConfigureAwait(false) > 0;

    public ValueTask AddAuditAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        session.Sql("INSERT INTO microblog.audit (at, operator, action, subject, reason) VALUES ($1, $2, $3, $4, $5)")
            .Bind(entry.At).Bind(entry.Operator).Bind((int)entry.Action).Bind(entry.Subject).Bind(entry.Reason).Later();
        return ValueTask.CompletedTask;
    }

    /// <summary>Has lists know how a host is treated, before the first profile of it is stored; and whoever changes that, or what is
    /// thought of a person, waits until the profile is there.</summary>
    public void AddHostLater(string host)
    {
        LockShared();
        if (host.Length > 0)
            BindHost(session.Sql("INSERT INTO microblog.host (host, standing) SELECT $1, " + StandingOfHost + " ON CONFLICT DO NOTHING"), host).Later();
    }

    /// <summary>Ends the next subscriptions, as far as the other person is suspended, or their host or their service's is blocked.</summary>
    /// <returns>The last subscription looked at; <see langword="null"/> when there are no more.</returns>
    /// <remarks>Whoever adds one looks at the rules behind <see cref="LockShared"/>, so that none comes in behind this walk.</remarks>
    public async ValueTask<long?> EndBlockedAsync(long after, int count)
    {
        var next = await session.Sql(
            "SELECT " + PostgresSubscriptionRow.Columns
            + """
            , NOT p.is_local AND (p.standing = 2 OR EXISTS (SELECT FROM microblog.host t WHERE t.host = p.host AND t.standing = 2))
            FROM microblog.subscription s
            JOIN microblog.profile p ON p.id = CASE WHEN s.is_subscriber_local THEN s.publisher ELSE s.subscriber END
            WHERE s.id > $1 ORDER BY s.id LIMIT $2
            """).Bind(after).Bind(count)
            .ListAsync(static row => (Subscription: PostgresSubscriptionRow.Read(row), IsBlocked: row.Bool(PostgresSubscriptionRow.Count))).ConfigureAwait(false);
        var mode = (await FindFederationAsync(CancellationToken.None).ConfigureAwait(false)).Mode;
        var rules = await RulesAsync().ConfigureAwait(false);
        foreach (var (subscription, isBlocked) in next)
        {
            if (isBlocked || subscription.ServiceHosts.Any(host => DomainRule.StandingOf(host, mode, rules) == Standing.Suspended))
                await session.Subscriptions.EndAsync(subscription.Id, CancellationToken.None).ConfigureAwait(false);
        }

        return next.Count < count ? null : next[^1].Subscription.Id.Value;
    }

    private static PostgresCommand BindHost(PostgresCommand command, string host) => command
        .Bind(host).Bind(DomainRule.DomainsOf(host)).Bind(FederationState.Setting).Bind(FederationState.AllowListWord);

    // There are thousands of hosts at most, and operators are few.
    private async ValueTask ChangeAsync(FederationMode? wanted, CancellationToken cancellationToken)
    {
        LockAlone();
        var federation = await FindFederationAsync(cancellationToken).ConfigureAwait(false);
        var next = new FederationState(wanted ?? federation.Mode, federation.Version + 1);
        await session.Settings.SetAsync(FederationState.Setting, next.Write(), cancellationToken).ConfigureAwait(false);
        var rules = await RulesAsync().ConfigureAwait(false);
        var hosts = await session.Sql("SELECT host, standing FROM microblog.host")
            .ListAsync(static row => (Host: row.Text(0), Standing: (Standing)row.Int32(1))).ConfigureAwait(false);
        var changed = hosts.Select(known => (known.Host, Before: known.Standing, Now: DomainRule.StandingOf(known.Host, next.Mode, rules)))
            .Where(host => host.Before != host.Now).ToList();
        session.Sql("UPDATE microblog.host t SET standing = c.standing FROM unnest($1, $2) AS c (host, standing) WHERE t.host = c.host")
            .Bind([.. changed.Select(host => host.Host)]).Bind([.. changed.Select(host => (int)host.Now)]).Later();
        EndSubscriptionsLater();
    }

    // From the first one on, in small steps by a worker.
    private void EndSubscriptionsLater()
    {
        session.Sql(
            "INSERT INTO microblog.job (notice, author, after, through) VALUES ($1, 0, 0, $2) ON CONFLICT (author, notice, group_id) DO UPDATE SET after = 0")
            .Bind(PostgresNotices.Blocking).Bind(long.MaxValue).Later();
        session.WakesWorkers = true;
    }

    private async ValueTask<Dictionary<string, Standing>> RulesAsync() =>
        (await session.Sql("SELECT domain, standing FROM microblog.domain")
            .ListAsync(static row => (Domain: row.Text(0), Standing: (Standing)row.Int32(1))).ConfigureAwait(false))
            .ToDictionary(rule => rule.Domain, rule => rule.Standing);

    private void LockAlone() => session.LockLater(PostgresLock.Standing, 0L);

    private void LockShared() => session.Sql("SELECT pg_advisory_xact_lock_shared($1, hashint8($2))").Bind((int)PostgresLock.Standing).Bind(0L).Later();

    private static Report ReadReport(PostgresRow row) => new()
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
