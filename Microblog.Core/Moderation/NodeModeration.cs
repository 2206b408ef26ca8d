using Microblog.Delivery;
using Microblog.Storage;
using Microblog.Text;

namespace Microblog.Moderation;

/// <summary>What people report, and what operators do: about people, domains and notices. Each action is written into the audit log
/// with its effect, in one transaction.</summary>
/// <remarks>Safe for many threads. It asks nobody whether the caller is an operator: the host's pages do. What an operator does holds in
/// every process at once, and for requests to other services within a second.</remarks>
public sealed class NodeModeration
{
    private readonly IMicroblogStore store;
    private readonly NodeAddresses addresses;
    private readonly TimeProvider clock;
    private readonly DeliverySignal signal;

    internal NodeModeration(IMicroblogStore store, NodeAddresses addresses, TimeProvider clock, DeliverySignal signal) =>
        (this.store, this.addresses, this.clock, this.signal) = (store, addresses, clock, signal);

    /// <summary>Asks the operators to look at a person, or at what they wrote.</summary>
    /// <param name="reporter">Who asks.</param>
    /// <param name="about">The person, as the reporter knows them.</param>
    /// <param name="notices">What they wrote, as far as the reporter may see it; at most <see cref="Report.MaxNotices"/>.</param>
    /// <param name="text">Why; up to <see cref="Report.MaxLength"/> characters.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    public async Task<Outcome<Report>> ReportAsync(
        ProfileId reporter, ProfileId about, IReadOnlyList<NoticeId> notices, string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(notices);
        ArgumentNullException.ThrowIfNull(text);
        if (ObjectTo(text) is { } problem)
            return Outcome<Report>.Refused(problem);
        if (notices.Count > Report.MaxNotices)
            return Outcome<Report>.Refused($"A report names at most {Report.MaxNotices} notices.");
        var now = clock.GetUtcNow();
        return await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (await session.Profiles.FindAsync(reporter, ct).ConfigureAwait(false) is not { MayAct: true })
                    return Outcome<Report>.Refused("You have no profile here, or it is suspended.");
                if (await session.Profiles.FindAsync(about, ct).ConfigureAwait(false) is not { IsDeleted: false } person)
                    return Outcome<Report>.Refused("There is no such person, or they have left.");
                var report = new Report { Reporter = reporter, About = person.Uri, Notices = [.. notices.Distinct()], Text = text, At = now };
                foreach (var notice in report.Notices)
                {
                    if ((await session.Notices.FindAsync(notice, reporter, ct).ConfigureAwait(false))?.Author.Uri != person.Uri)
                        return Outcome<Report>.Refused("A notice is gone, or somebody else's.");
                }

