using Microblog.Storage;

namespace Microblog.Archive;

/// <summary>Stores a few lines of an archive in one transaction.</summary>
/// <param name="session">The transaction.</param>
/// <param name="staging">Under which numbers.</param>
/// <param name="profile">Whose archive it is.</param>
/// <param name="addresses">Tells the node's own addresses.</param>
/// <param name="numbers">Enough numbers for whoever has to be stored.</param>
/// <param name="cancellationToken">The transaction's.</param>
internal sealed class ArrivalBatch(
    IStoreSession session, Staging staging, ArchivedProfile profile, NodeAddresses addresses, IReadOnlyList<DrawnId> numbers, CancellationToken cancellationToken)
{
    private int used;

    public async ValueTask FollowAsync(ArchivedSubscription line)
    {
        var id = numbers[used++].Subscription;
        var publisher = await KeepAsync(line.Person, id).ConfigureAwait(false);
        await session.Archive.AddSubscriptionAsync(Listed(id, staging.Person, publisher, isSubscriberLocal: true, line), line.Person.Uri, cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask BeFollowedAsync(ArchivedSubscription line)
    {
        var id = numbers[used++].Subscription;
        var subscriber = await KeepAsync(line.Person, id).ConfigureAwait(false);
        await session.Archive.AddSubscriptionAsync(Listed(id, subscriber, staging.Person, isSubscriberLocal: false, line), profile.Uri, cancellationToken)
            .ConfigureAwait(false);
    }

    public ValueTask BlockAsync(ArchivedBlock line) =>
        session.Subscriptions.BlockAsync(staging.Person, line.Blocked, line.Since, cancellationToken);

    public ValueTask MuteAsync(ArchivedMute line) => session.Subscriptions.MuteAsync(staging.Person, line.Mute, cancellationToken);

    public async ValueTask ReviseAsync(ArchivedRevision line, ArchiveLine where)
    {
        if (await FindAsync(line.Notice).ConfigureAwait(false) is not { EditedAt: not null } notice || notice.Author != staging.Person)
            throw new ArchiveException("“notice” is none of the notices of this archive that were changed.", where.Entry, where.Number);
        await session.Archive.AddRevisionAsync(notice.Id, line.Revision, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask FavourAsync(ArchivedFavourite line, ArchiveLine where)
    {
        var notice = await FindAsync(line.Notice).ConfigureAwait(false);
        if (!await session.Archive.AddFavouriteAsync(staging.Person, line.Notice, line.Since, notice?.Id ?? default, cancellationToken).ConfigureAwait(false))
            throw new ArchiveException("The millisecond of “since” is full.", where.Entry, where.Number);
    }

    public async ValueTask AddAsync(ArchivedNotice line, ArchiveLine where, ArrivingFiles files)
    {
        var wanted = line.Notice.Id.IsNone ? new NoticeId(Math.Max(1, IdSource.FirstAt(line.Published))) : line.Notice.Id;
        var notice = line.Notice with
        {
            Id = wanted,
            Author = staging.Person,
            Mentions = await ResolveAsync(line.Mentions).ConfigureAwait(false),
            Audience = await ResolveAsync(line.Audience).ConfigureAwait(false),
            Attachments = [.. line.Attachments.Select(named => files.Attachment(named, numbers[used++].Attachment))],
        };
        notice = await AnswerAsync(notice).ConfigureAwait(false);
        var id = await session.Archive.AddNoticeAsync(notice, cancellationToken).ConfigureAwait(false);
        if (id.IsNone)
            throw new ArchiveException("There is a notice of this URI already, or the millisecond is full.", where.Entry, where.Number);
        if (id != wanted && addresses.IsOwn(notice.Uri.Value))
            throw new ArchiveException("The address of this node leads to another notice.", where.Entry, where.Number);
    }

    private static Subscription Listed(SubscriptionId id, ProfileId subscriber, ProfileId publisher, bool isSubscriberLocal, ArchivedSubscription line) => new()
    {
        Id = id,
        Subscriber = subscriber,
        Publisher = publisher,
        State = SubscriptionState.Imported,
        Protocol = Subscription.ArchiveProtocol,
        IsSubscriberLocal = isSubscriberLocal,
        Peer = Subscription.ArchiveProtocol,
        CreatedAt = line.Since,
    };

    private async ValueTask<Notice> AnswerAsync(Notice notice)
    {
        var parent = notice.ReplyToUri.Length == 0 ? null : await FindAsync(NoticeUri.Parse(notice.ReplyToUri)).ConfigureAwait(false);
        if (parent is not null)
            return notice with { ReplyTo = parent.Id, Conversation = parent.Conversation };
        return notice with { Conversation = await IsFreeAsync(notice.Conversation).ConfigureAwait(false) ? notice.Conversation : default };
    }

    // What a line names is known here when it is public or the person's own: the line must not open what the person could not see.
    private async ValueTask<Notice?> FindAsync(NoticeUri uri) =>
        (await session.Notices.FindAsync(uri, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(other => other.Scope.IsNone && (other.IsPublic || other.Author == staging.Person));

    // A conversation whose beginning is not here keeps its number, so that the person's notices in it stay together.
    private async ValueTask<bool> IsFreeAsync(NoticeId conversation)
    {
        if (conversation.IsNone)
            return false;
        var first = await session.Archive.FindNoticeAsync(conversation, cancellationToken).ConfigureAwait(false);
        return first is null || first.Author == staging.Person;
    }

    private async ValueTask<IReadOnlyList<ProfileId>> ResolveAsync(IReadOnlyList<ArchivedPerson> people)
    {
        var ids = new List<ProfileId>(people.Count);
        foreach (var person in people)
            ids.Add(await ResolveAsync(person).ConfigureAwait(false));
        return ids;
    }

    // The person, somebody of this node, or a name that stands for somebody who is not here.
    private async ValueTask<ProfileId> ResolveAsync(ArchivedPerson person)
    {
        if (person.Uri == profile.Uri)
            return staging.Person;
        if (await session.Profiles.FindAsync(person.Uri, default, cancellationToken).ConfigureAwait(false) is { IsLocal: true } here)
            return here.Id;
        return (await session.Profiles.FindAsync(person.Uri, staging.Run, cancellationToken).ConfigureAwait(false))?.Id
            ?? await KeepAsync(person, staging.Run).ConfigureAwait(false);
    }

    private ValueTask<ProfileId> KeepAsync(ArchivedPerson person, SubscriptionId scope) =>
        session.Profiles.SaveRemoteAsync(person.ToProfile(numbers[used++].Profile, scope), cancellationToken);
}
