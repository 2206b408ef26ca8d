using System.Data.Common;
using Microblog.Federation;
using Microblog.Groups;
using Microblog.Invitations;
using Microblog.Media;
using Microblog.People;
using Microblog.Publishing;
using Microblog.Storage;
using Microblog.Subscribing;
using Microblog.Text;

namespace Microblog;

/// <summary>What an application does with its node: let its people join, publish, hear each other and others elsewhere, and read.</summary>
/// <remarks>
/// Safe for many threads. A refusal that a person can act on is a value; a store that is broken throws <see cref="StoreException"/>.
/// Nobody waits for another service: what has to be sent is stored with the change and delivered by the delivery worker.
/// </remarks>
public sealed class MicroblogNode
{
    private readonly IMicroblogStore store;
    private readonly ProfileDesk people;
    private readonly NoticeDesk notices;
    private readonly FavouriteDesk favourites;
    private readonly SubscriptionDesk subscriptions;
    private readonly AttachmentDesk attachments;
    private readonly GroupDesk groups;
    private readonly InvitationDesk invitations;

    internal MicroblogNode(
        IMicroblogStore store, ProfileDesk people, NoticeDesk notices, FavouriteDesk favourites, SubscriptionDesk subscriptions, AttachmentDesk attachments,
        GroupDesk groups, InvitationDesk invitations) =>
        (this.store, this.people, this.notices, this.favourites, this.subscriptions, this.attachments, this.groups, this.invitations) =
        (store, people, notices, favourites, subscriptions, attachments, groups, invitations);

    /// <summary>Gives a user of the host a profile: opting in.</summary>
    /// <param name="subject">What never changes about the user (<see cref="Identity.HostUser.Subject"/>).</param>
    /// <param name="nickname">The wished nickname, <c>[a-z0-9]{1,64}</c> after folding.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    /// <remarks>It asks for no invitation, even where the pages do (<see cref="MicroblogOptions.JoinOnlyByInvitation"/>): whoever calls it has decided.</remarks>
    public Task<Outcome<Profile>> JoinAsync(string subject, string nickname, CancellationToken cancellationToken = default) =>
        people.JoinAsync(subject, nickname, cancellationToken);

    /// <summary>Gives a user of the host a profile by an invitation: they follow the inviter, who follows them if the invitation says so. All of it, or nothing.</summary>
    /// <param name="subject">What never changes about the user (<see cref="Identity.HostUser.Subject"/>).</param>
    /// <param name="nickname">The wished nickname, <c>[a-z0-9]{1,64}</c> after folding.</param>
    /// <param name="invitation">The secret of the invitation's link: its last segment.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    public Task<Outcome<Profile>> JoinAsync(string subject, string nickname, string invitation, CancellationToken cancellationToken = default) =>
        invitations.JoinAsync(subject, nickname, invitation, cancellationToken);

    /// <summary>Makes a link by which others may join. Only its hash is kept.</summary>
    public Task<Outcome<NewInvitation>> InviteAsync(ProfileId inviter, InvitationTerms terms, CancellationToken cancellationToken = default) =>
        invitations.CreateAsync(inviter, terms, cancellationToken);

    /// <summary>The invitation of a link if one may join by it, or why not.</summary>
    /// <param name="invitation">The secret of its link: its last segment.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public Task<Outcome<Invitation>> FindInvitationAsync(string invitation, CancellationToken cancellationToken = default) =>
        invitations.FindAsync(invitation, cancellationToken);

    /// <summary>A person's invitations, newest first, expired and used-up ones too.</summary>
    public Task<IReadOnlyList<Invitation>> InvitationsAsync(ProfileId inviter, CancellationToken cancellationToken = default) =>
        ReadAsync((session, ct) => session.Invitations.ListAsync(inviter, InvitationDesk.MaxPerPerson, ct), cancellationToken);

