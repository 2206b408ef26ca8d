using Microblog.Moderation;

namespace Microblog.Storage.InMemory;

internal sealed class InMemoryModeration(InMemorySession session) : IModerationStore
{
    private FederationState Federation => FederationState.Read(session.State.Settings.GetValueOrDefault(FederationState.Setting));

    public ValueTask<FederationState> FindFederationAsync(CancellationToken cancellationToken) => new(Federation);

    public ValueTask<Standing> FindHostAsync(string host, CancellationToken cancellationToken) => new(StandingOf(host));

    public ValueTask<IReadOnlyList<DomainRule>> ListDomainsAsync(string after, int count, CancellationToken cancellationToken) =>
        new(session.State.Domains.Values.Where(rule => string.CompareOrdinal(rule.Domain, after) > 0).Take(count).ToList());

    public ValueTask<Standing> FindStandingAsync(ProfileUri person, CancellationToken cancellationToken) =>
        new(session.State.Standings.GetValueOrDefault(person));

    public ValueTask<Report?> FindReportAsync(long number, CancellationToken cancellationToken) => new(session.State.Reports.GetValueOrDefault(number));

    public ValueTask<IReadOnlyList<Report>> ListReportsAsync(bool isOpen, long? before, int count, CancellationToken cancellationToken) =>
        new(session.State.Reports.Values.Reverse()
            .Where(report => report.ClosedAt is null == isOpen && (before is null || report.Number < before)).Take(count).ToList());

    public ValueTask<IReadOnlyList<AuditEntry>> ListAuditAsync(long? before, int count, CancellationToken cancellationToken) =>
        new(session.State.Audit.Values.Reverse().Where(entry => before is null || entry.Number < before).Take(count).ToList());

    public ValueTask<IReadOnlyList<TimelineEntry>> ListNoticesAsync(NoticeId? before, int count, CancellationToken cancellationToken) => new(
        session.State.Notices.Values.Reverse()
            .Where(stored => !stored.IsDeleted && (before is null || stored.Notice.Id < before.Value) && session.State.Profiles.ContainsKey(stored.Notice.Author.Value))
            .Take(count)
            .Select(stored => new TimelineEntry(
                stored.Notice, session.State.Profiles[stored.Notice.Author.Value], TimelinePosition.FromNoticeId(stored.Notice.Id)))
            .ToList());

    public ValueTask SetModeAsync(FederationMode mode, CancellationToken cancellationToken)
    {
        Change(mode);
        return ValueTask.CompletedTask;
    }

    public ValueTask SetDomainAsync(DomainRule rule, CancellationToken cancellationToken)
    {
        session.State = session.State with { Domains = session.State.Domains.SetItem(rule.Domain, rule) };
        Change(Federation.Mode);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveDomainAsync(string domain, CancellationToken cancellationToken)
    {
        if (!session.State.Domains.ContainsKey(domain))
            return new(false);
        session.State = session.State with { Domains = session.State.Domains.Remove(domain) };
        Change(Federation.Mode);
        return new(true);
    }

    public ValueTask SetStandingAsync(ProfileUri person, Standing standing, CancellationToken cancellationToken)
    {
        session.State = session.State with
        {
            Standings = standing == Standing.Good ? session.State.Standings.Remove(person) : session.State.Standings.SetItem(person, standing),
            Profiles = session.State.Profiles.SetItems(session.State.Profiles.Where(pair => pair.Value.Uri == person)
                .Select(pair => KeyValuePair.Create(pair.Key, pair.Value with { Standing = standing }))),
        };
        if (standing == Standing.Suspended)
            EndSubscriptions();
        else
            session.State = session.State with { Subjects = session.State.Subjects.RemoveRange(session.State.Subjects.Where(pair => HasLeft(pair.Value, person)).Select(pair => pair.Key)) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<long> AddReportAsync(Report report, int limit, CancellationToken cancellationToken)
    {
        if (session.State.Reports.Values.Count(other => other.Reporter == report.Reporter && other.ClosedAt is null) >= limit)
            return new(0);
        var number = session.NextNumber();
        session.State = session.State with { Reports = session.State.Reports.Add(number, report with { Number = number, ClosedAt = null, Note = "" }) };
        return new(number);
    }

    public ValueTask<bool> CloseReportAsync(long number, string note, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (session.State.Reports.GetValueOrDefault(number) is not { ClosedAt: null } report)
            return new(false);
        session.State = session.State with { Reports = session.State.Reports.SetItem(number, report with { ClosedAt = at, Note = note }) };
        return new(true);
    }

    public ValueTask AddAuditAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        var number = session.NextNumber();
        session.State = session.State with { Audit = session.State.Audit.Add(number, entry with { Number = number }) };
        return ValueTask.CompletedTask;
    }

    /// <summary>How a host is treated.</summary>
    public Standing StandingOf(string host) =>
        DomainRule.StandingOf(host, Federation.Mode, session.State.Domains.ToDictionary(pair => pair.Key, pair => pair.Value.Standing));

    /// <summary>How the operator treats a person, the stricter of their own standing and their domain's.</summary>
    public Standing StandingOf(Profile person) => person.Host.Length == 0 || StandingOf(person.Host) is var host && host <= person.Standing ? person.Standing : host;

    /// <summary>Ends the next subscriptions, as far as the other person is suspended, or their host or their service's is blocked.</summary>
    /// <returns>What is left of the job.</returns>
    public Job? EndBlocked(Job job, int count)
    {
        var next = session.State.Subscriptions.Values.Where(found => found.Id.Value > job.After).Take(count).ToList();
        foreach (var found in next.Where(IsBlocked))
            ((InMemorySubscriptions)session.Subscriptions).End(found.Id);
        return next.Count < count ? null : job with { After = next[^1].Id.Value };
    }

    private bool IsBlocked(Subscription found) =>
        session.State.Profiles[(found.IsSubscriberLocal ? found.Publisher : found.Subscriber).Value] is { IsLocal: false } other
            && (StandingOf(other) == Standing.Suspended || found.ServiceHosts.Any(host => StandingOf(host) == Standing.Suspended));

    private bool HasLeft(ProfileId id, ProfileUri person) => session.State.Profiles[id.Value] is { IsDeleted: true } left && left.Uri == person;

    private void Change(FederationMode mode)
    {
        var settings = session.State.Settings.SetItem(FederationState.Setting, new FederationState(mode, Federation.Version + 1).Write());
        session.State = session.State with { Settings = settings };
        EndSubscriptions();
    }

    // From the first one on, in small steps by a worker.
    private void EndSubscriptions()
    {
        var others = session.State.Jobs.RemoveAll(job => job.Notice == Job.Blocking);
        session.State = session.State with { Jobs = others.Add(new Job(Job.Blocking, default, default, 0, 0)) };
    }
}
