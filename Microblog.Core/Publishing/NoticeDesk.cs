using System.Data.Common;
using Microblog.Delivery;
using Microblog.Policies;
using Microblog.Storage;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.Publishing;

/// <summary>Publishes and deletes notices of this node's people.</summary>
internal sealed class NoticeDesk(
    IMicroblogStore store, IOptions<MicroblogOptions> options, NodeAddresses addresses, IEnumerable<INoticePolicy> policies, DeliverySignal signal)
{
    public async Task<Outcome<Notice>> PublishAsync(
        ProfileId author, NoticeDraft draft, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (ObjectTo(draft) is { } problem)
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
            Freshness.Latest, (session, ct) => ComposeAsync(session, id.Notice, author, draft, ct), cancellationToken).ConfigureAwait(false);
        return await FinishAsync(composed, notice => StoreAsync(notice, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    // In the host's transaction, which runs once: the number is drawn inside, where the store has seen to it that no later one is
    // visible before the host commits, and the host's own uncommitted notices can be answered.
    private async ValueTask<Outcome<Notice>> PublishInsideAsync(
        IStoreSession session, ProfileId author, NoticeDraft draft, CancellationToken cancellationToken)
    {
        using var id = store.Ids.Draw();
        var composed = await ComposeAsync(session, id.Notice, author, draft, cancellationToken).ConfigureAwait(false);
        return await FinishAsync(composed, notice => WriteAsync(session, notice, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Outcome<Notice>> FinishAsync(
        Outcome<Composition> composed, Func<Notice, ValueTask<bool>> writeAsync, CancellationToken cancellationToken)
    {
        if (!composed.IsDone(out var composition, out var problem))
            return Outcome<Notice>.Refused(problem);
        var (notice, author) = composition;
        foreach (var policy in policies)
        {
            if (await policy.ObjectToAsync(notice, author, cancellationToken).ConfigureAwait(false) is { } objection)
                return Outcome<Notice>.Refused(objection);
        }

        return await writeAsync(notice).ConfigureAwait(false) ? Outcome<Notice>.Done(notice) : Outcome<Notice>.Refused(NoSuchProfile);
    }

    public async Task<bool> DeleteAsync(ProfileId author, NoticeId id, CancellationToken cancellationToken) =>
        await store.ExecuteAsync(
            async (session, ct) =>
                await session.Notices.FindAsync(id, author, ct).ConfigureAwait(false) is { } found
                && found.Notice.Author == author
                && await session.Notices.DeleteAsync(id, ct).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);

    private const string NoSuchProfile = "There is no such profile.";

    private string? ObjectTo(NoticeDraft draft)
    {
        if (string.IsNullOrWhiteSpace(draft.Content))
            return "The notice is empty.";
        if (draft.Content.Contains('\0', StringComparison.Ordinal))
            return "The notice contains a NUL character.";
        if (!NoticeText.IsWellFormed(draft.Content))
            return "The notice contains half a character.";
        var length = NoticeText.Length(draft.Content);
        if (length > options.Value.MaxNoticeLength)
            return $"The notice has {length} characters; at most {options.Value.MaxNoticeLength} are allowed.";
        return draft.SeeAlso is { } more && !WebAddress.IsValid(more.Url) ? "The address of additional content is not an http(s) address." : null;
    }

    private async ValueTask<Outcome<Composition>> ComposeAsync(
        IReadSession session, NoticeId id, ProfileId author, NoticeDraft draft, CancellationToken cancellationToken)
    {
        if (await session.Profiles.FindAsync(author, cancellationToken).ConfigureAwait(false) is not { IsLocal: true, IsDeleted: false } profile)
            return Outcome<Composition>.Refused(NoSuchProfile);

        Notice? answered = null;
        if (!draft.ReplyTo.IsNone)
        {
            answered = (await session.Notices.FindAsync(draft.ReplyTo, author, cancellationToken).ConfigureAwait(false))?.Notice;
            if (answered is null)
                return Outcome<Composition>.Refused("The notice that this one answers is gone.");
        }

        var parts = NoticeText.Split(draft.Content);
        var mentions = new List<ProfileId>();
        foreach (var name in parts.Where(p => p.Kind == TextPartKind.Mention).Select(p => p.Value).Distinct(StringComparer.Ordinal))
        {
            // "@nick" of a notice written here means this node; "@nick@host" is somebody elsewhere (OMB-66).
            if (LocalName(name) is { } nickname
                && await session.Profiles.FindLocalAsync(nickname, cancellationToken).ConfigureAwait(false) is { IsDeleted: false } mentioned
                && !await session.Subscriptions.IsBlockedAsync(mentioned.Id, profile.Uri, cancellationToken).ConfigureAwait(false))
                mentions.Add(mentioned.Id);
        }

        var uri = addresses.NoticeUri(id);
        var notice = new Notice
        {
            Id = id,
            Uri = NoticeUri.Parse(uri),
            Url = uri,
            Author = author,
            Content = draft.Content,
            License = draft.License?.Url ?? profile.License,
            Visibility = draft.Visibility,
            IsLocalOnly = draft.IsLocalOnly,
            ReplyTo = answered?.Id ?? default,
            ReplyToUri = answered?.Uri.Value ?? "",
            Conversation = answered is null ? id : answered.Conversation,
            SeeAlso = draft.SeeAlso,
            Mentions = mentions,
            Tags = [.. parts.Where(p => p.Kind == TextPartKind.Tag).Select(p => p.Value).Distinct(StringComparer.Ordinal)],
            Audience = draft.Visibility == Visibility.Direct ? [.. draft.Audience.Union(mentions)] : [],
        };
        return notice.Visibility == Visibility.Direct && notice.Audience.Count == 0
            ? Outcome<Composition>.Refused("A direct notice needs somebody of this node to go to: mention them.")
            : Outcome<Composition>.Done(new Composition(notice, profile));
    }

    private string? LocalName(string name) =>
        name.IndexOf('@', StringComparison.Ordinal) is var at and >= 0
            ? name[(at + 1)..] == addresses.Host ? name[..at] : null
            : name;

    private async ValueTask<bool> StoreAsync(Notice notice, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ExecuteAsync((session, ct) => WriteAsync(session, notice, ct), cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.IsOutcomeUnknown)
        {
            // Publishing again could double it, so ask whether it is there.
            var found = await store.ReadAsync(
                Freshness.Latest, (session, ct) => session.Notices.FindAsync(notice.Id, notice.Author, ct), CancellationToken.None).ConfigureAwait(false);
            if (found is null)
                throw;
            return true;
        }
    }

    private static async ValueTask<bool> WriteAsync(IStoreSession session, Notice notice, CancellationToken cancellationToken)
    {
        // The author may have left since the notice was composed.
        if (await session.Profiles.FindAsync(notice.Author, cancellationToken).ConfigureAwait(false) is not { IsDeleted: false })
            return false;
        await session.Notices.PublishAsync(notice, cancellationToken).ConfigureAwait(false);
        if (!notice.IsLocalOnly && notice.Visibility != Visibility.Direct)
        {
            await session.Deliveries.EnqueueAsync(
                new DeliveryEvent { Author = notice.Author, Kind = DeliveryEventKind.Notice, Notice = notice.Id }, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private IEnlistingStore Enlisting() => store as IEnlistingStore
        ?? throw new InvalidOperationException($"{store.GetType().Name} cannot join the host's transaction; use a store that lies in the host's database.");

    private sealed record Composition(Notice Notice, Profile Author);
}
