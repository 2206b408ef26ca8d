using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microblog.Archive;
using Microblog.Media;
using Microsoft.Extensions.Options;

namespace Microblog.Storage.Conformance;

/// <summary>An account that is taken along and comes back is the same, byte for byte.</summary>
/// <param name="fixture">The store that the account is in.</param>
/// <param name="empty">An empty one.</param>
public abstract class ArchiveConformance(IStoreFixture fixture, IStoreFixture empty) : StoreConformance(fixture), IAsyncLifetime
{
    private IMicroblogStore other = null!;

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        other = empty.CreateStore(Clock);
        await other.StartAsync(None);
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        if (other is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        empty.Dispose();
        await DisposeAsync();
    }

    [Fact]
    public async Task Export_import_into_an_empty_node_and_export_give_the_same_bytes()
    {
        var alice = await FillAsync();
        using var first = await ExportAsync(Store, alice);

        var imported = await ArchiveOf(other, "https://new.example/").ImportAsync(first, new AccountImport("somebody"));

        Assert.Equal((6, 3, 2, 2), (imported.Notices, imported.Following, imported.Followers, imported.Blocks));
        Assert.Empty(imported.LeftOut);
        using var second = await ExportAsync(other, imported.Profile);
        Assert.Equal(Shown(first), Shown(second));
        Assert.Equal(first.ToArray(), second.ToArray());
    }

