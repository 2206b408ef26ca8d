using Microblog.Omb.OAuth;
using Microblog.Omb.Origins;
using Microblog.Scheduling;
using Microblog.Storage;

namespace Microblog.Omb.Service;

/// <summary>Stores pushed notices, those that arrive together in one transaction: a commit costs more than a push.</summary>
internal sealed class PushQueue
{
    // So that nobody waits long, and a group that fails is done again soon.
    private const int MaxGroup = 64;

    private readonly OriginQueue origins;
    private readonly GroupCommit<PushedNotice, OAuthRefusal?> queue;

    public PushQueue(IMicroblogStore store, OriginQueue origins, TaskStarter starter)
    {
        this.origins = origins;
        queue = new GroupCommit<PushedNotice, OAuthRefusal?>(store, starter, Fits, StoreAsync);
    }

    /// <summary>Checks that the grant is in force and the nonce new, and stores the notice.</summary>
    /// <returns>The refusal, or <see langword="null"/> when it is stored, now or before.</returns>
    public Task<OAuthRefusal?> StoreAsync(Push push, Notice notice, CancellationToken cancellationToken) =>
        queue.ExecuteAsync(new PushedNotice(push, notice, origins.IsWorthAsking(notice, push.Grant)), cancellationToken);

    // A look-up locks its author's log and its lane, in no order that two groups would share.
    private static bool Fits(IReadOnlyList<PushedNotice> group, PushedNotice next) =>
        group.Count < MaxGroup && !(next.IsWorthAsking && group.Any(other => other.IsWorthAsking));

    // The store decides when this runs, may run it twice, and may commit it together with others' work,
    // so nothing in here has an effect outside the session.
    private async ValueTask<IReadOnlyList<OAuthRefusal?>> StoreAsync(
        IStoreSession session, IReadOnlyList<PushedNotice> group, CancellationToken cancellationToken)
    {
        var refusals = await PushVerifier.ClaimAsync(session, group.Select(item => item.Push), cancellationToken).ConfigureAwait(false);
        PushedNotice[] accepted = [.. group.Where((_, i) => refusals[i] is null)];
        // One that we have already is a success, stored once: senders retry when our answer was lost (OMB-55).
        var results = await session.Notices.ReceiveAsync(
            [.. accepted.Select(item => new ReceivedNotice(item.Notice, item.Push.Grant.Listener))], cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < accepted.Length; i++)
        {
            if (results[i] == ReceiveResult.Stored && accepted[i].IsWorthAsking)
                await origins.EnqueueAsync(session, accepted[i].Notice, accepted[i].Push.Grant, cancellationToken).ConfigureAwait(false);
        }

        return refusals;
    }

    private sealed record PushedNotice(Push Push, Notice Notice, bool IsWorthAsking);
}
