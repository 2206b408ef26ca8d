using System.Data.Common;
using Microblog.Delivery;
using Microblog.Groups;
using Microblog.People;
using Microblog.Policies;
using Microblog.Storage;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.Publishing;

/// <summary>Publishes and deletes notices of this node's people.</summary>
internal sealed class NoticeDesk(
    IMicroblogStore store, IOptions<MicroblogOptions> options, NodeAddresses addresses, IEnumerable<INoticePolicy> policies, TimeProvider clock,
    DeliverySignal signal)
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
        return await FinishAsync(composed, composition => StoreAsync(composition, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    // In the host's transaction, which runs once: the number is drawn inside, where the store has seen to it that no later one is
    // visible before the host commits, and the host's own uncommitted notices can be answered.
    private async ValueTask<Outcome<Notice>> PublishInsideAsync(
        IStoreSession session, ProfileId author, NoticeDraft draft, CancellationToken cancellationToken)
    {
        using var id = store.Ids.Draw();
        var composed = await ComposeAsync(session, id.Notice, author, draft, cancellationToken).ConfigureAwait(false);
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
    public async Task<Outcome<Notice>> RepeatAsync(ProfileId person, NoticeId original, CancellationToken cancellationToken)
    {
        using var id = store.Ids.Draw();
        var composed = await store.ReadAsync(
            Freshness.Latest, (session, ct) => ComposeRepeatAsync(session, id.Notice, person, original, ct), cancellationToken).ConfigureAwait(false);
        var repeated = await FinishAsync(composed, composition => StoreAsync(composition, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (repeated.Problem is null)
            signal.Wake();
        return repeated;
    }

    /// <summary>Changes the text of an own notice, and what stands in front of it.</summary>
    public async Task<Outcome<Notice>> EditAsync(ProfileId author, NoticeId id, NoticeDraft draft, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (ObjectTo(draft) is { } problem)
            return Outcome<Notice>.Refused(problem);
        using var place = store.Ids.Draw();
        var composed = await store.ReadAsync(
            Freshness.Latest, (session, ct) => ComposeEditAsync(session, id, author, draft, ct), cancellationToken).ConfigureAwait(false);
        return await FinishAsync(composed, composition => ChangeAsync(composition.Notice, place.Position, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> DeleteAsync(ProfileId author, NoticeId id, CancellationToken cancellationToken) =>
        await store.ExecuteAsync(
            async (session, ct) =>
                await session.Notices.FindAsync(id, author, ct).ConfigureAwait(false) is { } found
                && found.Notice.Author == author
                && await session.Notices.DeleteAsync(id, ct).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);

    private const int MaxGroupNames = 100;
    private const string RepeatedAlready = "You have repeated this notice already.";
    private const string NoSuchUpload = "A picture is not there any more, or is part of another notice. Choose it again.";

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
        if (draft.Attachments.Count > options.Value.MaxAttachments || draft.Attachments.Distinct().Count() != draft.Attachments.Count)
            return $"At most {options.Value.MaxAttachments} pictures go with a notice, each once.";
        if (draft.Language.Length > 0 && !NoticeDetail.IsLanguage(draft.Language))
            return "The language is not a tag such as “en” or “pt-BR”.";
        if (draft.Warning != OneLine.Of(draft.Warning) || !NoticeText.IsStorable(draft.Warning) || NoticeText.Length(draft.Warning) > NoticeDetail.MaxWarningLength)
            return $"The content warning is not one line of at most {NoticeDetail.MaxWarningLength} characters.";
        return draft.SeeAlso is { } more && !WebAddress.IsValid(more.Url) ? "The address of additional content is not an http(s) address." : null;
    }

    private async ValueTask<Outcome<Composition>> ComposeAsync(
        IReadSession session, NoticeId id, ProfileId author, NoticeDraft draft, CancellationToken cancellationToken)
    {
        var profile = await session.Profiles.FindAsync(author, cancellationToken).ConfigureAwait(false);
        if (profile is not { MayAct: true })
            return Outcome<Composition>.Refused(Presence.ObjectionTo(profile));

        Notice? answered = null;
        if (!draft.ReplyTo.IsNone)
        {
            var found = await session.Notices.FindAsync(draft.ReplyTo, author, cancellationToken).ConfigureAwait(false);
            // Whoever answers a repeat answers what it repeats.
            answered = (found?.Repeated ?? found)?.Notice;
            if (answered is null)
                return Outcome<Composition>.Refused("The notice that this one answers is gone.");
        }

        var parts = NoticeText.Split(draft.Content);
        var mentions = await FindMentionedAsync(session, parts, profile, answered, cancellationToken).ConfigureAwait(false);
        var attachments = await FindAttachmentsAsync(session, author, draft.Attachments, cancellationToken).ConfigureAwait(false);
        if (attachments.Count != draft.Attachments.Count)
            return Outcome<Composition>.Refused(NoSuchUpload);
        IReadOnlyList<NamedGroup> groups = draft.Visibility is Visibility.Public or Visibility.Unlisted
            ? await FindGroupsAsync(session, parts, author, cancellationToken).ConfigureAwait(false) : [];
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
            Attachments = attachments,
            Mentions = mentions,
            Tags = TagsOf(parts),
            Groups = groups,
            Language = draft.Language,
            Warning = draft.Warning,
            IsSensitive = draft.IsSensitive,
            Audience = draft.Visibility == Visibility.Direct ? [.. draft.Audience.Union(mentions)] : [],
        };
        return notice.Visibility == Visibility.Direct && notice.Audience.Count == 0
            ? Outcome<Composition>.Refused("A direct notice needs somebody of this node to go to: mention them.")
            : Outcome<Composition>.Done(new Composition(notice, profile));
    }

    // Those named in the text, and whoever is answered. Nobody who blocks the author is told.
    private async ValueTask<List<ProfileId>> FindMentionedAsync(
        IReadSession session, IReadOnlyList<TextPart> parts, Profile author, Notice? answered, CancellationToken cancellationToken)
    {
        var people = new List<Profile>();
        foreach (var name in parts.Where(p => p.Kind == TextPartKind.Mention).Select(p => p.Value).Distinct(StringComparer.Ordinal))
        {
            // "@nick" of a notice written here means this node; "@nick@host" is somebody elsewhere (OMB-66).
            if (LocalName(name) is { } nickname && await session.Profiles.FindLocalAsync(nickname, cancellationToken).ConfigureAwait(false) is { } named)
                people.Add(named);
        }

        if (answered is { IsRemote: false } && answered.Author != author.Id && people.TrueForAll(person => person.Id != answered.Author)
            && await session.Profiles.FindAsync(answered.Author, cancellationToken).ConfigureAwait(false) is { } writer)
            people.Add(writer);
        var mentions = new List<ProfileId>();
        foreach (var person in people.Where(person => person.MayAct))
        {
            if (!await session.Subscriptions.IsBlockedAsync(person.Id, author.Uri, cancellationToken).ConfigureAwait(false))
                mentions.Add(person.Id);
        }

        return mentions;
    }

    // Those that the author is in: to others "!name" says nothing. A text of a thousand names is asked for the first hundred.
    private static async ValueTask<IReadOnlyList<NamedGroup>> FindGroupsAsync(
        IReadSession session, IReadOnlyList<TextPart> parts, ProfileId author, CancellationToken cancellationToken)
    {
        List<string> names = [.. parts.Where(p => p.Kind == TextPartKind.Group).Select(p => p.Value).Distinct(StringComparer.Ordinal).Take(MaxGroupNames)];
        if (names.Count == 0)
            return [];
        var named = await session.Groups.ListNamedAsync(author, names, cancellationToken).ConfigureAwait(false);
        var groups = named.Select(group => group.Id).Distinct().Take(GroupLimits.PerNotice).ToHashSet();
        return [.. named.Where(group => groups.Contains(group.Id))];
    }

    private static List<string> TagsOf(IReadOnlyList<TextPart> parts) =>
        [.. parts.Where(p => p.Kind == TextPartKind.Tag).Select(p => p.Value).Distinct(StringComparer.Ordinal)];

    // Its text says the same in words, for whoever knows no repeats. It names no tags and mentions nobody: the author is told of the repeat.
    private async ValueTask<Outcome<Composition>> ComposeRepeatAsync(
        IReadSession session, NoticeId id, ProfileId person, NoticeId wanted, CancellationToken cancellationToken)
    {
        var profile = await session.Profiles.FindAsync(person, cancellationToken).ConfigureAwait(false);
        if (profile is not { MayAct: true })
            return Outcome<Composition>.Refused(Presence.ObjectionTo(profile));
        var found = await session.Notices.FindAsync(wanted, person, cancellationToken).ConfigureAwait(false);
        if ((found?.Repeated ?? found) is not { } original)
            return Outcome<Composition>.Refused("This notice is gone.");
        if (original.Notice.Visibility is not (Visibility.Public or Visibility.Unlisted))
            return Outcome<Composition>.Refused("Only what everybody may see can be repeated.");
        var reactions = await session.Reactions.ListAsync(person, [original.Notice.Id], cancellationToken).ConfigureAwait(false);
        if (reactions.Any(reaction => !reaction.Repeat.IsNone))
            return Outcome<Composition>.Refused(RepeatedAlready);
        var uri = addresses.NoticeUri(id);
        var notice = new Notice
        {
            Id = id,
            Uri = NoticeUri.Parse(uri),
            Url = uri,
            Author = person,
            Content = $"RT @{original.Author.Address} {original.Notice.Content}",
            License = original.Notice.License,
            IsLocalOnly = original.Notice.IsLocalOnly,
            Conversation = id,
            RepeatOf = original.Notice.Id,
            Language = original.Notice.Language,
            Warning = original.Notice.Warning,
            IsSensitive = original.Notice.IsSensitive,
        };
        return Outcome<Composition>.Done(new Composition(notice, profile) { Told = await IsToldAsync(session, original.Author, profile, cancellationToken).ConfigureAwait(false) ? original.Author.Id : default });
    }

    private static async ValueTask<bool> IsToldAsync(IReadSession session, Profile person, Profile actor, CancellationToken cancellationToken) =>
        person.MayAct && person.Id != actor.Id
        && !await session.Subscriptions.IsBlockedAsync(person.Id, actor.Uri, cancellationToken).ConfigureAwait(false);

    private async ValueTask<Outcome<Composition>> ComposeEditAsync(
        IReadSession session, NoticeId id, ProfileId author, NoticeDraft draft, CancellationToken cancellationToken)
    {
        var found = await session.Notices.FindAsync(id, author, cancellationToken).ConfigureAwait(false);
        if (found is not { Notice: { IsRemote: false } before } || before.Author != author)
            return Outcome<Composition>.Refused("You have no such notice.");
        if (!before.RepeatOf.IsNone)
            return Outcome<Composition>.Refused("A repeat cannot be changed; take it back.");
        var parts = NoticeText.Split(draft.Content);
        var answered = before.ReplyTo.IsNone ? null : (await session.Notices.FindAsync(before.ReplyTo, author, cancellationToken).ConfigureAwait(false))?.Notice;
        var mentions = await FindMentionedAsync(session, parts, found.Author, answered, cancellationToken).ConfigureAwait(false);
        var notice = before with
        {
            Content = draft.Content,
            Language = draft.Language,
            Warning = draft.Warning,
            IsSensitive = draft.IsSensitive,
            // Who may read a direct notice was settled when it was written.
            Mentions = before.Visibility == Visibility.Direct ? [.. mentions.Intersect(before.Audience)] : mentions,
            Tags = TagsOf(parts),
            EditedAt = clock.GetUtcNow(),
        };
        return Outcome<Composition>.Done(new Composition(notice, found.Author));
    }

    private async ValueTask<string?> ChangeAsync(Notice notice, TimelinePosition position, CancellationToken cancellationToken)
    {
        var objection = await store.ExecuteAsync(
            async (session, ct) =>
            {
                var author = await session.Profiles.FindAsync(notice.Author, ct).ConfigureAwait(false);
                if (author is not { MayAct: true })
                    return Presence.ObjectionTo(author);
                await session.Notices.EditAsync(notice, position, ct).ConfigureAwait(false);
                return null;
            },
            cancellationToken).ConfigureAwait(false);
        signal.NoticeArrived();
        return objection;
    }

    private static async ValueTask<List<Attachment>> FindAttachmentsAsync(
        IReadSession session, ProfileId author, IReadOnlyList<AttachmentId> ids, CancellationToken cancellationToken)
    {
        var list = new List<Attachment>(ids.Count);
        foreach (var id in ids)
        {
            if (await session.Attachments.FindAsync(id, cancellationToken).ConfigureAwait(false) is { Notice.IsNone: true } stored && stored.Owner == author)
                list.Add(stored.Attachment);
        }

        return list;
    }

    private string? LocalName(string name) =>
        name.IndexOf('@', StringComparison.Ordinal) is var at and >= 0
            ? name[(at + 1)..] == addresses.Host ? name[..at] : null
            : name;

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
    private static async ValueTask<string?> WriteAsync(IStoreSession session, Composition composition, CancellationToken cancellationToken)
    {
        var notice = composition.Notice;
        // The author may have left, or been suspended, since the notice was composed.
        var author = await session.Profiles.FindAsync(notice.Author, cancellationToken).ConfigureAwait(false);
        if (author is not { MayAct: true })
            return Presence.ObjectionTo(author);
        AttachmentId[] attached = [.. notice.Attachments.Select(attachment => attachment.Id)];
        if (attached.Length > 0 && !await session.Attachments.AttachAsync(attached, notice.Author, notice.Id, cancellationToken).ConfigureAwait(false))
            return NoSuchUpload;
        // Also where another repeat of the same person came in between.
        if (!await session.Notices.PublishAsync(notice, cancellationToken).ConfigureAwait(false))
            return RepeatedAlready;
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

    private IEnlistingStore Enlisting() => store as IEnlistingStore
        ?? throw new InvalidOperationException($"{store.GetType().Name} cannot join the host's transaction; use a store that lies in the host's database.");

    /// <param name="Notice">What is stored.</param>
    /// <param name="Author">Who wrote it.</param>
    private sealed record Composition(Notice Notice, Profile Author)
    {
        /// <summary>Who is told of a repeat.</summary>
        public ProfileId Told { get; init; }
    }
}
