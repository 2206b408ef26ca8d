using FsCheck;
using FsCheck.Fluent;
using Microblog.Moderation;
using Microblog.Search;

namespace Microblog.Storage.Conformance;

/// <summary>Random worlds: whatever people do, every list and every look-up shows exactly what a plain model says.</summary>
public abstract class VisibilityConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    private const int People = 5;
    private const int Groups = 2;
    private const int Worlds = 12;
    private const int StepsPerWorld = 80;

    private static readonly ProfileUri Zoe = ProfileUri.Parse("https://there.example/person/zoe");

    [Fact]
    public async Task Every_list_shows_what_the_model_shows()
    {
        // Chance comes from FsCheck, so that a failing world names its seed.
        var seeds = Gen.Choose(0, int.MaxValue - 1).Sample(Worlds);
        foreach (var seed in seeds)
        {
            try
            {
                await CheckWorldAsync(seed);
            }
            catch (Xunit.Sdk.XunitException exception)
            {
                Assert.Fail($"World {seed}: {exception.Message}");
            }
        }
    }

    private async Task CheckWorldAsync(int seed)
    {
        var random = new Random(seed);
        var model = new VisibilityModel();
        var start = NewNoticeId();
        // Earlier worlds of this test have left their opinions.
        await SetZoesDomainAsync(Standing.Good);
        await Write(session => session.Moderation.SetStandingAsync(Zoe, Standing.Good, None));
        for (var number = 0; number < People; number++)
            model.People.Add(await AddLocalAsync($"w{seed}p{number}"));
        for (var number = 0; number < Groups; number++)
            await CreateGroupAsync(model, Any(model.People, random), $"w{seed}g{number}");
        await OpenAsync(model, start);
        for (var step = 0; step < StepsPerWorld; step++)
        {
            await StepAsync(model, random, $"{seed}-{step}");
            if (random.Next(4) == 0)
                await LookAsync(model);
            // The index is sometimes ahead of a change and sometimes behind.
            if (random.Next(20) == 0)
                await IndexAsync(10);
        }

        await IndexAsync(10);
        await CompareChangesAsync(model, start);
        foreach (var viewer in model.People.Select(person => person.Id).Append(default))
            await CompareAsync(model, viewer, start);
        await LookAsync(model);
        await CloseAsync(model);
    }

    /// <summary>A world begins, all of which stands above a number; whoever wants to look on gets ready.</summary>
    internal virtual ValueTask OpenAsync(VisibilityModel model, NoticeId start) => default;

    /// <summary>Something has happened since the last look.</summary>
    internal virtual ValueTask LookAsync(VisibilityModel model) => default;

    /// <summary>Nothing more happens in this world.</summary>
    internal virtual ValueTask CloseAsync(VisibilityModel model) => default;

    private Task StepAsync(VisibilityModel model, Random random, string name)
    {
        var (one, other) = (Any(model.People, random), Any(model.People, random));
        return random.Next(24) switch
        {
            < 4 => PublishAsync(model, random, one),
            < 6 => ReceiveAsync(model, random, one, name),
            6 or 7 => SubscribeAsync(model, random, one, other),
            8 => EndAsync(model, random),
            9 => BlockAsync(model, random, one, other),
            10 => DeleteAsync(model, random),
            11 => RepeatAsync(model, random, one),
            12 => MuteAsync(model, random, one, other),
            13 or 14 => FavouriteAsync(model, random, one),
            15 or 16 or 17 => StandAsync(model, random, one),
            18 => TakeOutAsync(model, random),
            19 => JudgeAsync(model, random, one),
            20 => JudgeDomainAsync(model, random),
            21 or 22 => EditAsync(model, random),
            _ => ProveAsync(model, random),
        };
    }

    private async Task PublishAsync(VisibilityModel model, Random random, Profile author)
    {
        var previous = model.Notices.Where(shown => !shown.Notice.IsRemote).ToList();
        var id = NewNoticeId();
        var answered = previous.Count > 0 && random.Next(3) == 0 ? Any(previous, random).Notice : null;
        var notice = LocalNotice(author, visibility: (Visibility)random.Next(4)) with
        {
            Id = id,
            Uri = NoticeUri.Parse($"https://here.example/n/{id}"),
            IsLocalOnly = random.Next(5) == 0,
            Tags = random.Next(2) == 0 ? ["cats"] : [],
            Mentions = random.Next(3) == 0 ? [Any(model.People, random).Id] : [],
            Audience = random.Next(2) == 0 ? [Any(model.People, random).Id] : [],
            Groups = [.. model.Groups.Keys.Where(_ => random.Next(2) == 0).Select(group => new NamedGroup(group, $"g{group}"))],
            ReplyTo = answered?.Id ?? default,
            ReplyToUri = answered?.Uri.Value ?? "",
            Conversation = answered?.Conversation ?? id,
        };
        await PublishAsync(notice);
        model.Publish(notice);
    }

    private async Task RepeatAsync(VisibilityModel model, Random random, Profile author)
    {
        var there = model.Notices.Where(shown => !shown.IsDeleted && shown.Repeated is null
            && !model.Notices.Exists(other => !other.IsDeleted && other.Repeated == shown && other.Notice.Author == author.Id)).ToList();
        if (there.Count == 0)
            return;
        var original = Any(there, random);
        var notice = LocalNotice(author, "RT") with { RepeatOf = original.Notice.Id };
        await PublishAsync(notice);
        model.Publish(notice, original);
    }

    private async Task FavouriteAsync(VisibilityModel model, Random random, Profile person)
    {
        var there = model.Notices.Where(shown => !shown.IsDeleted).ToList();
        if (there.Count == 0)
            return;
        var shown = Any(there, random);
        if (shown.Favourites.Remove(person.Id))
        {
            Assert.True(await Write(session => session.Reactions.UnfavouriteAsync(person.Id, shown.Notice.Id, None)));
            return;
        }

        using var drawn = Store.Ids.Draw();
        Assert.True(await Write(session => session.Reactions.FavouriteAsync(person.Id, shown.Notice.Id, drawn.Position, None)));
        shown.Favourites.Add(person.Id, drawn.Notice);
        if (shown.Notice.IsRemote || shown.Notice.Author == person.Id)
            return;
        var told = new Notification
        {
            Owner = shown.Notice.Author, Position = drawn.Position, Kind = NotificationKind.Favourite, Actor = person.Id, Notice = shown.Notice.Id,
        };
        await Write(session => session.Notifications.AddAsync(told, None));
    }

    private async Task CreateGroupAsync(VisibilityModel model, Profile creator, string nickname)
    {
        using var drawn = Store.Ids.Draw();
        Assert.Null(await Write(session => session.Groups.AddAsync(new Group { Id = drawn.Group, Nickname = nickname, Creator = creator.Id }, None)));
        model.Groups[drawn.Group] = new() { [creator.Id] = GroupStanding.Admin };
    }

    private async Task StandAsync(VisibilityModel model, Random random, Profile person)
    {
        var group = Any([.. model.Groups.Keys], random);
        var standing = random.Next(2) == 0 ? GroupStanding.Member : (GroupStanding)random.Next(4);
        var before = model.Groups[group].GetValueOrDefault(person.Id);
        using var drawn = Store.Ids.Draw();
        Assert.Equal(before != standing, await Write(session => session.Groups.SetStandingAsync(group, person.Id, standing, drawn.Position, None)));
        model.Groups[group][person.Id] = standing;
    }

    private async Task TakeOutAsync(VisibilityModel model, Random random)
    {
        var there = model.Notices.Where(shown => !shown.IsDeleted && shown.Groups.Count > 0).ToList();
        if (there.Count == 0)
            return;
        var shown = Any(there, random);
        var group = Any([.. shown.Groups], random);
        Assert.True(await Write(session => session.Groups.RemoveNoticeAsync(group, shown.Notice.Id, None)));
        shown.Groups.Remove(group);
    }

    private async Task ReceiveAsync(VisibilityModel model, Random random, Profile listener, string name)
    {
        if (!model.Heard.TryGetValue(listener.Id, out var author))
        {
            (_, author) = await HearRemoteAsync(listener, "zoe");
            model.Heard[listener.Id] = author;
            model.Hearing.Add(listener.Id);
        }

        var known = model.Notices.Where(shown => shown.Notice.IsRemote && !shown.IsDeleted && !shown.IsProven).ToList();
        var uri = known.Count > 0 && random.Next(2) == 0 ? Any(known, random).Notice.Uri.Value : $"https://there.example/{name}";
        var notice = RemoteNotice(author, uri, random.Next(3) == 0 ? name : "the same") with { Tags = ["cats"] };
        var expected = model.Receive(notice, listener.Id);
        Assert.Equal(expected, await ReceiveAsync(notice, listener));
    }

    private async Task SubscribeAsync(VisibilityModel model, Random random, Profile subscriber, Profile publisher)
    {
        if (subscriber == publisher)
            return;
        var state = random.Next(4) == 0 ? SubscriptionState.Requested : SubscriptionState.Active;
        model.Subscriptions.Add(await SaveAsync(LocalSubscription(subscriber, publisher, state)));
    }

    private async Task EndAsync(VisibilityModel model, Random random)
    {
        if (model.Subscriptions.Count == 0)
            return;
        var gone = Any(model.Subscriptions, random);
        await Write(session => session.Subscriptions.EndAsync(gone.Id, None));
        model.Subscriptions.Remove(gone);
    }

    private async Task BlockAsync(VisibilityModel model, Random random, Profile one, Profile other)
    {
        var blocked = random.Next(3) == 0 ? Zoe : other.Uri;
        if (model.Blocks.Remove((one.Id, blocked)))
        {
            await Write(session => session.Subscriptions.UnblockAsync(one.Id, blocked, None));
            return;
        }

        await Write(session => session.Subscriptions.BlockAsync(one.Id, blocked, Clock.GetUtcNow(), None));
        model.Blocks.Add((one.Id, blocked));
        if (blocked != other.Uri)
            model.Hearing.Remove(one.Id);
        model.Subscriptions.RemoveAll(found => (found.Subscriber == one.Id && model.UriOf(found.Publisher) == blocked)
            || (found.Publisher == one.Id && model.UriOf(found.Subscriber) == blocked));
    }

    private async Task MuteAsync(VisibilityModel model, Random random, Profile one, Profile other)
    {
        var muted = random.Next(3) == 0 ? Zoe : other.Uri;
        if (model.Mutes.Remove((one.Id, muted)))
        {
            Assert.True(await Write(session => session.Subscriptions.UnmuteAsync(one.Id, muted, None)));
            return;
        }

        await Write(session => session.Subscriptions.MuteAsync(one.Id, new Mute(muted, Clock.GetUtcNow()), None));
        model.Mutes.Add((one.Id, muted));
    }

    private async Task JudgeAsync(VisibilityModel model, Random random, Profile one)
    {
        var person = random.Next(3) == 0 ? Zoe : one.Uri;
        var standing = model.Standings[person] = (Standing)random.Next(3);
        await Write(session => session.Moderation.SetStandingAsync(person, standing, None));
        if (standing == Standing.Suspended)
            await EndSuspendedAsync(model);
    }

    private async Task JudgeDomainAsync(VisibilityModel model, Random random)
    {
        model.Domain = (Standing)random.Next(3);
        await SetZoesDomainAsync(model.Domain);
        await EndSuspendedAsync(model);
    }

    // Whichever of the two was just said: nobody hears a suspended person of elsewhere, or one of a blocked domain.
    private async Task EndSuspendedAsync(VisibilityModel model)
    {
        while (await ContinueAsync())
        {
        }

        if (model.Domain == Standing.Suspended || model.Standings.GetValueOrDefault(Zoe) == Standing.Suspended)
            model.Hearing.Clear();
    }

    private async Task SetZoesDomainAsync(Standing standing)
    {
        await Write(session => session.Moderation.SetDomainAsync(new DomainRule("there.example", standing, Clock.GetUtcNow()), None));
        while (await ContinueAsync())
        {
        }
    }

    private async Task DeleteAsync(VisibilityModel model, Random random)
    {
        var there = model.Notices.Where(shown => !shown.IsDeleted && !shown.Notice.IsRemote).ToList();
        if (there.Count == 0)
            return;
        var gone = Any(there, random);
        using var drawn = Store.Ids.Draw();
        Assert.True(await Write(session => session.Notices.DeleteAsync(gone.Notice.Id, drawn.Position, None)));
        foreach (var changed in model.Notices.Where(shown => shown == gone || (shown.Repeated == gone && !shown.IsDeleted)))
            changed.Changed = drawn.Position;
        gone.IsDeleted = true;
    }

    private async Task EditAsync(VisibilityModel model, Random random)
    {
        var there = model.Notices.Where(shown => !shown.IsDeleted && !shown.Notice.IsRemote && shown.Repeated is null).ToList();
        if (there.Count == 0)
            return;
        var edited = Any(there, random);
        using var drawn = Store.Ids.Draw();
        var notice = edited.Notice with { Content = $"changed at {drawn.Position}", EditedAt = Clock.GetUtcNow() };
        Assert.True(await Write(session => session.Notices.EditAsync(notice, drawn.Position, None)));
        (edited.Notice, edited.Changed) = (notice, drawn.Position);
    }

    private async Task ProveAsync(VisibilityModel model, Random random)
    {
        var there = model.Notices.Where(shown => shown.Notice.IsRemote && !shown.IsProven).ToList();
        if (there.Count == 0)
            return;
        var proven = Any(there, random);
        model.Proven ??= await AddRemoteAsync("zoe");
        await Write(session => session.Notices.RecordOriginAsync(proven.Notice.Id, "", true, None));
        model.Prove(proven);
    }

    private async Task CompareChangesAsync(VisibilityModel model, NoticeId start)
    {
        var expected = model.Notices.Where(shown => shown.Changed != default && shown.Notice is { IsRemote: false, Visibility: Visibility.Public, IsLocalOnly: false })
            .OrderBy(shown => shown.Changed).ThenBy(shown => shown.Notice.Id)
            .Select(shown => (new ChangePlace(shown.Changed, shown.Notice.Id), shown.Notice.Uri, model.IsListed(shown) ? shown.Notice.Content : null));
        var found = await Read(session => session.Notices.ListChangesAsync(new ChangePlace(At(start), default), PageRequest.MaxCount, None));
        Assert.Equal(expected, found.Select(change => (change.Place, change.Uri, change.Entry?.Notice.Content)));
    }

    private async Task CompareAsync(VisibilityModel model, ProfileId viewer, NoticeId start)
    {
        var found = new List<TimelineEntry>();
        foreach (var shown in model.Notices)
        {
            Assert.Equal(
                shown is { IsDeleted: true, Notice: { Visibility: <= Visibility.Unlisted, IsLocalOnly: false } },
                await Read(session => session.Notices.IsDeletedAsync(shown.Notice.Id, None)));
            var entry = await FindAsync(shown.Notice.Id, viewer);
            Assert.Equal(model.CanSee(shown, viewer), entry is not null);
            if (entry is null)
                continue;
            found.Add(entry);
            Assert.Equal(model.AuthorFor(shown, viewer), entry.Author.Id);
            Assert.Equal(shown.Favourites.Count, entry.Notice.Counts.Favourites);
            var repeated = shown.Repeated is { } original && model.CanSee(original, viewer) ? original.Notice.Id : (NoticeId?)null;
            Assert.Equal(repeated, entry.Repeated?.Notice.Id);
        }

        NoticeId[] all = [.. model.Notices.Select(shown => shown.Notice.Id).Reverse()];
        var listed = await Read(session => session.Notices.ListAsync(all, viewer, None));
        Assert.Equal(found.OrderBy(entry => entry.Notice.Id).Select(Told), listed.Select(Told));

        foreach (var person in model.People.Select(person => person.Id))
        {
            await CompareListAsync(model, viewer, shown => shown.Favourites.ContainsKey(person),
                (lists, page) => lists.FavouritesAsync(person, viewer, page, None), start, shown => shown.Favourites[person]);
        }

        foreach (var (group, people) in model.Groups)
        {
            await CompareListAsync(model, viewer, shown => shown.Groups.Contains(group) && !model.IsMuted(shown, viewer),
                (lists, page) => lists.GroupAsync(group, viewer, page, None), start);
            var counts = new GroupCounts(
                people.Values.Count(standing => standing >= GroupStanding.Member), model.Notices.Count(shown => !shown.IsDeleted && shown.Groups.Contains(group)));
            Assert.Equal(counts, (await Read(session => session.Groups.FindAsync(group, None)))!.Counts);
        }

        foreach (var person in model.People.Select(person => person.Id))
            Assert.Equal(model.CountsOf(person), await Read(session => session.Profiles.CountAsync(person, None)));
        var everybody = model.People.Concat(model.Heard.Values).Select(person => person.Id).ToList();
        Assert.Equal(
            everybody.Where(person => model.RelationOf(viewer, person) != default).ToDictionary(person => person, person => model.RelationOf(viewer, person)),
            await Read(session => session.Subscriptions.RelateAsync(viewer, everybody, None)));
        var counted = await Read(session => session.Profiles.CountAsync(everybody, None));
        Assert.Equal(model.People.Where(person => model.CountsOf(person.Id) != default).ToDictionary(person => person.Id, person => model.CountsOf(person.Id)), counted);

        await CompareListAsync(model, viewer, shown => shown.Home.ContainsKey(viewer) && !model.IsMuted(shown, viewer), (lists, page) => lists.HomeAsync(viewer, page, None), start,
            shown => shown.Home[viewer].Place);
        await CompareListAsync(model, viewer, shown => shown.Notice is { IsRemote: false, Visibility: Visibility.Public } && !model.IsMuted(shown, viewer),
            (lists, page) => lists.PublicAsync(viewer, page, None), start);
        await CompareListAsync(model, viewer, shown => shown.Notice.Visibility == Visibility.Public && shown.Notice.Tags.Contains("cats") && !model.IsMuted(shown, viewer),
            (lists, page) => lists.TagAsync("cats", viewer, page, None), start);
        if (!viewer.IsNone)
        {
            await CompareListAsync(model, viewer, shown => shown.Notice.Visibility == Visibility.Direct
                    && (shown.Notice.Author == viewer || shown.Notice.Audience.Contains(viewer)),
                (lists, page) => lists.DirectAsync(viewer, page, None), start);
            await CompareListAsync(model, viewer, shown => shown.Notice.Mentions.Contains(viewer) && !model.IsMuted(shown, viewer),
                (lists, page) => lists.MentionsAsync(viewer, page, None), start);
        }

        await CompareSearchAsync(model, viewer, "hello", shown => shown.Notice.Content == "hello", start);
        await CompareSearchAsync(model, viewer, "same #cats", shown => shown.Notice.Content == "the same", start);
        await CompareSearchAsync(model, viewer, "#cats", shown => shown.Notice.Tags.Contains("cats"), start);
        await CompareSearchAsync(model, viewer, "from:zoe", shown => shown.Notice.IsRemote, start);

        foreach (var author in model.People.Concat(model.Heard.Values).Select(person => person.Id))
        {
            await CompareListAsync(model, viewer, shown => model.AuthorFor(shown, viewer) == author,
                (lists, page) => lists.ProfileAsync(author, viewer, page, None), start);
        }

        foreach (var conversation in model.Notices.Select(shown => shown.Notice.Conversation).Distinct())
        {
            await CompareListAsync(model, viewer, shown => shown.Notice.Conversation == conversation,
                (lists, page) => lists.ConversationAsync(conversation, viewer, page, None), start);
        }
    }

    private async Task CompareListAsync(
        VisibilityModel model,
        ProfileId viewer,
        Func<VisibilityModel.Shown, bool> filter,
        Func<ITimelineReader, PageRequest, ValueTask<EntryPage>> list,
        NoticeId start,
        Func<VisibilityModel.Shown, NoticeId>? place = null)
    {
        var expected = model.Notices.Where(shown => filter(shown) && model.CanSee(shown, viewer))
            .OrderBy(place ?? (shown => shown.Notice.Id)).Select(shown => shown.Notice.Id).ToArray();
        // Earlier worlds of this test lie below the start.
        Assert.Equal(expected, IdsOf(await Read(session => list(session.Timelines, PageRequest.NewerThan(At(start), 200)))).Reverse());
        var newest = IdsOf(await Read(session => list(session.Timelines, PageRequest.Newest(3))));
        Assert.Equal(expected.Reverse().Take(3), newest.Where(id => id > start));
    }

    // Of an entry what may depend on who looks; records compare lists by reference.
    private static (NoticeId Notice, NoticeCounts Counts, Profile Author, TimelinePosition Position, NoticeId? Repeated, Profile? RepeatedAuthor) Told(TimelineEntry entry) =>
        (entry.Notice.Id, entry.Notice.Counts, entry.Author, entry.Position, entry.Repeated?.Notice.Id, entry.Repeated?.Author);

    // What is not listed is found by those whom it reached; a repeat by nobody.
    private async Task CompareSearchAsync(VisibilityModel model, ProfileId viewer, string text, Func<VisibilityModel.Shown, bool> filter, NoticeId start)
    {
        Assert.True(SearchQuery.TryParse(text, out var query, out var problem), problem);
        var expected = model.Notices.Where(shown => filter(shown) && shown.Repeated is null && model.CanSee(shown, viewer) && !model.IsMuted(shown, viewer)
            && (shown.Notice.Visibility != Visibility.Unlisted || shown.Home.ContainsKey(viewer))).Select(shown => shown.Notice.Id).OrderDescending();
        var found = await Read(session => session.Search.NoticesAsync(query, viewer, null, 200, None));
        // Earlier worlds of this test lie below the start.
        Assert.Equal(expected, IdsOf(found).Where(id => id > start));
    }

    private static T Any<T>(IReadOnlyList<T> list, Random random) => list[random.Next(list.Count)];
}
