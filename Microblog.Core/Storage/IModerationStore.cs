using Microblog.Moderation;

namespace Microblog.Storage;

/// <summary>Reads how the operator treats people and domains, what people report, and what operators did.</summary>
public interface IModerationReader
{
    /// <summary>With whom the node federates.</summary>
    ValueTask<FederationState> FindFederationAsync(CancellationToken cancellationToken);

    /// <summary>How a host is treated, by the rule of the nearest domain and the mode.</summary>
    /// <param name="host">As <see cref="WebAddress.HostOf"/> gives it.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<Standing> FindHostAsync(string host, CancellationToken cancellationToken);

    /// <summary>The rules for domains, in the order of their bytes.</summary>
    /// <param name="after">Only those behind this domain; empty for all.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<DomainRule>> ListDomainsAsync(string after, int count, CancellationToken cancellationToken);

    /// <summary>How a person is treated, apart from their domain; also one of whom nothing else is stored.</summary>
    ValueTask<Standing> FindStandingAsync(ProfileUri person, CancellationToken cancellationToken);

    /// <summary>The report with this number, or <see langword="null"/>.</summary>
    ValueTask<Report?> FindReportAsync(long number, CancellationToken cancellationToken);

    /// <summary>Reports, newest first.</summary>
    /// <param name="isOpen">Which: open or closed ones.</param>
    /// <param name="before">Only those with a lower number; <see langword="null"/> for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<Report>> ListReportsAsync(bool isOpen, long? before, int count, CancellationToken cancellationToken);

    /// <summary>What operators did, newest first.</summary>
    /// <param name="before">Only what has a lower number; <see langword="null"/> for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<AuditEntry>> ListAuditAsync(long? before, int count, CancellationToken cancellationToken);

    /// <summary>Notices with their authors, whoever may see them, newest first, without the deleted ones.</summary>
    /// <param name="before">Only those with a lower number; <see langword="null"/> for the first page.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<TimelineEntry>> ListNoticesAsync(NoticeId? before, int count, CancellationToken cancellationToken);
}

/// <summary>Writes them.</summary>
/// <remarks>What is stored has its effect with the commit, whatever it concerns: every list and look-up of this store obeys it.</remarks>
public interface IModerationStore : IModerationReader
{
    /// <summary>Changes with whom the node federates.</summary>
    /// <remarks><inheritdoc cref="SetDomainAsync" path="/remarks/node()"/></remarks>
    ValueTask SetModeAsync(FederationMode mode, CancellationToken cancellationToken);

    /// <summary>Adds a rule for a domain, or replaces the one that there is.</summary>
    /// <remarks>Subscriptions with people of hosts that are blocked by it, and those through services there, are ended by
    /// <see cref="INoticeStore.ContinueAsync"/>.</remarks>
    ValueTask SetDomainAsync(DomainRule rule, CancellationToken cancellationToken);

    /// <summary>Forgets the rule for a domain. Subscriptions do not come back.</summary>
    /// <returns>Whether there was one.</returns>
    ValueTask<bool> RemoveDomainAsync(string domain, CancellationToken cancellationToken);

    /// <summary>Treats a person so from now on: every profile that there is or will be with this identifier.</summary>
    /// <remarks>Subscriptions of and to a remote person who is suspended are ended by <see cref="INoticeStore.ContinueAsync"/>.</remarks>
    ValueTask SetStandingAsync(ProfileUri person, Standing standing, CancellationToken cancellationToken);

    /// <summary>Adds a report, unless its reporter has <paramref name="limit"/> open ones.</summary>
    /// <returns>Its number; 0 when it was not added.</returns>
    ValueTask<long> AddReportAsync(Report report, int limit, CancellationToken cancellationToken);

    /// <summary>Closes an open report.</summary>
    /// <returns>Whether it was open.</returns>
    ValueTask<bool> CloseReportAsync(long number, string note, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Writes down what an operator did.</summary>
    ValueTask AddAuditAsync(AuditEntry entry, CancellationToken cancellationToken);
}