                var number = await session.Moderation.AddReportAsync(report, Report.MaxOpen, ct).ConfigureAwait(false);
                return number == 0
                    ? Outcome<Report>.Refused($"You have {Report.MaxOpen} reports that nobody has looked at yet.")
                    : Outcome<Report>.Done(report with { Number = number });
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Treats a domain with its subdomains so from now on. Blocking it ends the subscriptions with its people, both ways.</summary>
    /// <param name="by">Who does it (<see cref="AuditEntry.Operator"/>).</param>
    /// <param name="domain">A host name as people type it.</param>
    /// <param name="standing">How.</param>
    /// <param name="reason">Why, for the audit log.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    public async Task<Outcome<DomainRule>> SetDomainAsync(
        string by, string domain, Standing standing, string reason, CancellationToken cancellationToken = default)
    {
        if (!DomainRule.TryParseDomain(domain, out var name))
            return Outcome<DomainRule>.Refused("This is not the name of a host.");
        if (DomainRule.DomainsOf(addresses.Host).Contains(name))
            return Outcome<DomainRule>.Refused("This is the domain of this node itself.");
        var rule = new DomainRule(name, standing, clock.GetUtcNow());
        var action = standing switch
        {
            Standing.Good => ModerationAction.AllowDomain,
            Standing.Silenced => ModerationAction.SilenceDomain,
            _ => ModerationAction.BlockDomain,
        };
        await ActAsync(by, action, name, reason, (session, ct) => session.Moderation.SetDomainAsync(rule, ct), cancellationToken).ConfigureAwait(false);
        return Outcome<DomainRule>.Done(rule);
    }

    /// <summary>Forgets the rule for a domain. Subscriptions do not come back.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> ForgetDomainAsync(string by, string domain, string reason, CancellationToken cancellationToken = default) =>
        DomainRule.TryParseDomain(domain, out var name) && await ActIfAsync(
            by, ModerationAction.ForgetDomain, name, reason, (session, ct) => session.Moderation.RemoveDomainAsync(name, ct), cancellationToken).ConfigureAwait(false);

    /// <summary>Federates with everybody but blocked domains, or with the allowed domains only; then the subscriptions with all others end.</summary>
    public Task SetModeAsync(string by, FederationMode mode, string reason, CancellationToken cancellationToken = default) => ActAsync(
        by,
        mode == FederationMode.Open ? ModerationAction.OpenFederation : ModerationAction.RestrictFederation,
        "",
        reason,
        (session, ct) => session.Moderation.SetModeAsync(mode, ct),
        cancellationToken);

    /// <summary>Silences a person, suspends them, or takes that back. Their notices stay stored, whatever is done, and so do the
    /// subscriptions of a person of this node; those with a suspended person of another one end.</summary>
    public Task JudgeAsync(string by, ProfileUri person, Standing standing, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(person);
        var action = standing switch
        {
            Standing.Good => ModerationAction.Reinstate,
            Standing.Silenced => ModerationAction.Silence,
            _ => ModerationAction.Suspend,
        };
        return ActAsync(
            by, action, person.Value, reason, (session, ct) => session.Moderation.SetStandingAsync(person, standing, ct), cancellationToken);
    }

    /// <summary>Deletes anybody's notice here. What other services have, they keep.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> DeleteNoticeAsync(string by, NoticeId notice, string reason, CancellationToken cancellationToken = default)
    {
        using var place = store.Ids.Draw();
        return await ActIfAsync(
            by, ModerationAction.DeleteNotice, notice.ToString(), reason, (session, ct) => session.Notices.DeleteAsync(notice, place.Position, ct),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes a report.</summary>
    /// <returns>Whether it was open.</returns>
    public Task<bool> CloseReportAsync(string by, long number, string note, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        return ActIfAsync(
            by,
            ModerationAction.CloseReport,
            number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            note,
            (session, ct) => session.Moderation.CloseReportAsync(number, note, now, ct),
            cancellationToken);
    }

    /// <summary>What is wrong with a reason, a note or the text of a report; <see langword="null"/> when nothing is.</summary>
    public static string? ObjectTo(string text) =>
        !NoticeText.IsStorable(text) ? "The text contains what is no text."
        : NoticeText.Length(text) > Report.MaxLength ? $"The text has more than {Report.MaxLength} characters."
        : null;

    private Task<bool> ActAsync(
        string by, ModerationAction action, string subject, string reason, Func<IStoreSession, CancellationToken, ValueTask> act, CancellationToken cancellationToken) =>
        ActIfAsync(
            by,
            action,
            subject,
            reason,
            async (session, ct) =>
            {
                await act(session, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    // What changed nothing is not written down.
    private async Task<bool> ActIfAsync(
        string by, ModerationAction action, string subject, string reason, Func<IStoreSession, CancellationToken, ValueTask<bool>> act, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(by);
        ArgumentNullException.ThrowIfNull(reason);
        if (ObjectTo(by) is not null)
            throw new ArgumentException("The operator's name is too long, or no text.", nameof(by));
        if (ObjectTo(reason) is { } problem)
            throw new ArgumentException(problem, nameof(reason));
        var entry = new AuditEntry { At = clock.GetUtcNow(), Operator = by, Action = action, Subject = subject, Reason = reason };
        var isDone = await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (!await act(session, ct).ConfigureAwait(false))
                    return false;
                await session.Moderation.AddAuditAsync(entry, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (isDone)
            signal.Wake();
        return isDone;
    }
}
