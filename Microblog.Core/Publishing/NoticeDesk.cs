using System.Data.Common;
using Microblog.Delivery;
using Microblog.People;
using Microblog.Policies;
using Microblog.Storage;
using Microblog.WebSub;

namespace Microblog.Publishing;

/// <summary>Publishes and deletes notices of this node's people.</summary>
internal sealed class NoticeDesk(
    IMicroblogStore store, NoticeComposer composer, IEnumerable<INoticePolicy> policies, FeedNews feeds, DeliverySignal signal, TimeProvider clock)
{
    public async Task<Outcome<Notice>> PublishAsync(
        ProfileId author, NoticeDraft draft, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (composer.ObjectTo(draft) is { } problem)
            return Outcome<Notice>.Refused(problem);

        var published = transaction is null
            ? await PublishAloneAsync(author, draft, cancellationToken).ConfigureAwait(false)
            : await Enlisting().ExecuteAsync(
                transaction, (session, ct) => PublishInsideAsync(session, author, draft, ct), cancellationToken).ConfigureAwait(false);
        if (published.Problem is null)
            signal.Wake();
        return published;
    }

    private async ValueTask<Outcome<Notice>> PublishAloneAsync(ProfileId author, NoticeDraft draft, CancellationToken cancellationToken)
    {
        // Drawn first and closed last, so that whoever reads forward waits for it (IdSource).
        using var id = store.Ids.Draw();
        var composed = await store.ReadAsync(
            Freshness.Latest, (session, ct) => composer.ComposeAsync(session, id.Notice, author, draft, ct), cancellationToken).ConfigureAwait(false);
        return await FinishAsync(composed, composition => StoreAsync(composition, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    // In the host's transaction, which runs once: the number is drawn inside, where the store has seen to it that no later one is
    // visible before the host commits, and the host's own uncommitted notices can be answered.
    private async ValueTask<Outcome<Notice>> PublishInsideAsync(
        IStoreSession session, ProfileId author, NoticeDraft draft, CancellationToken cancellationToken)
    {
        using var id = store.Ids.Draw();
        var composed = await composer.ComposeAsync(session, id.Notice, author, draft, cancellationToken).ConfigureAwait(false);
        return await FinishAsync(composed, composition => WriteAsync(session, composition, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Outcome<Notice>> FinishAsync(
        Outcome<Composition> composed, Func<Composition, ValueTask<string?>> writeAsync, CancellationToken cancellationToken)
    {
        if (!composed.IsDone(out var composition, out var problem))
            return Outcome<Notice>.Refused(problem);
        var (notice, author) = composition;
        foreach (var policy in policies)
        {
            if (await policy.ObjectToAsync(notice, author, cancellationToken).ConfigureAwait(false) is { } objection)
                return Outcome<Notice>.Refused(objection);
        }

        return await writeAsync(composition).ConfigureAwait(false) is { } refusal ? Outcome<Notice>.Refused(refusal) : Outcome<Notice>.Done(notice);
    }

    /// <summary>Passes a notice on under the person's own name.</summary>
    public async Task<Outcome<Notice>> RepeatAsync(ProfileId person, NoticeId original, NoticeSource? source, CancellationToken cancellationToken)
    {
        using var id = store.Ids.Draw();
        var composed = await store.ReadAsync(
            Freshness.Latest, (session, ct) => composer.ComposeRepeatAsync(session, id.Notice, person, original, source, ct), cancellationToken).ConfigureAwait(false);
        var repeated = await FinishAsync(composed, composition => StoreAsync(composition, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (repeated.Problem is null)
            signal.Wake();
        return repeated;
    }

    /// <summary>Changes the text of an own notice, and what stands in front of it.</summary>
    public async Task<Outcome<Notice>> EditAsync(ProfileId author, NoticeId id, NoticeDraft draft, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (composer.ObjectTo(draft) is { } problem)
            return Outcome<Notice>.Refused(problem);
        using var place = store.Ids.Draw();
        var composed = await store.ReadAsync(
            Freshness.Latest, (session, ct) => composer.ComposeEditAsync(session, id, author, draft, ct), cancellationToken).ConfigureAwait(false);
        return await FinishAsync(composed, composition => ChangeAsync(composition.Notice, place.Position, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> DeleteAsync(ProfileId author, NoticeId id, CancellationToken cancellationToken)
    {
        using var place = store.Ids.Draw();
        return await store.ExecuteAsync(
            async (session, ct) =>
                await session.Notices.FindAsync(id, author, ct).ConfigureAwait(false) is { } found
                && found.Notice.Author == author
                && await session.Notices.DeleteAsync(id, place.Position, ct).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<string?> ChangeAsync(Notice notice, TimelinePosition position, CancellationToken cancellationToken)
    {
        var objection = await store.ExecuteAsync(
            async (session, ct) =>
            {
                var author = await session.Profiles.FindAsync(notice.Author, ct).ConfigureAwait(false);
                if (author is not { MayAct: true })
                    return Presence.ObjectionTo(author);
                if (await session.Notices.EditAsync(notice, position, ct).ConfigureAwait(false))
                    await feeds.TellAsync(session, notice.Id, ct).ConfigureAwait(false);
                return null;
            },
            cancellationToken).ConfigureAwait(false);
        signal.Wake();
        return objection;
    }

    private async ValueTask<string?> StoreAsync(Composition composition, CancellationToken cancellationToken)
    {
        var notice = composition.Notice;
        try
        {
            return await store.ExecuteAsync((session, ct) => WriteAsync(session, composition, ct), cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.IsOutcomeUnknown)
        {
            // Publishing again could double it, so ask whether it is there.
            var found = await store.ReadAsync(
                Freshness.Latest, (session, ct) => session.Notices.FindAsync(notice.Id, notice.Author, ct), CancellationToken.None).ConfigureAwait(false);
            if (found is null)
                throw;
            return null;
        }
    }

    /// <returns>Why not, or <see langword="null"/>.</returns>
    private async ValueTask<string?> WriteAsync(IStoreSession session, Composition composition, CancellationToken cancellationToken)
    {
        var notice = composition.Notice;
        // The author may have left, or been suspended, since the notice was composed.
        var author = await session.Profiles.FindAsync(notice.Author, cancellationToken).ConfigureAwait(false);
        if (author is not { MayAct: true })
            return Presence.ObjectionTo(author);
        if (composition.Once is { } once && !await session.Credentials.OnceAsync(once, cancellationToken).ConfigureAwait(false))
            return NoticeDraft.PublishedAlready;
        if (composition.NotAgainWithin is { } span && await session.Notices.HasSaidAsync(notice.Author, notice.Content, Since(span), cancellationToken).ConfigureAwait(false))
            return NoticeDraft.SaidAlready;
        AttachmentId[] attached = [.. notice.Attachments.Select(attachment => attachment.Id)];
        if (attached.Length > 0 && !await session.Attachments.AttachAsync(attached, notice.Author, notice.Id, cancellationToken).ConfigureAwait(false))
            return NoticeComposer.NoSuchUpload;
        // Also where another repeat of the same person came in between.
        if (!await session.Notices.PublishAsync(notice, cancellationToken).ConfigureAwait(false))
            return NoticeComposer.RepeatedAlready;
        if (!composition.Told.IsNone)
        {
            await session.Notifications.AddAsync(
                new Notification
                {
                    Owner = composition.Told,
                    Position = TimelinePosition.FromNoticeId(notice.Id),
                    Kind = NotificationKind.Repeat,
                    Actor = notice.Author,
                    Notice = notice.Id,
                },
                cancellationToken).ConfigureAwait(false);
        }

        if (!notice.IsLocalOnly && notice.Visibility != Visibility.Direct)
        {
            await session.Deliveries.EnqueueAsync(
                new DeliveryEvent { Author = notice.Author, Kind = DeliveryEventKind.Notice, Notice = notice.Id }, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    private TimelinePosition Since(TimeSpan span) => new(IdSource.FirstAt(clock.GetUtcNow() - span) - 1);

    private IEnlistingStore Enlisting() => store as IEnlistingStore
        ?? throw new InvalidOperationException($"{store.GetType().Name} cannot join the host's transaction; use a store that lies in the host's database.");
}
