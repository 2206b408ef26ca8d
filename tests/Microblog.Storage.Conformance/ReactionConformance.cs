namespace Microblog.Storage.Conformance;

/// <summary>Favourites, repeats, changes and answers.</summary>
public abstract class ReactionConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task A_favourite_is_counted_once_and_listed_where_it_was_marked()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (first, second) = (await PublishAsync(alice), await PublishAsync(alice));

        Assert.True(await FavouriteAsync(bob, second));
        Assert.True(await FavouriteAsync(bob, first));
        Assert.False(await FavouriteAsync(bob, first));
        Assert.True(await FavouriteAsync(alice, first));

        Assert.Equal(new NoticeCounts(0, 0, 2), (await FindAsync(first.Id))!.Notice.Counts);
        Assert.Equal([first.Id, second.Id], await FavouritesAsync(bob));
        Assert.Equal([first.Id], await FavouritesAsync(bob, PageRequest.Newest(1)));
        Assert.Equal([alice, bob], await Read(session => session.Reactions.ListFavouritersAsync(first.Id, default, 9, None)));
        Assert.Equal([alice], await Read(session => session.Reactions.ListFavouritersAsync(first.Id, default, 1, None)));
        var reactions = await Read(session => session.Reactions.ListAsync(bob.Id, [first.Id, second.Id, new NoticeId(7)], None));
        Assert.Equal([new Reaction(first.Id, true, default), new Reaction(second.Id, true, default)], reactions.OrderBy(reaction => reaction.Notice));
    }

    [Fact]
    public async Task Pages_of_favourites_meet_without_a_gap()
    {
        var alice = await AddLocalAsync("alice");
        var notices = new List<NoticeId>();
        for (var number = 0; number < 7; number++)
        {
            var notice = await PublishAsync(alice);
            await FavouriteAsync(alice, notice);
            notices.Insert(0, notice.Id);
        }

        var newest = await Read(session => session.Timelines.FavouritesAsync(alice.Id, default, PageRequest.Newest(3), None));
        var older = await Read(session => session.Timelines.FavouritesAsync(alice.Id, default, PageRequest.OlderThan(newest[^1].Position, 3), None));
        var forward = await Read(session => session.Timelines.FavouritesAsync(alice.Id, default, PageRequest.NewerThan(older[^1].Position, 9), None));

        Assert.Equal(notices.Take(6), IdsOf(newest).Concat(IdsOf(older)));
        Assert.Equal(notices.Take(5), IdsOf(forward));
    }

    [Fact]
    public async Task A_favourite_that_is_taken_back_is_gone_and_so_is_what_its_author_was_told()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var notice = await PublishAsync(alice);
        foreach (var person in new[] { bob, carol })
        {
            await FavouriteAsync(person, notice);
            await TellAsync(alice, NotificationKind.Favourite, person, notice.Id);
        }

        Assert.True(await Write(session => session.Reactions.UnfavouriteAsync(bob.Id, notice.Id, None)));
        Assert.False(await Write(session => session.Reactions.UnfavouriteAsync(bob.Id, notice.Id, None)));

        Assert.Equal(1, (await FindAsync(notice.Id))!.Notice.Counts.Favourites);
        Assert.Empty(await FavouritesAsync(bob));
        Assert.Equal([carol.Id], (await NotificationsAsync(alice)).Select(told => told.Actor.Id));
    }

    [Fact]
    public async Task What_is_deleted_cannot_be_a_favourite_any_more()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(alice);
        await FavouriteAsync(bob, notice);

        await DeleteAsync(notice);

        Assert.Empty(await FavouritesAsync(bob));
        Assert.False(await FavouriteAsync(alice, notice));
        Assert.Empty(await Read(session => session.Reactions.ListAsync(bob.Id, [notice.Id], None)));
    }

    [Fact]
    public async Task A_repeat_reaches_followers_with_what_it_repeats_and_is_counted()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        await SaveAsync(LocalSubscription(carol, bob));
        var notice = await PublishAsync(alice, "look");

        var repeat = await RepeatAsync(bob, notice);

        var shown = Assert.Single(await Read(session => session.Timelines.HomeAsync(carol.Id, PageRequest.Newest(9), None)));
        Assert.Equal((repeat.Id, bob.Id), (shown.Notice.Id, shown.Author.Id));
        Assert.Equal((notice.Id, alice), (shown.Repeated!.Notice.Id, shown.Repeated.Author));
        Assert.Equal(1, shown.Repeated.Notice.Counts.Repeats);
        Assert.Equal([bob], await Read(session => session.Reactions.ListRepeatersAsync(notice.Id, default, 9, None)));
        Assert.Equal([new Reaction(notice.Id, false, repeat.Id)], await Read(session => session.Reactions.ListAsync(bob.Id, [notice.Id], None)));
    }

    [Fact]
    public async Task A_notice_is_repeated_once_by_each_person()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(alice);
        var repeat = await RepeatAsync(bob, notice);

        Assert.False(await TryRepeatAsync(bob, notice));
        await RepeatAsync(alice, notice);
        await DeleteAsync(repeat);
        await RepeatAsync(bob, notice);

        Assert.Equal(2, (await FindAsync(notice.Id))!.Notice.Counts.Repeats);
    }

    [Fact]
    public async Task Of_repeats_by_one_person_at_once_one_is_published()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(alice);

        var published = await AtOnceAsync(8, _ => TryRepeatAsync(bob, notice));

        Assert.Single(published, isPublished => isPublished);
        Assert.Equal(1, (await FindAsync(notice.Id))!.Notice.Counts.Repeats);
        Assert.Single(await HomeAsync(bob));
    }

    [Fact]
    public async Task A_repeat_is_gone_with_what_it_repeats_and_not_counted_once_taken_back()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (kept, deleted) = (await PublishAsync(alice), await PublishAsync(alice));
        var (taken, orphan) = (await RepeatAsync(bob, kept), await RepeatAsync(bob, deleted));

        await DeleteAsync(taken);
        await DeleteAsync(deleted);

        Assert.Null(await FindAsync(orphan.Id));
        Assert.Empty(await HomeAsync(bob));
        Assert.Equal(0, (await FindAsync(kept.Id))!.Notice.Counts.Repeats);
        Assert.Empty(await Read(session => session.Reactions.ListRepeatersAsync(kept.Id, default, 9, None)));
    }

    [Fact]
    public async Task Nobody_sees_a_repeat_of_somebody_whom_a_block_keeps_away()
    {
        var (alice, bob, carol, dora) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"), await AddLocalAsync("dora"));
        var repeat = await RepeatAsync(bob, await PublishAsync(alice));
        await Write(session => session.Subscriptions.BlockAsync(carol.Id, alice.Uri, Clock.GetUtcNow(), None));
        await Write(session => session.Subscriptions.BlockAsync(alice.Id, dora.Uri, Clock.GetUtcNow(), None));

        Assert.Null(await FindAsync(repeat.Id, carol.Id));
        Assert.Null(await FindAsync(repeat.Id, dora.Id));
        Assert.NotNull(await FindAsync(repeat.Id));
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    public async Task A_repeat_of_what_only_one_person_was_sent_says_to_others_what_it_says_itself()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var notice = RemoteNotice(zoe, "https://there.example/notice/1");
        await ReceiveAsync(notice, alice);
        var repeat = await RepeatAsync(alice, notice);

        Assert.Null((await FindAsync(repeat.Id, bob.Id))!.Repeated);
        Assert.Equal(notice.Id, (await FindAsync(repeat.Id, alice.Id))!.Repeated!.Notice.Id);
    }

    [Fact]
    public async Task What_people_did_to_copies_they_did_to_the_one_that_is_proven()
    {
        const string Uri = "https://there.example/notice/1";
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, hers) = await HearRemoteAsync(alice, "zoe");
        var (_, his) = await HearRemoteAsync(bob, "zoe");
        await AddRemoteAsync("zoe");
        var (one, other) = (RemoteNotice(hers, Uri, "one"), RemoteNotice(his, Uri, "other"));
        await ReceiveAsync(one, alice);
        await ReceiveAsync(other, bob);
        await FavouriteAsync(bob, other);
        await FavouriteAsync(alice, one);
        var repeat = await RepeatAsync(bob, other);
        var answer = await PublishAsync(LocalNotice(bob) with { ReplyTo = other.Id, ReplyToUri = Uri, Conversation = other.Conversation });

        await Write(session => session.Notices.RecordOriginAsync(one.Id, "", true, None));

        var proven = (await FindAsync(one.Id))!.Notice;
        Assert.Equal(new NoticeCounts(1, 1, 2), proven.Counts);
        Assert.Equal([one.Id], await FavouritesAsync(bob));
        Assert.Equal(one.Id, (await FindAsync(repeat.Id))!.Repeated!.Notice.Id);
        Assert.Equal((one.Id, one.Id), ((await FindAsync(answer.Id))!.Notice.ReplyTo, (await FindAsync(answer.Id))!.Notice.Conversation));
    }

    [Fact]
    public async Task Answers_that_everybody_may_see_are_counted_until_they_are_deleted()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(alice);
        var (seen, unseen) = (await AnswerAsync(bob, notice), await AnswerAsync(bob, notice, Visibility.Followers));
        Assert.Equal(1, await CountRepliesAsync());

        await DeleteAsync(unseen);
        Assert.Equal(1, await CountRepliesAsync());
        await DeleteAsync(seen);
        Assert.Equal(0, await CountRepliesAsync());

        async Task<int> CountRepliesAsync() => (await FindAsync(notice.Id))!.Notice.Counts.Replies;
    }

    [Fact]
    [Trait("Clause", "OMB-67")]
    public async Task An_answer_that_came_before_what_it_answers_joins_it_with_its_own_answers()
    {
        const string Uri = "https://there.example/notice/1";
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var early = RemoteNotice(zoe, "https://there.example/notice/2");
        await ReceiveAsync(early, alice);
        await Write(session => session.Notices.RecordOriginAsync(early.Id, Uri, false, None));
        var later = RemoteNotice(zoe, "https://there.example/notice/3");
        await ReceiveAsync(later, alice);
        await Write(session => session.Notices.RecordOriginAsync(later.Id, early.Uri.Value, false, None));

        var parent = RemoteNotice(zoe, Uri);
        Assert.Equal(ReceiveResult.Stored, await ReceiveAsync(parent, alice));

        Assert.Equal((parent.Id, parent.Id), await PlaceAsync(early));
        Assert.Equal((early.Id, parent.Id), await PlaceAsync(later));
        Assert.Equal(
            [parent.Id, later.Id, early.Id],
            IdsOf(await Read(session => session.Timelines.ConversationAsync(parent.Id, alice.Id, PageRequest.Newest(9), None))));

        async Task<(NoticeId ReplyTo, NoticeId Conversation)> PlaceAsync(Notice notice) =>
            ((await FindAsync(notice.Id, alice.Id))!.Notice.ReplyTo, (await FindAsync(notice.Id, alice.Id))!.Notice.Conversation);
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    public async Task An_unproven_notice_takes_in_no_answers_but_those_of_its_own_subscription()
    {
        const string Uri = "https://there.example/notice/1";
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, hers) = await HearRemoteAsync(alice, "zoe");
        var (_, his) = await HearRemoteAsync(bob, "zoe");
        var early = RemoteNotice(hers, "https://there.example/notice/2");
        await ReceiveAsync(early, alice);
        await Write(session => session.Notices.RecordOriginAsync(early.Id, Uri, false, None));

        await ReceiveAsync(RemoteNotice(his, Uri), bob);

        Assert.Equal(default, (await FindAsync(early.Id, alice.Id))!.Notice.ReplyTo);
    }

    [Fact]
    public async Task A_change_is_seen_at_once_and_what_was_said_before_can_be_read()
    {
        var alice = await AddLocalAsync("alice");
        var notice = await PublishAsync(LocalNotice(alice, "one") with { Tags = ["old", "kept"], Warning = "careful" });

        Assert.True(await EditAsync(notice with { Content = "two", Warning = "", Language = "en", Tags = ["new", "kept"] }));
        Assert.True(await EditAsync(notice with { Content = "three", Warning = "", Language = "en", IsSensitive = true, Tags = ["new", "kept"] }));

        var found = (await FindAsync(notice.Id))!.Notice;
        Assert.Equal(("three", "", "en", true, (DateTimeOffset?)Clock.GetUtcNow()), (found.Content, found.Warning, found.Language, found.IsSensitive, found.EditedAt));
        Assert.Equal(["new", "kept"], found.Tags);
        Assert.Equal(
            [new NoticeRevision(Clock.GetUtcNow(), "one", "", "careful"), new NoticeRevision(Clock.GetUtcNow(), "two", "en", "")],
            await Read(session => session.Notices.ListRevisionsAsync(notice.Id, None)));
        Assert.Empty(await Read(session => session.Timelines.TagAsync("old", default, PageRequest.Newest(9), None)));
        Assert.Single(await Read(session => session.Timelines.TagAsync("new", default, PageRequest.Newest(9), None)));
        Assert.Single(await Read(session => session.Timelines.TagAsync("kept", default, PageRequest.Newest(9), None)));
    }

    [Fact]
    public async Task Whom_a_change_mentions_is_told_once_and_whom_it_does_not_mention_any_more_is_not()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var notice = await PublishAsync(LocalNotice(alice, "@bob") with { Mentions = [bob.Id] });
        await PublishAsync(alice);

        await EditAsync(notice with { Content = "@carol", Mentions = [carol.Id] });
        await EditAsync(notice with { Content = "@carol!", Mentions = [carol.Id] });

        Assert.Empty(await Read(session => session.Timelines.MentionsAsync(bob.Id, PageRequest.Newest(9), None)));
        Assert.Equal([notice.Id], IdsOf(await Read(session => session.Timelines.MentionsAsync(carol.Id, PageRequest.Newest(9), None))));
        Assert.Equal([notice.Id], await HomeAsync(carol));
    }

    [Fact]
    public async Task A_change_that_changes_nothing_and_one_of_what_is_not_ours_leave_no_trace()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (own, gone, remote) = (await PublishAsync(alice), await PublishAsync(alice), RemoteNotice(zoe, "https://there.example/notice/1"));
        await ReceiveAsync(remote, alice);
        await DeleteAsync(gone);

        Assert.False(await EditAsync(own));
        Assert.False(await EditAsync(gone with { Content = "back" }));
        Assert.False(await EditAsync(remote with { Content = "forged" }));

        Assert.Null((await FindAsync(own.Id))!.Notice.EditedAt);
        Assert.Equal(remote.Content, (await FindAsync(remote.Id, alice.Id))!.Notice.Content);
        Assert.Empty(await Read(session => session.Notices.ListRevisionsAsync(own.Id, None)));
    }

    [Fact]
    public async Task With_a_notice_goes_what_it_said_before()
    {
        var alice = await AddLocalAsync("alice");
        var notice = await PublishAsync(LocalNotice(alice, "secret") with { Warning = "careful" });
        await EditAsync(notice with { Content = "none" });

        await DeleteAsync(notice);

        Assert.Empty(await Read(session => session.Notices.ListRevisionsAsync(notice.Id, None)));
    }

    [Fact]
    public async Task Direct_notices_stand_together_written_and_received()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var sent = await PublishAsync(LocalNotice(alice, visibility: Visibility.Direct) with { Audience = [bob.Id] });
        await PublishAsync(LocalNotice(alice) with { Mentions = [bob.Id] });
        var answer = await PublishAsync(LocalNotice(bob, visibility: Visibility.Direct) with { Audience = [alice.Id, bob.Id] });
        var other = await PublishAsync(LocalNotice(bob, visibility: Visibility.Direct) with { Audience = [carol.Id] });

        Assert.Equal([answer.Id, sent.Id], await DirectAsync(alice, PageRequest.Newest(9)));
        Assert.Equal([other.Id, answer.Id, sent.Id], await DirectAsync(bob, PageRequest.Newest(9)));
        Assert.Equal([answer.Id, sent.Id], await DirectAsync(bob, PageRequest.OlderThan(At(other.Id), 9)));
        Assert.Equal([other.Id, answer.Id], await DirectAsync(bob, PageRequest.NewerThan(At(sent.Id), 9)));
        Assert.Equal([other.Id], await DirectAsync(carol, PageRequest.Newest(9)));
    }

    private async Task<bool> FavouriteAsync(Profile person, Notice notice)
    {
        using var drawn = Store.Ids.Draw();
        return await Write(session => session.Reactions.FavouriteAsync(person.Id, notice.Id, drawn.Position, None));
    }

    private async Task<NoticeId[]> FavouritesAsync(Profile person, PageRequest? page = null) =>
        IdsOf(await Read(session => session.Timelines.FavouritesAsync(person.Id, default, page ?? PageRequest.Newest(9), None)));

    private async Task<NoticeId[]> DirectAsync(Profile person, PageRequest page) =>
        IdsOf(await Read(session => session.Timelines.DirectAsync(person.Id, page, None)));

    private Task<Notice> RepeatAsync(Profile person, Notice notice) => PublishAsync(Repeat(person, notice));

    private ValueTask<bool> TryRepeatAsync(Profile person, Notice notice) =>
        Write(session => session.Notices.PublishAsync(Repeat(person, notice), None));

    private Notice Repeat(Profile person, Notice notice) => LocalNotice(person, "RT " + notice.Content) with { RepeatOf = notice.Id };

    private Task<Notice> AnswerAsync(Profile author, Notice to, Visibility visibility = Visibility.Public) =>
        PublishAsync(LocalNotice(author, visibility: visibility) with { ReplyTo = to.Id, ReplyToUri = to.Uri.Value, Conversation = to.Conversation });

    private async Task<bool> EditAsync(Notice notice)
    {
        using var drawn = Store.Ids.Draw();
        return await Write(session => session.Notices.EditAsync(notice with { EditedAt = Clock.GetUtcNow() }, drawn.Position, None));
    }

    private Task<bool> DeleteAsync(Notice notice) => DeleteAsync(notice.Id);

    private async Task TellAsync(Profile owner, NotificationKind kind, Profile actor, NoticeId notice)
    {
        using var drawn = Store.Ids.Draw();
        await Write(session => session.Notifications.AddAsync(
            new Notification { Owner = owner.Id, Position = drawn.Position, Kind = kind, Actor = actor.Id, Notice = notice }, None));
    }

    private ValueTask<NotificationPage> NotificationsAsync(Profile owner) =>
        Read(session => session.Notifications.ListAsync(owner.Id, PageRequest.Newest(9), None));
}
