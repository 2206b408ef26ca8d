using System.Data.Common;
using System.Globalization;
using Microblog.Delivery;
using Microblog.Media;
using Microblog.Moderation;
using Microblog.Search;
using Microblog.WebSub;

namespace Microblog.Storage.Conformance;

/// <summary>A person leaves: from the first moment nobody sees anything of theirs, and in the end nothing of it is stored.</summary>
public abstract class LeavingConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    private const string Marker = "xyzzy";

    // Where the person may still be named, and why.
    private static readonly Dictionary<string, string> Stays = new(StringComparer.Ordinal)
    {
        ["profile.id"] = "The emptied profile.",
        ["profile.uri"] = "The emptied profile.",
        ["profile.nickname"] = "The nickname stays taken (OMB-12).",
        ["profile.url"] = "The emptied profile.",
        ["profile_uri.uri"] = "The emptied profile.",
        ["profile_uri.profile"] = "The emptied profile.",
        ["nickname.nickname"] = "The nickname stays taken (OMB-12).",
        ["nickname.profile"] = "The nickname stays taken (OMB-12).",
        ["notice.author"] = "The emptied notices, whose URIs stay taken.",
        ["notice_uri.author"] = "The emptied notices, whose URIs stay taken.",
        ["notice_uri.listener"] = "The emptied notices, whose URIs stay taken; and who brought somebody else's.",
        ["notice.mentions"] = "What others wrote is theirs.",
        ["notice.audience"] = "What others wrote is theirs.",
        ["notice.uri"] = "The emptied notices, whose URIs stay taken.",
        ["notice_uri.uri"] = "The emptied notices, whose URIs stay taken.",
        ["subscription.subscriber"] = "Other services are told by it (OMB-57).",
        ["subscription.publisher"] = "Other services are told by it (OMB-58).",
        ["subscription.publisher_uri"] = "Other services are told by it (OMB-58).",
        ["credential.person"] = "Revoked, so that other services are told (OMB-57).",
        ["block.blocked"] = "Whom others block is theirs.",
        ["mute.muted"] = "Whom others mute is theirs.",
        ["report.reporter"] = "Reports are the operators'.",
        ["report.about"] = "Reports are the operators'.",
        ["standing.uri"] = "What operators think of people is theirs.",
        ["group.creator"] = "The emptied profile; the group is its members'.",
        ["home.author"] = "Entries for emptied notices, which find nothing, of whoever was in a group to which they went.",
        ["audit.subject"] = "What operators did is never changed.",
    };

    // Tables that never name a person; every other one has to name the person before they leave, or the test would prove nothing of it.
    private static readonly HashSet<string> Nameless =
    [
        "schema", "lease", "once", "setting", "domain", "host", "destination", "blob", "blob_piece", "writer", "wake", "unfinished_copy",
        "group_name", "group_notice", "search_state", "search_data", "search_idx", "search_config",
    ];

    /// <summary>Lists the store's tables. SQLite's index of words has no rows to look at, but a table of the words.</summary>
    protected virtual string TablesQuery =>
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'microblog~_%' ESCAPE '~' AND name <> 'microblog_search'";

    [Fact]
    public async Task Nothing_names_a_person_who_has_left_but_what_has_to()
    {
        if (Fixture is not IHostFixture database)
            return;
        var (alice, bob) = await LiveAsync();
        var before = await TracesAsync(database, alice);
        await LeaveAsync(alice);
        before.UnionWith(await TracesAsync(database, alice));
        Assert.Empty((await TablesAsync(database)).Where(table => !Nameless.Contains(table)).Except(before.Select(trace => trace.Split('.')[0])));

        while (await ContinueAsync(count: 3))
        {
        }

        while (await Write(session => session.Deliveries.PruneAsync(100, None)) > 0)
        {
        }

        await IndexAsync();
        Assert.Empty((await TracesAsync(database, alice)).Except(Stays.Keys));
        Assert.NotEmpty(await HomeAsync(bob));
        Assert.DoesNotContain(bob.Id.Value, await HomesWithAsync(database, alice));
    }

    [Fact]
    public async Task Nobody_sees_anything_of_a_person_from_the_moment_they_leave()
    {
        var (alice, bob) = await LiveAsync();
        await LeaveAsync(alice);
        await CheckGoneAsync(alice, bob);
        while (await ContinueAsync(count: 1))
            await CheckGoneAsync(alice, bob);
        await CheckGoneAsync(alice, bob);
    }

    [Fact]
    public async Task What_others_have_is_counted_and_listed_as_if_the_person_had_never_been()
    {
        var (alice, bob) = await LiveAsync();
        var bobs = (await Read(session => session.Timelines.ProfileAsync(bob.Id, bob.Id, PageRequest.Newest(9), None))).Last();
        Assert.Equal(new NoticeCounts(1, 1, 1), bobs.Notice.Counts);
        await LeaveAsync(alice);
        while (await ContinueAsync(count: 2))
        {
        }

        Assert.Equal(default, (await FindAsync(bobs.Notice.Id, bob.Id))!.Notice.Counts);
        Assert.Empty(await Read(session => session.Notifications.ListAsync(bob.Id, PageRequest.Newest(9), None)));
        Assert.Equal(new GroupCounts(2, 0), (await Read(session => session.Groups.FindAsync("cooks", None)))!.Counts);
        Assert.Empty(await Read(session => session.Notices.FindAsync(NoticeUri.Parse($"https://here.example/{Marker}"), None)));
    }

    [Fact]
    public async Task A_step_deletes_no_more_notices_than_it_may()
    {
        var alice = await AddLocalAsync("alice");
        for (var number = 0; number < 7; number++)
            await PublishAsync(alice);
        await LeaveAsync(alice);
        var left = new List<int>();
        while (await ContinueAsync(count: 3))
            left.Add((await Read(session => session.Archive.ListNoticesAsync(alice.Id, default, 9, None))).Count);
        Assert.Equal([4, 1], left.Take(2));
        Assert.Empty(await Read(session => session.Archive.ListNoticesAsync(alice.Id, default, 9, None)));
    }

    [Fact]
    public async Task Nobody_waits_until_all_that_somebody_else_left_behind_is_gone()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        for (var number = 0; number < 9; number++)
            await PublishAsync(alice);
        await PublishAsync(bob);
        await LeaveAsync(alice);
        await LeaveAsync(bob);
        await ContinueAsync(count: 3);
        await ContinueAsync(count: 3);
        Assert.Equal(6, (await Read(session => session.Archive.ListNoticesAsync(alice.Id, default, 9, None))).Count);
        Assert.Empty(await Read(session => session.Archive.ListNoticesAsync(bob.Id, default, 9, None)));
    }

    private async Task LeaveAsync(Profile person) => await Write(async session =>
    {
        await session.Subscriptions.EndAllAsync(person.Id, None);
        await session.Groups.EndAllAsync(person.Id, None);
        await session.Avatars.SetAsync(person.Id, null, None);
        await session.Profiles.DeleteLocalAsync(person.Id, None);
    });

    // Alice does whatever leaves a row anywhere; Bob has to do with it.
    private async Task<(Profile Alice, Profile Bob)> LiveAsync()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        await Write(session => session.Profiles.UpdateAsync(alice with { FullName = Marker, Bio = Marker, Location = Marker, Homepage = $"https://{Marker}.example/" }, None));
        await Write(session => session.Avatars.SetAsync(alice.Id, Avatar.Of(Identicon.Create(alice.Uri.Value)).Value, None));
        await SaveAsync(LocalSubscription(bob, alice));
        await SaveAsync(LocalSubscription(alice, bob));
        var unfollowed = await SaveAsync(LocalSubscription(carol, alice));
        var (heard, zoe) = await HearRemoteAsync(alice, "zoe");
        await Write(session => session.Credentials.AddAsync(
            new Credential { Scope = "access", Token = "t", State = CredentialState.Active, Person = alice.Id, Subscription = heard.Id }, 9, None));
        await ReceiveAsync(RemoteNotice(zoe, "https://there.example/1") with { Mentions = [alice.Id] }, alice);
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("yan", NewSubscriptionId()), alice));

        var cooks = await CreateGroupAsync("cooks", alice, bob, await AddLocalAsync("dave"));
        var bobs = await PublishAsync(LocalNotice(bob) with { Mentions = [alice.Id] });
        await PublishAsync(LocalNotice(bob, visibility: Visibility.Direct) with { Audience = [alice.Id] });
        var plain = await PublishAsync(LocalNotice(alice, Marker) with
        {
            Uri = NoticeUri.Parse($"https://here.example/{Marker}"), Tags = [Marker], Mentions = [carol.Id], ReplyTo = bobs.Id, Conversation = bobs.Id, Warning = Marker,
            Groups = [new NamedGroup(cooks, "cooks")],
        });
        await Write(session => session.Notices.EditAsync(plain with { Content = Marker + Marker, EditedAt = Clock.GetUtcNow() }, At(NewNoticeId()), None));
        await PublishAsync(LocalNotice(alice, Marker, Visibility.Direct) with { Audience = [carol.Id], Mentions = [carol.Id] });
        var repeat = await PublishAsync(LocalNotice(alice, "RT " + Marker) with { RepeatOf = bobs.Id });
        await PublishAsync(LocalNotice(bob, "RT") with { RepeatOf = plain.Id });
        await Write(session => session.Subscriptions.EndAsync(unfollowed.Id, None));

        await ReactAsync(alice, bob, bobs);
        await ReactAsync(bob, alice, plain);
        await Write(session => session.Notifications.AddAsync(
            new Notification { Owner = bob.Id, Position = At(repeat.Id), Kind = NotificationKind.Repeat, Actor = alice.Id, Notice = repeat.Id }, None));
        await Write(session => session.Notifications.MarkReadAsync(alice.Id, ReadMarks.Home, At(plain.Id), None));
        await Write(session => session.Archive.AddFavouriteAsync(alice.Id, NoticeUri.Parse("https://there.example/" + Marker), Clock.GetUtcNow(), default, None));
        await Write(session => session.Invitations.AddAsync(
            new Invitation { Key = Marker, Inviter = alice.Id, CreatedAt = Clock.GetUtcNow(), ExpiresAt = Clock.GetUtcNow() + TimeSpan.FromDays(1), MaxUses = 1 }, None));
        await Write(session => session.Subscriptions.MuteAsync(alice.Id, new Mute(carol.Uri, Clock.GetUtcNow()), None));
        await Write(session => session.Subscriptions.MuteAsync(carol.Id, new Mute(alice.Uri, Clock.GetUtcNow()), None));
        await Write(session => session.Subscriptions.BlockAsync(alice.Id, carol.Uri, Clock.GetUtcNow(), None));
        await Write(session => session.Attachments.AddAsync(
            new Attachment { Id = new AttachmentId(NewNoticeId().Value), Blob = BlobKey.Of("picture"u8), MediaType = "image/png", Size = 9, Width = 1, Height = 1, Description = Marker },
            alice.Id,
            None));
        await DeliverAsync(alice, plain);
        await Write(session => session.Hub.SaveAsync(
            new HubSubscription { Topic = $"https://here.example/{Marker}/feed.atom", Callback = "https://there.example/", Author = alice.Id, Expires = Clock.GetUtcNow() },
            new HubLimits(9, 9, 9, 9),
            None));
        await Write(session => session.Moderation.AddReportAsync(new Report { Reporter = alice.Id, About = bob.Uri, At = Clock.GetUtcNow() }, 9, None));
        await Write(session => session.Moderation.SetStandingAsync(alice.Uri, Standing.Silenced, None));
        await Write(session => session.Moderation.AddAuditAsync(
            new AuditEntry { At = Clock.GetUtcNow(), Operator = "@root", Action = ModerationAction.Silence, Subject = alice.Uri.Value }, None));
        await IndexAsync();
        return (alice, bob);
    }

    private async Task<GroupId> CreateGroupAsync(string nickname, Profile creator, params Profile[] members)
    {
        using var drawn = Store.Ids.Draw();
        await Write(session => session.Groups.AddAsync(new Group { Id = drawn.Group, Nickname = nickname, Creator = creator.Id }, None));
        foreach (var member in members)
        {
            using var place = Store.Ids.Draw();
            await Write(session => session.Groups.SetStandingAsync(drawn.Group, member.Id, GroupStanding.Member, place.Position, None));
        }

        return drawn.Group;
    }

    private async Task ReactAsync(Profile person, Profile author, Notice notice)
    {
        using var drawn = Store.Ids.Draw();
        await Write(session => session.Reactions.FavouriteAsync(person.Id, notice.Id, drawn.Position, None));
        await Write(session => session.Notifications.AddAsync(
            new Notification { Owner = author.Id, Position = drawn.Position, Kind = NotificationKind.Favourite, Actor = person.Id, Notice = notice.Id }, None));
    }

    // One delivery is given up, another waits.
    private async Task DeliverAsync(Profile author, Notice notice)
    {
        await Write(session => session.Deliveries.EnqueueAsync(new DeliveryEvent { Author = author.Id, Kind = DeliveryEventKind.Profile }, None));
        var lease = await LeaseAsync();
        var lane = Assert.Single(lease.Lanes);
        var number = lane.Events[0].Number;
        await Write(session => session.Deliveries.SettleAsync(
            [new LaneSettlement(lease.Token, lane.Id, number, [new RefusedDelivery(number, "no")], null, "", false)], None));
        await Write(session => session.Deliveries.EnqueueAsync(EventOf(notice), None));
    }

    private async Task CheckGoneAsync(Profile alice, Profile bob)
    {
        var cooks = (await Read(session => session.Groups.FindAsync("cooks", None)))!.Id;
        Assert.True(SearchQuery.TryParse(Marker, out var marker, out _));
        Assert.True(SearchQuery.TryParse("alice", out var name, out _));
        foreach (var viewer in new[] { bob.Id, alice.Id, default })
        {
            Assert.Empty(await Read(session => session.Timelines.ProfileAsync(alice.Id, viewer, PageRequest.Newest(9), None)));
            foreach (var list in new[]
            {
                await Read(session => session.Timelines.HomeAsync(viewer, PageRequest.Newest(99), None)),
                await Read(session => session.Timelines.PublicAsync(viewer, PageRequest.Newest(99), None)),
                await Read(session => session.Timelines.TagAsync(Marker, viewer, PageRequest.Newest(99), None)),
                await Read(session => session.Timelines.GroupAsync(cooks, viewer, PageRequest.Newest(99), None)),
            })
                Assert.DoesNotContain(list, entry => entry.Author.Id == alice.Id || entry.Notice.Content.Contains(Marker, StringComparison.Ordinal));
            Assert.Empty(IdsOf(await Read(session => session.Search.NoticesAsync(marker, viewer, null, 99, None))));
            Assert.Empty(await Read(session => session.Search.PeopleAsync(name, viewer, 9, None)));
        }

        Assert.DoesNotContain(
            await Read(session => session.Notifications.ListAsync(bob.Id, PageRequest.Newest(9), None)), told => told.Actor.Id == alice.Id);
    }

    private async Task<List<string>> TablesAsync(IHostFixture database)
    {
        await using var connection = database.OpenHost();
        return [.. (await ReadAsync(connection, TablesQuery)).Select(row => NameOf((string)row[0].Value))];
    }

    private async Task<List<long>> HomesWithAsync(IHostFixture database, Profile author)
    {
        await using var connection = database.OpenHost();
        var home = (await ReadAsync(connection, TablesQuery)).Select(row => (string)row[0].Value).Single(table => NameOf(table) == "home");
        return [.. (await ReadAsync(connection, $"SELECT owner FROM {home} WHERE author = {author.Id}")).Select(row => (long)row[0].Value)];
    }

    // Every column of every table in which some row names the person.
    private async Task<HashSet<string>> TracesAsync(IHostFixture database, Profile person)
    {
        var traces = new HashSet<string>(StringComparer.Ordinal);
        await using var connection = database.OpenHost();
        foreach (var table in await ReadAsync(connection, TablesQuery))
        {
            var name = (string)table[0].Value;
            foreach (var (column, value) in (await ReadAsync(connection, "SELECT * FROM " + name)).SelectMany(row => row))
            {
                if (Names(value, person))
                    traces.Add($"{NameOf(name)}.{column}");
            }
        }

        return traces;
    }

    private static bool Names(object value, Profile person) => value switch
    {
        long number => number == person.Id.Value,
        string text => text.Contains(Marker, StringComparison.Ordinal) || text.Contains(person.Uri.Value, StringComparison.Ordinal)
            || text.Split('/', ' ', '"').Any(word => word == person.Nickname || word == person.Id.Value.ToString(CultureInfo.InvariantCulture)),
        _ => false,
    };

    private static string NameOf(string table) => table.Replace("microblog_", "", StringComparison.Ordinal).Replace("microblog.", "", StringComparison.Ordinal);

    private static async Task<List<(string Column, object Value)[]>> ReadAsync(DbConnection connection, string sql)
    {
        var list = new List<(string Column, object Value)[]>();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tables' names come from the catalogue
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            list.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => (reader.GetName(i), reader.GetValue(i)))]);
        return list;
    }
}