    [Fact]
    public async Task An_archive_of_before_there_were_mutes_revisions_and_favourites_is_taken_as_it_is()
    {
        var alice = await FillAsync();
        using var archive = await ExportAsync(Store, alice);
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Update, leaveOpen: true))
        {
            foreach (var entry in zip.Entries.Where(entry => entry.FullName.Split('/')[0] is "mutes" or "revisions" or "favourites").ToList())
                entry.Delete();
        }

        var imported = await ArchiveOf(other, "https://new.example/").ImportAsync(archive, new AccountImport("somebody"));

        Assert.Equal((6, 3, 2, 2), (imported.Notices, imported.Following, imported.Followers, imported.Blocks));
        Assert.Empty(imported.LeftOut);
    }

    [Fact]
    public async Task What_came_is_there_with_dates_replies_and_conversations_and_nothing_flows_yet()
    {
        var alice = await FillAsync();
        using var archive = await ExportAsync(Store, alice);
        var before = await Read(session => session.Archive.ListNoticesAsync(alice.Id, default, 100, None));

        var person = (await ArchiveOf(other, "https://new.example/").ImportAsync(archive, new AccountImport("somebody", "alicia"))).Profile;

        Assert.Equal(("alicia", "https://new.example/alicia", alice.Uri, alice.Bio, alice.ApprovesFollowers),
            (person.Nickname, person.Url, person.Uri, person.Bio, person.ApprovesFollowers));
        await other.ReadAsync(
            Freshness.Latest,
            async (session, ct) =>
            {
                Assert.Equal(person, await session.Profiles.FindBySubjectAsync("somebody", ct));
                Assert.NotNull(await session.Avatars.FindAsync(person.Id, ct));
                var after = await session.Archive.ListNoticesAsync(person.Id, default, 100, ct);
                Assert.Equal(
                    before.Select(notice => (notice.Uri, notice.AcceptedAt, notice.Content, notice.ReplyToUri, notice.Visibility)),
                    after.Select(notice => (notice.Uri, notice.AcceptedAt, notice.Content, notice.ReplyToUri, notice.Visibility)));
                var (root, reply) = (after.Single(notice => notice.Content == "first"), after.Single(notice => notice.Content == "second"));
                Assert.Equal((root.Id, root.Id), (reply.ReplyTo, reply.Conversation));
                Assert.Equal(2, (await session.Timelines.ConversationAsync(root.Id, default, PageRequest.Newest(10), ct)).Count);
                var changed = after.Single(notice => notice.EditedAt is not null);
                Assert.Equal(
                    [("for freinds", "", ""), ("for frends", "en", "careful")],
                    (await session.Notices.ListRevisionsAsync(changed.Id, ct)).Select(before => (before.Content, before.Language, before.Warning)));
                Assert.Equal([root.Id], IdsOf(await session.Timelines.FavouritesAsync(person.Id, default, PageRequest.Newest(9), ct)));
                Assert.Equal(1, root.Counts.Favourites);
                var mutes = await session.Subscriptions.ListMutesAsync(person.Id, 9, ct);
                Assert.Equal(2, mutes.Count);
                Assert.Equal(Clock.GetUtcNow() + TimeSpan.FromDays(7), Assert.Single(mutes, mute => mute.Muted.Value == "tag:loud.example,2009:🎈").Until);
                Assert.Empty(await session.Subscriptions.ListPublishersAsync(person.Id, null, 10, ct));
                Assert.Empty(await session.Subscriptions.ListSubscribersAsync(person.Id, SubscriptionState.Active, null, 10, ct));
                Assert.Empty(await session.Subscriptions.ListSubscribersAsync(person.Id, SubscriptionState.Requested, null, 10, ct));
                Assert.Equal(0, (await session.Deliveries.MeasureAsync(ct)).Lanes);
                return true;
            },
            None);
    }

    [Fact]
    public async Task Neither_tokens_nor_secrets_nor_endpoints_nor_the_hosts_user_are_in_it()
    {
        var alice = await FillAsync();
        using var archive = await ExportAsync(Store, alice);

        var text = Shown(archive);

        Assert.Contains("https://there.example/person/yan", text, StringComparison.Ordinal);
        foreach (var secret in new[] { "token-", "https://there.example/post", "subject-", "AQD/" })
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_moves_within_one_node_address_with_its_numbers()
    {
        var alice = LocalProfile("alice");
        alice = alice with { Uri = ProfileUri.Parse($"https://here.example/user/{alice.Id}") };
        await Write(session => session.Profiles.AddLocalAsync(alice, "1", None));
        var notice = await PublishAsync(alice);
        using var archive = await ExportAsync(Store, alice);

        var imported = await ArchiveOf(other, "https://here.example/").ImportAsync(archive, new AccountImport("1"));

        Assert.Equal(alice, imported.Profile);
        var found = await other.ReadAsync(Freshness.Latest, (session, ct) => session.Notices.FindAsync(notice.Id, default, ct), None);
        Assert.Equal(notice.Uri, found!.Notice.Uri);
    }

    [Fact]
    public async Task An_import_that_fails_half_way_leaves_nothing_and_the_account_can_come_again()
    {
        var alice = await FillAsync();
        using var archive = await ExportAsync(Store, alice);
        var taken = (await Read(session => session.Archive.ListNoticesAsync(alice.Id, default, 100, None)))[^1].Uri;
        using var numbers = other.Ids.Draw();
        var thief = LocalProfile("thief") with { Id = numbers.Profile };
        await other.ExecuteAsync((session, ct) => session.Profiles.AddLocalAsync(thief, "thief", ct), None);
        var notice = LocalNotice(thief) with { Uri = taken, Id = numbers.Notice, Conversation = default };
        await ChangeAsync(async session => await session.Notices.PublishAsync(notice, None));

        var refused = await Assert.ThrowsAsync<ArchiveException>(
            () => ArchiveOf(other, "https://new.example/").ImportAsync(archive, new AccountImport("somebody")));

        Assert.Equal(("notices/000001.jsonl", 6), (refused.Entry, refused.Line));
        await AssertEmptyAsync();
        Assert.Null(await other.ReadAsync(Freshness.Latest, (session, ct) => session.Profiles.FindBySubjectAsync("somebody", ct), None));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public async Task An_import_that_was_killed_is_seen_by_nobody_and_the_next_one_takes_it_back_and_begins_anew(int write)
    {
        var alice = await FillAsync();
        using var archive = await ExportAsync(Store, alice);
        var dying = new WatchedStore(other) { BeforeWrite = number => number < write ? default : throw new StoreException("killed") };

        await Assert.ThrowsAsync<StoreException>(() => ArchiveOf(dying, "https://new.example/").ImportAsync(archive, new AccountImport("somebody")));
        await AssertEmptyAsync();
        var left = await MarkerAsync(alice);

        var imported = await ArchiveOf(other, "https://new.example/").ImportAsync(archive, new AccountImport("somebody"));
        using var second = await ExportAsync(other, imported.Profile);
        Assert.Equal(archive.ToArray(), second.ToArray());
        Assert.Equal("", await MarkerAsync(alice));
        await AssertNothingLeftAsync(left!.Split(' '));
    }

    [Fact]
    public async Task An_import_whose_last_commit_is_stored_and_not_acknowledged_stays_whole()
    {
        var alice = await FillAsync();
        using var archive = await ExportAsync(Store, alice);
        var broken = new WatchedStore(other)
        {
            AfterWrite = number => number < 9 ? default : throw new StoreException("The connection broke.") { IsOutcomeUnknown = true },
        };

        await Assert.ThrowsAsync<StoreException>(() => ArchiveOf(broken, "https://new.example/").ImportAsync(archive, new AccountImport("somebody")));

        var person = await other.ReadAsync(Freshness.Latest, (session, ct) => session.Profiles.FindBySubjectAsync("somebody", ct), None);
        using var second = await ExportAsync(other, person!);
        Assert.Equal(archive.ToArray(), second.ToArray());
    }

    [Fact]
    public async Task A_notice_that_is_changed_during_an_export_comes_with_what_it_said_before_its_line_and_no_more()
    {
        var alice = await AddLocalAsync("alice");
        var notice = await PublishAsync(alice, "at first");
        await EditAsync(notice with { Content = "then" });
        using var archive = new MemoryStream();
        await ArchiveOf(Store, "https://here.example/").ExportAsync(alice, archive, new Busy(number => EditAsync(notice with { Content = $"change {number}" })));

        var person = (await ArchiveOf(other, "https://new.example/").ImportAsync(archive, new AccountImport("somebody"))).Profile;

        var (after, revisions) = await other.ReadAsync(
            Freshness.Latest,
            async (session, ct) =>
            {
                var stored = Assert.Single(await session.Archive.ListNoticesAsync(person.Id, default, 9, ct));
                return (stored, await session.Notices.ListRevisionsAsync(stored.Id, ct));
            },
            None);
        Assert.Contains("at first", revisions.Select(before => before.Content));
        Assert.DoesNotContain(after.Content, revisions.Select(before => before.Content));
        Assert.All(revisions, before => Assert.True(before.Until <= after.EditedAt));
    }

    /// <summary>Does something at each step of an export.</summary>
    private sealed class Busy(Func<int, Task> work) : IProgress<ArchiveProgress>
    {
        private int count;

        public void Report(ArchiveProgress value) => work(++count).GetAwaiter().GetResult();
    }

    [Fact]
    public async Task Of_two_imports_of_an_account_the_later_one_counts_and_the_earlier_one_takes_nothing_of_it_back()
    {
        // An account of this very address has one number, whoever imports it.
        var alice = LocalProfile("alice");
        alice = alice with { Uri = ProfileUri.Parse($"https://here.example/user/{alice.Id}") };
        await Write(session => session.Profiles.AddLocalAsync(alice, "1", None));
        for (var number = 0; number < 3; number++)
            await PublishAsync(alice);
        using var archive = await ExportAsync(Store, alice);
        using var same = new MemoryStream(archive.ToArray());
        var (hasBegun, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var overtaken = new WatchedStore(other)
        {
            BeforeWrite = async number =>
            {
                if (number != 2)
                    return;
                hasBegun.SetResult();
                await goesOn.Task;
            },
        };
        var earlier = ArchiveOf(overtaken, "https://here.example/").ImportAsync(archive, new AccountImport("1"));
        await hasBegun.Task;
        var overtaking = new WatchedStore(other)
        {
            // It took back the other's, began, and has stored the notices.
            BeforeWrite = async number =>
            {
                if (number != 4)
                    return;
                goesOn.SetResult();
                var refused = await Assert.ThrowsAsync<ArchiveException>(() => earlier);
                Assert.Contains("Another import of this account", refused.Message, StringComparison.Ordinal);
            },
        };

        var imported = await ArchiveOf(overtaking, "https://here.example/").ImportAsync(same, new AccountImport("1"));

        Assert.True(goesOn.Task.IsCompleted);
        using var second = await ExportAsync(other, imported.Profile);
        Assert.Equal(archive.ToArray(), second.ToArray());
    }

    private AccountArchive ArchiveOf(IMicroblogStore store, string address)
    {
        var options = Options.Create(new MicroblogOptions { BaseUri = new Uri(address), License = License.CcBy40 });
        return new AccountArchive(store, new NodeAddresses(options), options, Clock);
    }

    private async Task<MemoryStream> ExportAsync(IMicroblogStore store, Profile person)
    {
        var stream = new MemoryStream();
        await ArchiveOf(store, "https://here.example/").ExportAsync(person, stream);
        return stream;
    }

    private async Task ChangeAsync(Func<IStoreSession, ValueTask> work) => await other.ExecuteAsync(
        async (session, _) =>
        {
            await work(session);
            return true;
        },
        None);

    private async Task AssertEmptyAsync()
    {
        var (person, notices) = await other.ReadAsync(
            Freshness.Latest,
            async (session, ct) => (
                await session.Profiles.FindLocalAsync("alice", ct),
                await session.Timelines.PublicAsync(default, PageRequest.Newest(100), ct)),
            None);
        Assert.Null(person);
        Assert.All(notices, entry => Assert.Equal("thief", entry.Author.Nickname));
    }

    // As text, so that a difference can be read.
    private static string Shown(MemoryStream archive)
    {
        var text = new StringBuilder();
        using var zip = new ZipArchive(new MemoryStream(archive.ToArray()));
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(entry.Open(), Encoding.Latin1);
            text.Append(entry.FullName).Append('\n').Append(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(reader.ReadToEnd())));
        }

        return text.ToString();
    }

    private async Task<Profile> FillAsync()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        alice = alice with { FullName = "Alice ✿", Bio = "née 🎈\n\"x\" </script>", Location = "Köln", Homepage = "https://a.example/", ApprovesFollowers = true, AvatarUrl = "https://a.example/a.gif" };
        await Write(session => session.Profiles.UpdateAsync(alice, None));
        await Write(session => session.Avatars.SetAsync(alice.Id, Avatar.Of(Identicon.Create("alice")).Value, None));
        await HearRemoteAsync(alice, "zoe");
        await HearRemoteAsync(alice, "xavier", "far.example");
        await SaveAsync(LocalSubscription(alice, bob));
        await SaveAsync(LocalSubscription(bob, alice));
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("yan", NewSubscriptionId()), alice));
        await SaveAsync(LocalSubscription(await AddLocalAsync("carl"), alice, SubscriptionState.Requested));
        foreach (var uri in new[] { "https://troll.example/", "tag:troll.example,2009:🎈" })
            await Write(session => session.Subscriptions.BlockAsync(alice.Id, ProfileUri.Parse(uri), Clock.GetUtcNow(), None));

        Clock.Advance(TimeSpan.FromHours(1));
        var (_, zoe) = await HearRemoteAsync(bob, "zelda");
        var heard = RemoteNotice(zoe, "https://there.example/notice/9");
        await ReceiveAsync(heard, bob);
        var first = await PublishAsync(alice, "first");
        await PublishAsync(LocalNotice(alice, "second") with { ReplyTo = first.Id, ReplyToUri = first.Uri.Value, Conversation = first.Id });
        Clock.Advance(TimeSpan.FromDays(400));
        await PublishAsync(LocalNotice(alice, "née 🎈 \u2028 @bob #x") with
        {
            ReplyTo = heard.Id,
            ReplyToUri = heard.Uri.Value,
            Conversation = heard.Id,
            Mentions = [bob.Id, alice.Id],
            Tags = ["x", "ähm"],
            SeeAlso = new SeeAlso("https://more.example/", true, "image/png", Licence),
            Extensions = """{"a":"\u00e4"}""",
            Visibility = Visibility.Unlisted,
        });
        await PublishAsync(LocalNotice(alice, "for bob") with { Visibility = Visibility.Direct, Mentions = [bob.Id], Audience = [bob.Id] });
        var friends = await PublishAsync(LocalNotice(alice, "for freinds") with { Visibility = Visibility.Followers });
        await EditAsync(friends with { Content = "for frends", Language = "en", Warning = "careful" });
        await EditAsync(friends with { Content = "for friends", Language = "en" });
        // The same picture twice, with other words.
        var (cat, dog) = (Identicon.Create("cat"), Identicon.Create("dog"));
        await PublishAsync(LocalNotice(alice, "for here") with
        {
            IsLocalOnly = true,
            Attachments = [await UploadAsync(cat, "née 🎈 \"\n"), await UploadAsync(dog, ""), await UploadAsync(cat, "again")],
        });
        // Of another's, which is not there, and between two of a moment.
        foreach (var notice in new[] { first, heard })
            await FavouriteAsync(alice, notice);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await FavouriteAsync(alice, await PublishAsync(bob, "elsewhere"));
        await FavouriteAsync(bob, first);
        foreach (var (uri, duration) in new[] { ("tag:loud.example,2009:🎈", 7), ("https://loud.example/", (int?)null), ("https://over.example/", -1) })
            await MuteAsync(alice, uri, duration);
        var regretted = await PublishAsync(alice, "regretted");
        await DeleteAsync(regretted.Id);
        return alice;
    }

    private async Task EditAsync(Notice notice)
    {
        Clock.Advance(TimeSpan.FromSeconds(1));
        using var drawn = Store.Ids.Draw();
        Assert.True(await Write(session => session.Notices.EditAsync(notice with { EditedAt = Clock.GetUtcNow() }, drawn.Position, None)));
    }

    private async Task FavouriteAsync(Profile person, Notice notice)
    {
        using var drawn = Store.Ids.Draw();
        Assert.True(await Write(session => session.Reactions.FavouriteAsync(person.Id, notice.Id, drawn.Position, None)));
    }

    private async Task MuteAsync(Profile person, string muted, int? days)
    {
        var now = Clock.GetUtcNow();
        await Write(session => session.Subscriptions.MuteAsync(
            person.Id, new Mute(ProfileUri.Parse(muted), now, days is { } count ? now + TimeSpan.FromDays(count) : null), None));
    }

    private async Task<Attachment> UploadAsync(byte[] content, string description)
    {
        await Store.Blobs.WriteAsync(BlobKey.Of(content), content, None);
        return new Attachment
        {
            Id = new AttachmentId(NewNoticeId().Value),
            Blob = BlobKey.Of(content),
            MediaType = "image/png",
            Size = content.Length,
            Width = Identicon.Size,
            Height = Identicon.Size,
            Description = description,
        };
    }

    // Where an import under way is remembered, for the next one, which may be of another process.
    private ValueTask<string?> MarkerAsync(Profile person) => other.ReadAsync(
        Freshness.Latest,
        (session, ct) => session.Settings.FindAsync("archive:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(person.Uri.Value))), ct),
        None);

    private async Task AssertNothingLeftAsync(string[] marker) => await other.ReadAsync(
        Freshness.Latest,
        async (session, ct) =>
        {
            var (person, run) = (new ProfileId(NumberOf(marker[0])), new SubscriptionId(NumberOf(marker[1])));
            Assert.False(run.IsNone);
            Assert.Empty(await session.Archive.ListNoticesAsync(person, default, 1, ct));
            Assert.Empty(await session.Archive.ListPublishersAsync(person, SubscriptionState.Imported, default, 1, ct));
            Assert.Empty(await session.Archive.ListSubscribersAsync(person, SubscriptionState.Imported, default, 1, ct));
            Assert.Empty(await session.Archive.ListBlocksAsync(person, "", 1, ct));
            Assert.Empty(await session.Archive.ListMutesAsync(person, "", 1, ct));
            Assert.Empty(await session.Archive.ListFavouritesAsync(person, default, 1, ct));
            Assert.Null(await session.Profiles.FindAsync(ProfileUri.Parse("https://here.example/person/bob"), run, ct));
            return true;
        },
        None);

    private static long NumberOf(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A store whose writes the test hears of, counted from 1, and may have fail: before it, or after it was stored.</summary>
    private sealed class WatchedStore(IMicroblogStore inner) : IMicroblogStore
    {
        private int writes;

        public Func<int, ValueTask> BeforeWrite { get; init; } = _ => default;

        public Func<int, ValueTask> AfterWrite { get; init; } = _ => default;

        public IdSource Ids => inner.Ids;

        public int LanesPerTransaction => inner.LanesPerTransaction;

        public IBlobStore Blobs => inner.Blobs;

        public ValueTask StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

        public async ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
        {
            var number = ++writes;
            await BeforeWrite(number);
            var result = await inner.ExecuteAsync(work, cancellationToken);
            await AfterWrite(number);
            return result;
        }

        public ValueTask<T> ReadAsync<T>(
            Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
            inner.ReadAsync(freshness, work, cancellationToken);
    }
}
