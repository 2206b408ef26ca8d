using Microblog.Policies;
using Microblog.Storage;

namespace Microblog.Moderation;

/// <summary>Asks policies what they would have refused of the notices that are stored, and changes nothing.</summary>
/// <remarks>So a host finds out what a policy does before it is put to work. Policies that count or remember what they are asked do so here as well.</remarks>
public sealed class PolicyDryRun
{
    /// <summary>How many objections a report lists; the rest are counted.</summary>
    public const int MaxListed = 200;

    private const int AtOnce = 100;
    private readonly IMicroblogStore store;

    internal PolicyDryRun(IMicroblogStore store) => this.store = store;

    /// <summary>Asks about the newest notices, local and remote ones.</summary>
    /// <param name="policies">Who is asked; the first objection to a notice counts.</param>
    /// <param name="last">About how many at most; <see langword="null"/> for all.</param>
    /// <param name="progress">Hears how many have been asked about.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task<DryRunReport> RunAsync(
        IReadOnlyCollection<INoticePolicy> policies, int? last = null, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policies);
        if (last is { } most)
            ArgumentOutOfRangeException.ThrowIfNegative(most, nameof(last));
        var (asked, refused) = (0, 0);
        var listed = new List<DryRunObjection>();
        NoticeId? before = null;
        while (last is not { } limit || asked < limit)
        {
            // Policies may take their time, so they are asked outside the snapshot.
            var count = last is { } all ? Math.Min(AtOnce, all - asked) : AtOnce;
            var page = await store.ReadAsync(
                Freshness.MayLag, (session, ct) => session.Moderation.ListNoticesAsync(before, count, ct), cancellationToken).ConfigureAwait(false);
            foreach (var entry in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                before = entry.Notice.Id;
                asked++;
                if (await ObjectionAsync(policies, entry, cancellationToken).ConfigureAwait(false) is not { } reason)
                    continue;
                refused++;
                if (listed.Count < MaxListed)
                    listed.Add(new DryRunObjection(entry, reason));
            }

            progress?.Report(asked);
            if (page.Count < count)
                break;
        }

        return new DryRunReport(asked, refused, listed);
    }

    private static async ValueTask<string?> ObjectionAsync(IEnumerable<INoticePolicy> policies, TimelineEntry entry, CancellationToken cancellationToken)
    {
        foreach (var policy in policies)
        {
            if (await policy.ObjectToAsync(entry.Notice, entry.Author, cancellationToken).ConfigureAwait(false) is { } objection)
                return objection;
        }

        return null;
    }
}

/// <summary>What policies would have refused.</summary>
/// <param name="Asked">About how many notices they were asked.</param>
/// <param name="Refused">How many of them they would have refused.</param>
/// <param name="Objections">The newest of those.</param>
public sealed record DryRunReport(int Asked, int Refused, IReadOnlyList<DryRunObjection> Objections);

/// <summary>A notice that would have been refused.</summary>
/// <param name="Entry">The notice and its author.</param>
/// <param name="Reason">Why, in the policy's words.</param>
public sealed record DryRunObjection(TimelineEntry Entry, string Reason);