    /// <summary>Takes an invitation back: nobody joins by it any more, and whoever has stays.</summary>
    /// <param name="inviter">Whose it is.</param>
    /// <param name="key">Which (<see cref="Invitation.Key"/>).</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    /// <returns>Whether the person had such an invitation.</returns>
    public Task<bool> TakeBackInvitationAsync(ProfileId inviter, string key, CancellationToken cancellationToken = default) =>
        invitations.RemoveAsync(inviter, key, cancellationToken);

    /// <summary>Changes the own profile and tells the subscribers of other services.</summary>
    public Task<Outcome<Profile>> UpdateProfileAsync(ProfileId person, ProfileChanges changes, CancellationToken cancellationToken = default) =>
        people.UpdateAsync(person, changes, cancellationToken);

    /// <summary>Takes a person off the node: memberships end, from now on nobody sees anything of theirs, and a worker deletes it, however much it is.
    /// The nickname is not given to anybody else (OMB-12); services whose people were heard learn it with the next notice (OMB-57). OMB knows no
    /// deletion: what other services have, they keep.</summary>
    /// <returns>Whether there was such a person.</returns>
    public Task<bool> LeaveAsync(ProfileId person, CancellationToken cancellationToken = default) => people.LeaveAsync(person, cancellationToken);

    /// <summary>The profile of a user of the host, or <see langword="null"/> before opting in.</summary>
    public Task<Profile?> FindProfileAsync(string subject, CancellationToken cancellationToken = default) =>
        ReadAsync(
            (session, ct) => NoticeText.IsStorable(subject) ? session.Profiles.FindBySubjectAsync(subject, ct) : new(default(Profile)), cancellationToken);

    /// <summary>The local profile of a nickname, or <see langword="null"/>; also one that has left.</summary>
    public Task<Profile?> FindLocalAsync(string nickname, CancellationToken cancellationToken = default) =>
        ReadAsync(
            (session, ct) => NoticeText.IsStorable(nickname) ? session.Profiles.FindLocalAsync(nickname.ToLowerInvariant(), ct) : new(default(Profile)),
            cancellationToken);

    /// <summary>The profile with this number, or <see langword="null"/>.</summary>
    public Task<Profile?> FindProfileAsync(ProfileId id, CancellationToken cancellationToken = default) =>
        ReadAsync((session, ct) => session.Profiles.FindAsync(id, ct), cancellationToken);

    /// <summary>How much a person of this node has written, who hears them and whom they hear; all zero for everybody else.</summary>
    public Task<ProfileCounts> CountsAsync(ProfileId person, CancellationToken cancellationToken = default) =>
        ReadAsync((session, ct) => session.Profiles.CountAsync(person, ct), cancellationToken);

    /// <summary>Publishes a notice. When this returns it is durable and readers here see it; other services get it as soon as they answer.</summary>
    /// <param name="author">Who writes.</param>
    /// <param name="draft">What.</param>
    /// <param name="transaction">The host's open transaction, when the notice shall stand or fall with it; the store has to be an <see cref="IEnlistingStore"/>.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    /// <exception cref="InvalidOperationException">A transaction was given and the store cannot join one.</exception>
    public Task<Outcome<Notice>> PublishAsync(
        ProfileId author, NoticeDraft draft, DbTransaction? transaction = null, CancellationToken cancellationToken = default) =>
        notices.PublishAsync(author, draft, transaction, cancellationToken);

    /// <summary>Changes text, language, warning and sensitivity of an own notice; the rest of the draft is not looked at. What it said before stays to be
    /// read. OMB knows no changes: what other services have, they keep.</summary>
    public Task<Outcome<Notice>> EditAsync(ProfileId author, NoticeId notice, NoticeDraft draft, CancellationToken cancellationToken = default) =>
        notices.EditAsync(author, notice, draft, cancellationToken);

    /// <summary>Passes on what everybody may see, once, under the person's own name. By OMB it goes as a notice that says so in words. It is
    /// taken back by <see cref="DeleteAsync"/>.</summary>
    public Task<Outcome<Notice>> RepeatAsync(ProfileId person, NoticeId notice, CancellationToken cancellationToken = default) =>
        notices.RepeatAsync(person, notice, null, cancellationToken);

