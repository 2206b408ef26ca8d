using System.Globalization;
using System.Text.Json;
using Microblog.Storage;

namespace Microblog.Archive;

/// <summary>Writes one account. Every page is a snapshot of its own, so that a slow reader holds nothing in the store.</summary>
internal sealed class AccountExport(
    IMicroblogStore store, NodeAddresses addresses, Profile person, ArchiveWriter archive, IProgress<ArchiveProgress>? progress)
{
    private const int Count = 500;

    // Bytes that several notices name stand in the archive once. The archive remembers its entries anyway.
    private readonly HashSet<BlobKey> files = [];

    // Of notices that were changed, so that their lines and those of their revisions agree, whatever happens meanwhile.
    private readonly List<(NoticeId Id, NoticeUri Uri, DateTimeOffset EditedAt)> edited = [];
    private long lines;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await archive.AddAsync(ArchiveFormat.Head, WriteHead, cancellationToken).ConfigureAwait(false);
        await archive.AddAsync(ArchiveFormat.Profile, WriteProfile, cancellationToken).ConfigureAwait(false);
        var picture = await ReadAsync((session, ct) => session.Avatars.FindAsync(person.Id, ct), cancellationToken).ConfigureAwait(false);
        if (picture is not null)
            await archive.AddAsync(ArchiveFormat.Picture, picture.Content, cancellationToken).ConfigureAwait(false);
        archive.Begin(ArchiveFormat.Following);
        await WritePeopleAsync((session, state, after, ct) => session.Archive.ListPublishersAsync(person.Id, state, after, Count, ct), cancellationToken)
            .ConfigureAwait(false);
        archive.Begin(ArchiveFormat.Followers);
        await WritePeopleAsync((session, state, after, ct) => session.Archive.ListSubscribersAsync(person.Id, state, after, Count, ct), cancellationToken)
            .ConfigureAwait(false);
        archive.Begin(ArchiveFormat.Blocks);
        await WriteBlocksAsync(cancellationToken).ConfigureAwait(false);
        archive.Begin(ArchiveFormat.Mutes);
        await WriteMutesAsync(cancellationToken).ConfigureAwait(false);
        archive.Begin(ArchiveFormat.Groups);
        await WriteGroupsAsync(cancellationToken).ConfigureAwait(false);
        archive.Begin(ArchiveFormat.Notices);
        await WriteNoticesAsync(cancellationToken).ConfigureAwait(false);
        archive.Begin(ArchiveFormat.Revisions);
        await WriteRevisionsAsync(cancellationToken).ConfigureAwait(false);
        archive.Begin(ArchiveFormat.Favourites);
        await WriteFavouritesAsync(cancellationToken).ConfigureAwait(false);
        await archive.FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void WriteHead(Utf8JsonWriter json)
    {
        json.WriteString("format", ArchiveFormat.Name);
        json.WriteNumber("version", ArchiveFormat.Version);
    }

    // Its number and the address of its page are the node's to give, so they are not here.
    private void WriteProfile(Utf8JsonWriter json)
    {
        json.WriteString("uri", person.Uri.Value);
        json.WriteString("nickname", person.Nickname);
        WriteText(json, "fullName", person.FullName);
        WriteText(json, "bio", person.Bio);
        WriteText(json, "location", person.Location);
        WriteText(json, "homepage", person.Homepage);
        WriteText(json, "avatarUrl", person.AvatarUrl);
        WriteText(json, "license", person.License);
        WriteTrue(json, "approvesFollowers", person.ApprovesFollowers);
    }

    private async ValueTask WritePeopleAsync(
        Func<IReadSession, SubscriptionState, SubscriptionId, CancellationToken, ValueTask<IReadOnlyList<SubscriptionEntry>>> list,
        CancellationToken cancellationToken)
    {
        // Whether notices flow here, or flowed where the person came from, is nothing to take along.
        foreach (var state in new[] { SubscriptionState.Active, SubscriptionState.Imported })
        {
            SubscriptionId after = default;
            IReadOnlyList<SubscriptionEntry> page;
            do
            {
                var last = after;
                page = await ReadAsync((session, ct) => list(session, state, last, ct), cancellationToken).ConfigureAwait(false);
                foreach (var entry in page)
                {
                    await archive.AddLineAsync(
                        json =>
                        {
                            WritePerson(json, entry.Other);
                            WriteTime(json, "since", entry.Subscription.CreatedAt);
                        },
                        cancellationToken).ConfigureAwait(false);
                    after = entry.Subscription.Id;
                }

                Report(page.Count);
            }
            while (page.Count == Count);
        }

        await archive.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    private ValueTask WriteBlocksAsync(CancellationToken cancellationToken) => WriteLinesAsync(
        (session, last, ct) => session.Archive.ListBlocksAsync(person.Id, last?.Blocked.Value ?? "", Count, ct),
        (Utf8JsonWriter json, Block block) =>
        {
            json.WriteString("uri", block.Blocked.Value);
            WriteTime(json, "since", block.At);
        },
        cancellationToken);

    private ValueTask WriteMutesAsync(CancellationToken cancellationToken) => WriteLinesAsync(
        (session, last, ct) => session.Archive.ListMutesAsync(person.Id, last?.Muted.Value ?? "", Count, ct),
        (Utf8JsonWriter json, Mute mute) =>
        {
            json.WriteString("uri", mute.Muted.Value);
            WriteTime(json, "since", mute.At);
            if (mute.Until is { } until)
                WriteTime(json, "until", until);
        },
        cancellationToken);

    // For the person to read: a group stays where it is, and no import joins one.
    private ValueTask WriteGroupsAsync(CancellationToken cancellationToken) => WriteLinesAsync(
        (session, last, ct) => session.Groups.ListOfAsync(person.Id, last?.Group.Id, Count, ct),
        (Utf8JsonWriter json, Membership membership) =>
        {
            json.WriteString("nickname", membership.Group.Nickname);
            json.WriteString("url", addresses.GroupUrl(membership.Group.Nickname));
            WriteText(json, "fullName", membership.Group.FullName);
            WriteTrue(json, "admin", membership.IsAdmin);
            WriteTime(json, "since", membership.Since);
        },
        cancellationToken);

    private ValueTask WriteFavouritesAsync(CancellationToken cancellationToken) => WriteLinesAsync(
        (session, last, ct) => session.Archive.ListFavouritesAsync(person.Id, last?.Position ?? default, Count, ct),
        (Utf8JsonWriter json, Favourite favourite) =>
        {
            json.WriteString("notice", favourite.Notice.Value);
            WriteTime(json, "since", IdSource.TimeOf(favourite.Position.Value));
        },
        cancellationToken);

    // Page by page, each behind the last line of the one before.
    private async ValueTask WriteLinesAsync<T>(
        Func<IReadSession, T?, CancellationToken, ValueTask<IReadOnlyList<T>>> list, Action<Utf8JsonWriter, T> write, CancellationToken cancellationToken)
        where T : class
    {
        T? last = null;
        IReadOnlyList<T> page;
        do
        {
            var before = last;
            page = await ReadAsync((session, ct) => list(session, before, ct), cancellationToken).ConfigureAwait(false);
            foreach (var item in page)
            {
                await archive.AddLineAsync(json => write(json, item), cancellationToken).ConfigureAwait(false);
                last = item;
            }

            Report(page.Count);
        }
        while (page.Count == Count);

        await archive.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask WriteRevisionsAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, uri, editedAt) in edited)
        {
            var revisions = await ReadAsync((session, ct) => session.Notices.ListRevisionsAsync(id, ct), cancellationToken).ConfigureAwait(false);
            foreach (var revision in revisions.Where(revision => revision.Until <= editedAt))
                await archive.AddLineAsync(json => WriteRevision(json, uri, revision), cancellationToken).ConfigureAwait(false);
            Report(revisions.Count);
        }

        await archive.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void WriteRevision(Utf8JsonWriter json, NoticeUri notice, NoticeRevision revision)
    {
        json.WriteString("notice", notice.Value);
        WriteTime(json, "until", revision.Until);
        json.WriteString("content", revision.Content);
        WriteText(json, "language", revision.Language);
        WriteText(json, "warning", revision.Warning);
    }

    private async ValueTask WriteNoticesAsync(CancellationToken cancellationToken)
    {
        NoticeId after = default;
        IReadOnlyList<(Notice Notice, Dictionary<ProfileId, Profile> People)> page;
        do
        {
            var last = after;
            page = await ReadAsync((session, ct) => ReadNoticesAsync(session, last, ct), cancellationToken).ConfigureAwait(false);
            foreach (var (notice, people) in page)
            {
                var attachments = await WriteFilesAsync(notice, cancellationToken).ConfigureAwait(false);
                await archive.AddLineAsync(json => WriteNotice(json, notice with { Attachments = attachments }, people), cancellationToken).ConfigureAwait(false);
                if (notice.EditedAt is { } editedAt)
                    edited.Add((notice.Id, notice.Uri, editedAt));
                after = notice.Id;
            }

            Report(page.Count);
        }
        while (page.Count == Count);

        await archive.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    // Before the lines that name them, which are still being gathered. What was deleted this very moment is left out.
    private async ValueTask<IReadOnlyList<Attachment>> WriteFilesAsync(Notice notice, CancellationToken cancellationToken)
    {
        var written = new List<Attachment>(notice.Attachments.Count);
        foreach (var attachment in notice.Attachments)
        {
            if (!files.Contains(attachment.Blob))
            {
                if (await store.Blobs.ReadAsync(attachment.Blob, cancellationToken).ConfigureAwait(false) is not { } content)
                    continue;
                await archive.AddAsync(ArchiveFormat.Files + ArchiveFormat.FileOf(attachment), content, cancellationToken).ConfigureAwait(false);
                files.Add(attachment.Blob);
            }

            written.Add(attachment);
        }

        return written;
    }

    private async ValueTask<IReadOnlyList<(Notice Notice, Dictionary<ProfileId, Profile> People)>> ReadNoticesAsync(
        IReadSession session, NoticeId after, CancellationToken cancellationToken)
    {
        var page = new List<(Notice Notice, Dictionary<ProfileId, Profile> People)>();
        foreach (var notice in await session.Archive.ListNoticesAsync(person.Id, after, Count, cancellationToken).ConfigureAwait(false))
        {
            var people = new Dictionary<ProfileId, Profile>();
            foreach (var id in notice.Mentions.Concat(notice.Audience))
            {
                if (!people.ContainsKey(id) && await session.Profiles.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } named)
                    people.Add(id, named);
            }

            page.Add((notice, people));
        }

        return page;
    }

    private void WriteNotice(Utf8JsonWriter json, Notice notice, Dictionary<ProfileId, Profile> people)
    {
        json.WriteString("uri", notice.Uri.Value);
        json.WriteNumber("number", notice.Id.Value);
        WriteTime(json, "published", notice.AcceptedAt);
        json.WriteString("content", notice.Content);
        WriteText(json, "url", notice.Url);
        WriteText(json, "license", notice.License);
        json.WriteString("visibility", NameOf(notice.Visibility));
        WriteTrue(json, "localOnly", notice.IsLocalOnly);
        WriteText(json, "language", notice.Language);
        WriteText(json, "warning", notice.Warning);
        WriteTrue(json, "sensitive", notice.IsSensitive);
        if (notice.EditedAt is { } edited)
            WriteTime(json, "edited", edited);
        WriteText(json, "replyTo", notice.ReplyToUri);
        if (!notice.Conversation.IsNone && notice.Conversation != notice.Id)
            json.WriteNumber("conversation", notice.Conversation.Value);
        if (notice.SeeAlso is { } more)
            WriteSeeAlso(json, more);
        WriteText(json, "source", notice.Source?.Name ?? "");
        WriteText(json, "sourceUrl", notice.Source?.Url ?? "");
        WriteAttachments(json, notice.Attachments);
        WritePeople(json, "mentions", notice.Mentions, people);
        WritePeople(json, "audience", notice.Audience, people);
        WriteTags(json, notice.Tags);
        WriteText(json, "extensions", notice.Extensions);
    }

    private static void WriteSeeAlso(Utf8JsonWriter json, SeeAlso more)
    {
        json.WriteStartObject("seeAlso");
        json.WriteString("url", more.Url);
        WriteTrue(json, "inline", more.IsInline);
        WriteText(json, "mediaType", more.MediaType);
        WriteText(json, "license", more.License);
        json.WriteEndObject();
    }

    private static void WriteAttachments(Utf8JsonWriter json, IReadOnlyList<Attachment> attachments)
    {
        if (attachments.Count == 0)
            return;
        json.WriteStartArray("attachments");
        foreach (var attachment in attachments)
        {
            json.WriteStartObject();
            json.WriteString("file", ArchiveFormat.FileOf(attachment));
            WriteText(json, "description", attachment.Description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WritePeople(Utf8JsonWriter json, string name, IReadOnlyList<ProfileId> list, Dictionary<ProfileId, Profile> people)
    {
        if (!list.Any(people.ContainsKey))
            return;
        json.WriteStartArray(name);
        foreach (var id in list)
        {
            if (!people.TryGetValue(id, out var named))
                continue;
            json.WriteStartObject();
            WritePerson(json, named);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WritePerson(Utf8JsonWriter json, Profile named)
    {
        json.WriteString("uri", named.Uri.Value);
        // Who the person is stands in the profile.
        if (named.Id == person.Id)
            return;
        json.WriteString("nickname", named.Nickname);
        WriteText(json, "url", named.Url);
        WriteText(json, "fullName", named.FullName);
    }

    private static void WriteTags(Utf8JsonWriter json, IReadOnlyList<string> tags)
    {
        if (tags.Count == 0)
            return;
        json.WriteStartArray("tags");
        foreach (var tag in tags)
            json.WriteStringValue(tag);
        json.WriteEndArray();
    }

    private static string NameOf(Visibility visibility) => visibility.ToString().ToLowerInvariant();

    private static void WriteText(Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0)
            json.WriteString(name, value);
    }

    private static void WriteTrue(Utf8JsonWriter json, string name, bool value)
    {
        if (value)
            json.WriteBoolean(name, value);
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset time) =>
        json.WriteString(name, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    private ValueTask<T> ReadAsync<T>(Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
        store.ReadAsync(Freshness.Latest, work, cancellationToken);

    private void Report(int count)
    {
        lines += count;
        progress?.Report(new ArchiveProgress(ArchiveStep.Writing, lines, null));
    }
}
