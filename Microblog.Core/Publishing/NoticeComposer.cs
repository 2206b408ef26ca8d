using Microblog.Groups;
using Microblog.People;
using Microblog.Storage;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.Publishing;

/// <summary>Makes notices of what people want to say, or says why it cannot be: reads, and writes nothing.</summary>
internal sealed class NoticeComposer(IOptions<MicroblogOptions> options, NodeAddresses addresses, TimeProvider clock)
{
    public const string RepeatedAlready = "You have repeated this notice already.";
    public const string NoSuchUpload = "A picture is not there any more, or is part of another notice. Choose it again.";

    private const int MaxGroupNames = 100;

    /// <summary>What is wrong with a draft whoever wrote it, or <see langword="null"/>.</summary>
    public string? ObjectTo(NoticeDraft draft)
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
        if (draft.Source is { IsValid: false })
            return $"The program's name is not one line of at most {NoticeSource.MaxName} characters, or its address is none.";
        return draft.SeeAlso is { } more && !WebAddress.IsValid(more.Url) ? "The address of additional content is not an http(s) address." : null;
    }

    /// <summary>A new notice, whose number was drawn for it.</summary>
    public async ValueTask<Outcome<Composition>> ComposeAsync(
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
        if (draft is { Visibility: Visibility.Direct, AddressesMentioned: false })
            mentions = [.. mentions.Intersect(draft.Audience)];
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
            Source = draft.Source,
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
            : Outcome<Composition>.Done(new Composition(notice, profile) { Once = draft.Once, NotAgainWithin = draft.NotAgainWithin });
    }

    /// <summary>A repeat of a notice.</summary>
    /// <remarks>Its text says the same in words, for whoever knows no repeats. It names no tags and mentions nobody: the author is told of the repeat.</remarks>
    public async ValueTask<Outcome<Composition>> ComposeRepeatAsync(
        IReadSession session, NoticeId id, ProfileId person, NoticeId wanted, NoticeSource? source, CancellationToken cancellationToken)
    {
        if (source is { IsValid: false })
            throw new ArgumentException("The program's name is not one line, or its address is none.", nameof(source));
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
            Source = source,
            Language = original.Notice.Language,
            Warning = original.Notice.Warning,
            IsSensitive = original.Notice.IsSensitive,
        };
        return Outcome<Composition>.Done(new Composition(notice, profile) { Told = await IsToldAsync(session, original.Author, profile, cancellationToken).ConfigureAwait(false) ? original.Author.Id : default });
    }

    /// <summary>An own notice as it is after a change.</summary>
    public async ValueTask<Outcome<Composition>> ComposeEditAsync(
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

    private static async ValueTask<bool> IsToldAsync(IReadSession session, Profile person, Profile actor, CancellationToken cancellationToken) =>
        person.MayAct && person.Id != actor.Id
        && !await session.Subscriptions.IsBlockedAsync(person.Id, actor.Uri, cancellationToken).ConfigureAwait(false);

    private string? LocalName(string name) =>
        name.IndexOf('@', StringComparison.Ordinal) is var at and >= 0
            ? name[(at + 1)..] == addresses.Host ? name[..at] : null
            : name;
}

/// <summary>A notice that is ready to be stored.</summary>
/// <param name="Notice">What is stored.</param>
/// <param name="Author">Who wrote it.</param>
internal sealed record Composition(Notice Notice, Profile Author)
{
    /// <summary>Who is told of a repeat.</summary>
    public ProfileId Told { get; init; }

    /// <summary>What it is published once by, if it is.</summary>
    public Storage.OnceKey? Once { get; init; }

    /// <summary>How long ago its author may not have said the same.</summary>
    public TimeSpan? NotAgainWithin { get; init; }
}