    /// <summary>Passes on what everybody may see, by some program.</summary>
    /// <inheritdoc cref="RepeatAsync(ProfileId, NoticeId, CancellationToken)"/>
    public Task<Outcome<Notice>> RepeatAsync(ProfileId person, NoticeId notice, NoticeSource? source, CancellationToken cancellationToken = default) =>
        notices.RepeatAsync(person, notice, source, cancellationToken);

    /// <summary>Marks a notice as a favourite. Its author is told if they are of this node; OMB knows no favourites.</summary>
    /// <returns>Whether it is one now; not when the person may not see the notice.</returns>
    public Task<bool> FavouriteAsync(ProfileId person, NoticeId notice, CancellationToken cancellationToken = default) =>
        favourites.AddAsync(person, notice, cancellationToken);

    /// <summary>Takes the mark back.</summary>
    /// <returns>Whether it was one.</returns>
    public Task<bool> UnfavouriteAsync(ProfileId person, NoticeId notice, CancellationToken cancellationToken = default) =>
        favourites.RemoveAsync(person, notice, cancellationToken);

    /// <summary>What a person is told: who mentioned, follows, favours, repeats.</summary>
    public Task<NotificationPage> NotificationsAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken = default) =>
        ReadAsync((session, ct) => session.Notifications.ListAsync(owner, page, ct), cancellationToken);

    /// <summary>Remembers how far a person has read a list.</summary>
    /// <param name="person">Who reads.</param>
    /// <param name="list">One of <see cref="ReadMarks"/>.</param>
    /// <param name="position">The newest entry read.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    public async Task MarkReadAsync(ProfileId person, string list, TimelinePosition position, CancellationToken cancellationToken = default) =>
        await store.ExecuteAsync<bool>(
            async (session, ct) =>
            {
                await session.Notifications.MarkReadAsync(person, list, position, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>Takes in a picture for a notice that is to come: cleaned of all that does not draw it (<see cref="PictureCleaner"/>).</summary>
    /// <param name="owner">Who uploads it.</param>
    /// <param name="content">The file, at most <see cref="MicroblogOptions.MaxAttachmentBytes"/>.</param>
    /// <param name="description">What is to be seen; at most <see cref="Attachment.MaxDescription"/> characters.</param>
    /// <param name="cancellationToken">Cancels before the row is written.</param>
    /// <remarks>What belongs to no notice a day later is removed (<see cref="NoticeDraft.Attachments"/>).</remarks>
    public Task<Outcome<Attachment>> UploadAsync(
        ProfileId owner, ReadOnlyMemory<byte> content, string description = "", CancellationToken cancellationToken = default) =>
        attachments.UploadAsync(owner, content, description, cancellationToken);

    /// <summary>Changes the description of an own upload that belongs to no notice yet.</summary>
    /// <returns>The upload as it is now, or why not.</returns>
    public Task<Outcome<Attachment>> DescribeAsync(
        ProfileId owner, AttachmentId attachment, string description, CancellationToken cancellationToken = default) =>
        attachments.DescribeAsync(owner, attachment, description, cancellationToken);

    /// <summary>Removes an own upload that belongs to no notice.</summary>
    /// <returns>Whether the person had such an upload.</returns>
    public Task<bool> WithdrawAsync(ProfileId owner, AttachmentId attachment, CancellationToken cancellationToken = default) =>
        attachments.WithdrawAsync(owner, attachment, cancellationToken);

    /// <summary>An attachment with the notice that it belongs to, if the viewer may see that; an upload only for whoever uploaded it.</summary>
    public Task<VisibleAttachment?> FindAttachmentAsync(AttachmentId id, ProfileId viewer, CancellationToken cancellationToken = default) =>
        attachments.FindAsync(id, viewer, cancellationToken);

    /// <summary>The bytes of an attachment. Whoever asks has found out who may see it.</summary>
    /// <returns>To be disposed; <see langword="null"/> when they are gone.</returns>
    public ValueTask<Stream?> OpenAttachmentAsync(Attachment attachment, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(attachment);
        return store.Blobs.OpenAsync(attachment.Blob, cancellationToken);
    }

    /// <summary>Deletes an own notice here, and what has not been sent yet. OMB knows no deletion: what other services have, they keep.</summary>
    /// <returns>Whether the person had such a notice.</returns>
    public Task<bool> DeleteAsync(ProfileId author, NoticeId notice, CancellationToken cancellationToken = default) =>
        notices.DeleteAsync(author, notice, cancellationToken);

    /// <summary>Begins to hear somebody.</summary>
    /// <param name="subscriber">Who wants to hear.</param>
    /// <param name="target">A local nickname, or the address of somebody's page elsewhere.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    public Task<SubscribeResult> SubscribeAsync(ProfileId subscriber, string target, CancellationToken cancellationToken = default) =>
        subscriptions.SubscribeAsync(subscriber, target, cancellationToken);

    /// <summary>Stops hearing somebody, or withdraws the request. A remote publisher learns it with its next notice (OMB-57).</summary>
    /// <returns>Whether the person had such a subscription.</returns>
    public Task<bool> UnsubscribeAsync(ProfileId subscriber, SubscriptionId subscription, CancellationToken cancellationToken = default) =>
        subscriptions.EndAsync(subscription, s => s.Subscriber == subscriber, cancellationToken);

    /// <summary>Lets a follower in who waits for approval.</summary>
    /// <returns>Whether such a follower waited.</returns>
    public Task<bool> ApproveAsync(ProfileId publisher, SubscriptionId subscription, CancellationToken cancellationToken = default) =>
        subscriptions.ApproveAsync(publisher, subscription, cancellationToken);

    /// <summary>Removes a follower, or refuses one who waits.</summary>
    /// <returns>Whether the person had such a follower.</returns>
    public Task<bool> RemoveFollowerAsync(ProfileId publisher, SubscriptionId subscription, CancellationToken cancellationToken = default) =>
        subscriptions.EndAsync(subscription, s => s.Publisher == publisher, cancellationToken);

    /// <summary>Blocks somebody: ends the subscriptions between the two and refuses new ones.</summary>
    public Task BlockAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken = default) =>
        subscriptions.BlockAsync(blocker, blocked, cancellationToken);

    /// <summary>Takes a block back. Subscriptions do not return by themselves.</summary>
    public Task UnblockAsync(ProfileId blocker, ProfileUri blocked, CancellationToken cancellationToken = default) =>
        subscriptions.UnblockAsync(blocker, blocked, cancellationToken);

    /// <summary>Keeps somebody out of the person's lists and notifications without their knowing.</summary>
    /// <param name="muter">Who does not want to hear.</param>
    /// <param name="muted">Of whom.</param>
    /// <param name="duration">For how long; <see langword="null"/>, the default, for good.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    public Task MuteAsync(ProfileId muter, ProfileUri muted, TimeSpan? duration = null, CancellationToken cancellationToken = default) =>
        subscriptions.MuteAsync(muter, muted, duration, cancellationToken);

    /// <summary>Takes a mute back.</summary>
    /// <returns>Whether there was one.</returns>
    public Task<bool> UnmuteAsync(ProfileId muter, ProfileUri muted, CancellationToken cancellationToken = default) =>
        subscriptions.UnmuteAsync(muter, muted, cancellationToken);

    /// <summary>Creates a group, whose first member and admin the creator is.</summary>
    /// <param name="creator">Who creates it.</param>
    /// <param name="nickname">Its name for good, by the rules for people's nicknames.</param>
    /// <param name="details">What else is said about it.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    public Task<Outcome<Group>> CreateGroupAsync(
        ProfileId creator, string nickname, GroupDetails details, CancellationToken cancellationToken = default) =>
        groups.CreateAsync(creator, nickname, details, cancellationToken);

    /// <summary>Changes what is said about a group: all of it.</summary>
    public Task<Outcome<Group>> UpdateGroupAsync(ProfileId admin, GroupId group, GroupDetails details, CancellationToken cancellationToken = default) =>
        groups.UpdateAsync(admin, group, details, cancellationToken);

    /// <summary>Joins a group: what goes to it from now on comes home, and the person may write to it. Whoever joins a group that everybody left becomes its admin.</summary>
    public Task<Outcome<Group>> JoinGroupAsync(ProfileId person, GroupId group, CancellationToken cancellationToken = default) =>
        groups.JoinAsync(person, group, cancellationToken);

    /// <summary>Leaves a group; refused to its only admin while others are in it.</summary>
    public Task<Outcome<Group>> LeaveGroupAsync(ProfileId person, GroupId group, CancellationToken cancellationToken = default) =>
        groups.LeaveAsync(person, group, cancellationToken);

    /// <summary>Makes a member an admin, for as long as they stay: only they themselves end it, by leaving.</summary>
    public Task<Outcome<Group>> MakeGroupAdminAsync(ProfileId admin, GroupId group, ProfileId member, CancellationToken cancellationToken = default) =>
        groups.PromoteAsync(admin, group, member, cancellationToken);

    /// <summary>Keeps somebody, who is no admin, out of a group: ends the membership and lets them neither join nor write to it. What they wrote stays.</summary>
    public Task<Outcome<Group>> BlockFromGroupAsync(ProfileId admin, GroupId group, ProfileId person, CancellationToken cancellationToken = default) =>
        groups.BlockAsync(admin, group, person, cancellationToken);

    /// <summary>Lets somebody join again.</summary>
    public Task<Outcome<Group>> UnblockFromGroupAsync(ProfileId admin, GroupId group, ProfileId person, CancellationToken cancellationToken = default) =>
        groups.UnblockAsync(admin, group, person, cancellationToken);

    /// <summary>Takes a notice out of a group's timeline. It stays its author's, and stays in the home timelines that it has reached.</summary>
    public Task<Outcome<Group>> RemoveFromGroupAsync(ProfileId admin, GroupId group, NoticeId notice, CancellationToken cancellationToken = default) =>
        groups.RemoveNoticeAsync(admin, group, notice, cancellationToken);

    /// <summary>The group of this nickname or alias, with or without <c>!</c>; <see langword="null"/> when there is none.</summary>
    public Task<Group?> FindGroupAsync(string name, CancellationToken cancellationToken = default) =>
        ReadAsync(
            (session, ct) => NoticeText.IsStorable(name) ? session.Groups.FindAsync(NoticeText.FoldTag(name.TrimStart('!')), ct) : new(default(Group)),
            cancellationToken);

    /// <summary>The notices of a group that the viewer may see.</summary>
    public Task<EntryPage> GroupTimelineAsync(GroupId group, ProfileId viewer, PageRequest page, CancellationToken cancellationToken = default) =>
        ReadAsync((session, ct) => session.Timelines.GroupAsync(group, viewer, page, ct), cancellationToken);

    /// <summary>One notice with its author, if the viewer may see it.</summary>
    public Task<TimelineEntry?> FindNoticeAsync(NoticeId id, ProfileId viewer, CancellationToken cancellationToken = default) =>
        ReadAsync((session, ct) => session.Notices.FindAsync(id, viewer, ct), cancellationToken);

    /// <summary>What a person hears.</summary>
    public Task<EntryPage> HomeAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken = default) =>
        ReadAsync((session, ct) => session.Timelines.HomeAsync(owner, page, ct), cancellationToken);

    /// <summary>Runs any read of the store on one snapshot: lists of followers, other timelines, the delivery queue.</summary>
    public Task<T> ReadAsync<T>(Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken = default) =>
        ReadAsync(Freshness.Latest, work, cancellationToken);

    /// <summary>Runs any read of the store on one snapshot, which a replica may answer if the caller says that it may lag.</summary>
    public Task<T> ReadAsync<T>(
        Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken = default) =>
        store.ReadAsync(freshness, work, cancellationToken).AsTask();
}
