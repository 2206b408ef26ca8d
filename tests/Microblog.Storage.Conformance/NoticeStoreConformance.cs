using Microblog.Moderation;

namespace Microblog.Storage.Conformance;

public abstract class NoticeStoreConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    private const string Uri = "https://there.example/notice/1";

    /// <summary>Whether text may contain the NUL character.</summary>
    protected virtual bool StoresNul => true;

    [Fact]
    [Trait("Clause", "OMB-63")]
    public async Task A_notice_comes_back_as_it_went_in()
    {
        var alice = await AddLocalAsync("alice");
        var bob = await AddLocalAsync("bob");
        var first = await PublishAsync(alice);
        var notice = LocalNotice(alice, "a+b & 50% =\r\n\u202Eright\u202C 🎈 \u00e9 e\u0301 " + (StoresNul ? "\0" : "") + new string('x', 5000)) with
        {
            ReplyTo = first.Id,
            ReplyToUri = first.Uri.Value,
            Conversation = first.Id,
            SeeAlso = new SeeAlso("https://here.example/cat.png", true, "image/png", Licence),
            Mentions = [bob.Id, alice.Id],
            Tags = ["cats", "žižkov"],
            Language = "de-AT",
            Warning = "spoiler “x” 🎈",
            IsSensitive = true,
            EditedAt = Clock.GetUtcNow(),
            Extensions = """{"a":1}""",
        };
        await PublishAsync(notice);

        var entry = await FindAsync(notice.Id);
        Assert.NotNull(entry);
        AssertSame(notice, entry.Notice);
        Assert.Equal(alice, entry.Author);
        AssertSame(notice, Assert.Single(await Read(session => session.Notices.FindAsync(notice.Uri, None))));
        Assert.Null(await FindAsync(new NoticeId(5)));
        Assert.Empty(await Read(session => session.Notices.FindAsync(NoticeUri.Parse("tag:nothing"), None)));
    }

    [Fact]
    public async Task Several_notices_of_this_node_are_listed_by_number_whoever_may_see_them_but_not_deleted_ones()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var first = await PublishAsync(alice, visibility: Visibility.Followers);
        var deleted = await PublishAsync(alice);
        var remote = RemoteNotice(zoe, Uri);
        await ReceiveAsync(remote, alice);
        var second = await PublishAsync(bob);
        await PublishAsync(alice);
        await DeleteAsync(deleted.Id);

        var found = await Read(session => session.Notices.ListLocalAsync([second.Id, remote.Id, deleted.Id, first.Id, new NoticeId(5)], None));

        Assert.Equal(2, found.Count);
        AssertSame(first, found[0]);
        AssertSame(second, found[1]);
        Assert.Empty(await Read(session => session.Notices.ListLocalAsync([], None)));
    }

    [Fact]
    public async Task Several_notices_are_found_at_once_each_only_for_those_who_may_see_it()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, his) = await HearRemoteAsync(bob, "zoe");
        await SaveAsync(LocalSubscription(bob, carol));
        var seen = await PublishAsync(LocalNotice(carol) with { Tags = ["cats"], Mentions = [alice.Id] });
        var unlisted = await PublishAsync(carol, visibility: Visibility.Unlisted);
        var local = await PublishAsync(LocalNotice(carol) with { IsLocalOnly = true });
        var followers = await PublishAsync(carol, visibility: Visibility.Followers);
        var letter = await PublishAsync(LocalNotice(carol, visibility: Visibility.Direct) with { Audience = [alice.Id] });
        var deleted = await PublishAsync(carol);
        await DeleteAsync(deleted.Id);
        var remote = RemoteNotice(zoe, Uri);
        await ReceiveAsync(remote, alice);
        await ReceiveAsync(RemoteNotice(his, Uri), bob);
        NoticeId[] ids = [remote.Id, letter.Id, seen.Id, new NoticeId(5), deleted.Id, followers.Id, local.Id, seen.Id, unlisted.Id];

        var found = await ListAsync(ids, alice.Id);

        Assert.Equal([seen.Id, unlisted.Id, local.Id, letter.Id, remote.Id], IdsOf(found));
        AssertSame(seen, found[0].Notice);
        Assert.Equal((carol, At(seen.Id), null), (found[0].Author, found[0].Position, found[0].Repeated));
        Assert.Equal(zoe, found[^1].Author);
        var others = await ListAsync(ids, bob.Id);
        Assert.Equal([seen.Id, unlisted.Id, local.Id, followers.Id, remote.Id], IdsOf(others));
        Assert.Equal(his, others[^1].Author);
        Assert.Equal([seen.Id, unlisted.Id], IdsOf(await ListAsync(ids)));
        Assert.Empty(await ListAsync([]));

        await Write(session => session.Subscriptions.BlockAsync(carol.Id, bob.Uri, Clock.GetUtcNow(), None));
        Assert.Equal([remote.Id], IdsOf(await ListAsync(ids, bob.Id)));
    }

    [Fact]
    public async Task Of_several_notices_that_are_found_repeats_show_what_they_repeat_to_those_who_may_see_it()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        await SaveAsync(LocalSubscription(bob, alice));
        var (open, narrow, gone) = (await PublishAsync(alice), await PublishAsync(alice, visibility: Visibility.Followers), await PublishAsync(alice));
        var repeats = new List<Notice>();
        foreach (var original in new[] { open, narrow, gone })
            repeats.Add(await PublishAsync(LocalNotice(carol, "RT") with { RepeatOf = original.Id }));
        var again = await PublishAsync(LocalNotice(bob, "RT") with { RepeatOf = open.Id });
        await DeleteAsync(gone.Id);
        NoticeId[] ids = [.. repeats.Select(repeat => repeat.Id), again.Id, open.Id];

        var found = await ListAsync(ids, bob.Id);
        Assert.Equal([open.Id, repeats[0].Id, repeats[1].Id, again.Id], IdsOf(found));
        Assert.Equal([null, open.Id, narrow.Id, open.Id], found.Select(entry => entry.Repeated?.Notice.Id));
        Assert.Equal(alice, found[1].Repeated!.Author);
        Assert.Equal([null, open.Id, null, open.Id], (await ListAsync(ids)).Select(entry => entry.Repeated?.Notice.Id));
    }

    [Fact]
    public async Task Several_notices_that_were_found_stay_as_found_until_the_work_has_ended()
    {
        var alice = await AddLocalAsync("alice");
        Notice[] notices = [await PublishAsync(alice, "0"), await PublishAsync(alice, "0")];

        await AtOnceAsync(12, async number =>
        {
            using var drawn = Store.Ids.Draw();
            return await Write(async session =>
            {
                var ids = notices.Select(notice => notice.Id);
                var found = await session.Notices.ListAsync([.. number % 2 == 0 ? ids : ids.Reverse()], alice.Id, None);
                foreach (var entry in found)
                {
                    var next = entry.Notice with { Content = $"{int.Parse(entry.Notice.Content, null) + 1}", EditedAt = Clock.GetUtcNow() };
                    Assert.True(await session.Notices.EditAsync(next, drawn.Position, None));
                }
            });
        });

        Assert.Equal(["12", "12"], (await ListAsync([.. notices.Select(notice => notice.Id)])).Select(entry => entry.Notice.Content));
    }

    [Fact]
    public async Task A_number_or_URI_is_not_given_twice()
    {
        var alice = await AddLocalAsync("alice");
        var notice = await PublishAsync(alice);

        await Assert.ThrowsAsync<StoreException>(() => PublishAsync(LocalNotice(alice) with { Uri = notice.Uri }));
        await Assert.ThrowsAsync<StoreException>(() => PublishAsync(LocalNotice(alice) with { Id = notice.Id }));

        AssertSame(notice, Assert.Single(await Read(session => session.Notices.FindAsync(notice.Uri, None))));
        Assert.Equal([notice.Id], await HomeAsync(alice));
    }

    [Fact]
    public async Task Publishing_reaches_author_followers_and_mentioned_people()
    {
        var (alice, bob, carol, dora) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"), await AddLocalAsync("dora"));
        await SaveAsync(LocalSubscription(bob, alice));
        await SaveAsync(LocalSubscription(dora, alice, SubscriptionState.Requested));
        var notice = await PublishAsync(LocalNotice(alice) with { Mentions = [carol.Id] });

        Assert.Equal([notice.Id], await HomeAsync(alice));
        Assert.Equal([notice.Id], await HomeAsync(bob));
        Assert.Equal([notice.Id], await HomeAsync(carol));
        Assert.Empty(await HomeAsync(dora));
        Assert.False(await ContinueAsync());
    }

    [Fact]
    public async Task A_direct_notice_reaches_its_audience_and_nobody_else()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        await SaveAsync(LocalSubscription(carol, alice));
        var notice = await PublishAsync(LocalNotice(alice, visibility: Visibility.Direct) with { Audience = [bob.Id], Mentions = [carol.Id] });

        Assert.Equal([notice.Id], await HomeAsync(alice));
        Assert.Equal([notice.Id], await HomeAsync(bob));
        Assert.Empty(await HomeAsync(carol));
        Assert.Null(await FindAsync(notice.Id, carol.Id));
        Assert.Null(await FindAsync(notice.Id));
        Assert.Equal([bob.Id], (await FindAsync(notice.Id, bob.Id))!.Notice.Audience);
    }

    [Fact]
    public async Task Followers_beyond_the_first_are_reached_by_the_job_each_once()
    {
        var alice = await AddLocalAsync("alice");
        var followers = new List<Profile>();
        for (var number = 0; number < 450; number++)
        {
            followers.Add(await AddLocalAsync($"f{number}"));
            await SaveAsync(LocalSubscription(followers[^1], alice));
        }

        var notice = await PublishAsync(alice);

        Assert.Equal(200, await CountReachedAsync());
        Assert.True(await ContinueAsync());
        Assert.Equal(300, await CountReachedAsync());
        Assert.True(await ContinueAsync());
        Assert.False(await ContinueAsync());
        Assert.Equal(450, await CountReachedAsync());
        Assert.False(await ContinueAsync());

        async Task<int> CountReachedAsync()
        {
            var count = 0;
            foreach (var follower in followers)
                count += (await HomeAsync(follower)).Contains(notice.Id) ? 1 : 0;
            return count;
        }
    }

    [Fact]
    public async Task A_deleted_notice_is_gone_from_every_list_and_its_URI_stays_taken()
    {
        var alice = await AddLocalAsync("alice");
        var bob = await AddLocalAsync("bob");
        await SaveAsync(LocalSubscription(bob, alice));
        var notice = await PublishAsync(LocalNotice(alice) with { Tags = ["cats"], Mentions = [bob.Id] });

        Assert.True(await DeleteAsync(notice.Id));
        Assert.False(await DeleteAsync(notice.Id));

        Assert.Null(await FindAsync(notice.Id, alice.Id));
        Assert.Empty(await Read(session => session.Notices.FindAsync(notice.Uri, None)));
        Assert.Empty(await HomeAsync(bob));
        Assert.Empty(await Read(session => session.Timelines.TagAsync("cats", default, PageRequest.Newest(9), None)));
        Assert.Empty(await Read(session => session.Timelines.MentionsAsync(bob.Id, PageRequest.Newest(9), None)));
        await Assert.ThrowsAsync<StoreException>(() => PublishAsync(LocalNotice(alice) with { Uri = notice.Uri }));
    }

    [Fact]
    public async Task What_somebody_said_just_now_is_what_stands_among_their_three_newest_notices()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var before = await PublishAsync(LocalNotice(alice, "before"));
        var said = await PublishAsync(LocalNotice(alice, "hello", Visibility.Followers));
        var since = TimelinePosition.FromNoticeId(before.Id);
        Assert.True(await HasSaidAsync(alice, "hello"));
        Assert.False(await HasSaidAsync(alice, "Hello"));
        Assert.False(await HasSaidAsync(alice, "hell"));
        Assert.False(await HasSaidAsync(alice, "before"));
        Assert.False(await HasSaidAsync(bob, "hello"));
        await PublishAsync(LocalNotice(alice, "letter", Visibility.Direct) with { Audience = [bob.Id] });
        Assert.False(await HasSaidAsync(alice, "letter"));
        var last = await PublishAsync(LocalNotice(alice, "last"));
        Assert.True(await HasSaidAsync(alice, "hello"));
        await DeleteAsync(last.Id);
        Assert.False(await HasSaidAsync(alice, "last"));
        await PublishAsync(LocalNotice(alice, "more"));
        Assert.False(await HasSaidAsync(alice, "hello"));
        Assert.True(await Write(session => session.Notices.HasSaidAsync(alice.Id, "more", since, None)));
        since = TimelinePosition.FromNoticeId(said.Id);
        Assert.True(await HasSaidAsync(alice, "more"));

        ValueTask<bool> HasSaidAsync(Profile author, string content) => Read(session => session.Notices.HasSaidAsync(author.Id, content, since, None));
    }

    [Theory]
    [InlineData(Visibility.Public, false, true)]
    [InlineData(Visibility.Unlisted, false, true)]
    [InlineData(Visibility.Public, true, false)]
    [InlineData(Visibility.Unlisted, true, false)]
    [InlineData(Visibility.Followers, false, false)]
    [InlineData(Visibility.Direct, false, false)]
    public async Task That_a_notice_was_deleted_is_told_of_what_everybody_could_see(Visibility visibility, bool isLocalOnly, bool isTold)
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(LocalNotice(alice, visibility: visibility) with
        {
            IsLocalOnly = isLocalOnly, Audience = visibility == Visibility.Direct ? [bob.Id] : [],
        });
        var kept = await PublishAsync(alice);
        Assert.False(await IsDeletedAsync(notice));

        await DeleteAsync(notice.Id);

        Assert.Equal(isTold, await IsDeletedAsync(notice));
        Assert.False(await IsDeletedAsync(kept));
        Assert.False(await IsDeletedAsync(LocalNotice(alice)));
        // Nor does a suspension make a secret of it.
        await Write(session => session.Moderation.SetStandingAsync(alice.Uri, Standing.Suspended, None));
        Assert.Equal(isTold, await IsDeletedAsync(notice));
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    public async Task That_a_remote_notice_was_deleted_here_is_told_of_a_proven_one_alone()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, his) = await HearRemoteAsync(bob, "zoe");
        await AddRemoteAsync("zoe");
        var (unproven, proven, copy) = (RemoteNotice(zoe, Uri + "/unproven"), RemoteNotice(zoe, Uri), RemoteNotice(his, Uri, "other words"));
        await ReceiveAsync((unproven, alice), (proven, alice), (copy, bob));
        await Write(session => session.Notices.RecordOriginAsync(proven.Id, "", true, None));
        Assert.False(await IsDeletedAsync(proven));

        foreach (var notice in new[] { unproven, proven })
            Assert.True(await DeleteAsync(notice.Id));

        Assert.True(await IsDeletedAsync(proven));
        Assert.False(await IsDeletedAsync(unproven));
        // The proven one took its place: that was no deletion.
        Assert.False(await IsDeletedAsync(copy));
    }

    [Fact]
    public async Task What_somebody_who_left_wrote_is_told_to_be_deleted_once_it_is_and_a_repeat_of_it_is_not()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (notice, letter) = (await PublishAsync(alice), await PublishAsync(LocalNotice(alice, visibility: Visibility.Direct) with { Audience = [bob.Id] }));
        var repeat = await PublishAsync(LocalNotice(bob, "RT") with { RepeatOf = notice.Id });
        await Write(session => session.Profiles.DeleteLocalAsync(alice.Id, None));
        while (await ContinueAsync(count: 1))
        {
        }

        Assert.True(await IsDeletedAsync(notice));
        Assert.False(await IsDeletedAsync(letter));
        Assert.False(await IsDeletedAsync(repeat));
        Assert.Null(await FindAsync(repeat.Id, bob.Id));
    }

    [Fact]
    [Trait("Clause", "OMB-55")]
    public async Task A_remote_notice_received_twice_is_stored_once()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var notice = RemoteNotice(zoe, Uri);

        Assert.Equal(ReceiveResult.Stored, await ReceiveAsync(notice, alice));
        Assert.Equal(ReceiveResult.Duplicate, await ReceiveAsync(RemoteNotice(zoe, Uri), alice));
        Assert.Equal(ReceiveResult.Duplicate, await ReceiveAsync(RemoteNotice(zoe, Uri, "other words"), alice));

        var entry = Assert.Single(await Read(session => session.Timelines.HomeAsync(alice.Id, PageRequest.Newest(9), None)));
        AssertSame(notice, entry.Notice);
        Assert.Equal(zoe, entry.Author);
    }

    [Fact]
    [Trait("Clause", "OMB-55")]
    public async Task Of_duplicates_that_race_one_is_stored()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => ReceiveAsync(RemoteNotice(zoe, Uri), alice))));

        Assert.Single(results, ReceiveResult.Stored);
        Assert.Equal(15, results.Count(result => result == ReceiveResult.Duplicate));
        Assert.Single(await HomeAsync(alice));
    }

    [Fact]
    [Trait("Clause", "OMB-55")]
    public async Task The_same_notice_by_two_subscriptions_is_one_copy_and_each_knows_the_author_in_its_own_way()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, hers) = await HearRemoteAsync(bob, "zoe");
        await Write(session => session.Profiles.UpdateAsync(hers with { FullName = "as Bob was told" }, None));
        var notice = RemoteNotice(zoe, Uri) with { SeeAlso = new SeeAlso("https://there.example/cat.png") };
        await ReceiveAsync(notice, alice);

        Assert.Equal(ReceiveResult.Shared, await ReceiveAsync(RemoteNotice(hers, Uri) with { SeeAlso = notice.SeeAlso }, bob));
        Assert.Equal(ReceiveResult.Duplicate, await ReceiveAsync(RemoteNotice(hers, Uri) with { SeeAlso = notice.SeeAlso }, bob));
        Assert.Equal(ReceiveResult.Duplicate, await ReceiveAsync(RemoteNotice(hers, Uri, "other words"), bob));

        Assert.Equal("", (await FindAsync(notice.Id, alice.Id))!.Author.FullName);
        Assert.Equal("as Bob was told", (await FindAsync(notice.Id, bob.Id))!.Author.FullName);
        Assert.Equal([notice.Id], await HomeAsync(bob));
        Assert.Single(await Read(session => session.Notices.FindAsync(notice.Uri, None)));
        Assert.Equal([notice.Id], IdsOf(await Read(session => session.Timelines.ProfileAsync(hers.Id, bob.Id, PageRequest.Newest(9), None))));
        Assert.Empty(await Read(session => session.Timelines.ProfileAsync(hers.Id, alice.Id, PageRequest.Newest(9), None)));
    }

    [Fact]
    [Trait("Clause", "OMB-55")]
    [Trait("Clause", "OMB-56")]
    public async Task Several_notices_received_together_are_taken_as_if_one_came_after_the_other()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, hers) = await HearRemoteAsync(bob, "zoe");
        var (_, third) = await HearRemoteAsync(carol, "zoe");
        var (_, mallory) = await HearRemoteAsync(carol, "mallory", "evil.example");
        var before = RemoteNotice(zoe, Uri + "/before");
        await ReceiveAsync(before, alice);
        var notice = RemoteNotice(zoe, Uri) with { Mentions = [alice.Id], Tags = ["cats"], SeeAlso = new SeeAlso("https://there.example/cat.png") };
        var copy = notice with { Id = NewNoticeId(), Author = hers.Id, Scope = hers.Scope, Mentions = [bob.Id] };
        var different = RemoteNotice(third, Uri, "other words");
        var stolen = RemoteNotice(mallory, Uri) with { SeeAlso = notice.SeeAlso };
        var alone = RemoteNotice(zoe, Uri + "/alone");

        var results = await ReceiveAsync(
            (notice, alice), (notice with { Id = NewNoticeId() }, alice), (copy, bob), (RemoteNotice(hers, Uri, "other words"), bob),
            (different, carol), (stolen, carol), (RemoteNotice(zoe, before.Uri.Value), alice), (alone, alice), (RemoteNotice(hers, before.Uri.Value), bob));

        Assert.Equal(
            [
                ReceiveResult.Stored, ReceiveResult.Duplicate, ReceiveResult.Shared, ReceiveResult.Duplicate, ReceiveResult.Stored, ReceiveResult.Stored,
                ReceiveResult.Duplicate, ReceiveResult.Stored, ReceiveResult.Shared,
            ],
            results);
        Assert.Equal([alone.Id, notice.Id, before.Id], await HomeAsync(alice));
        Assert.Equal([before.Id, notice.Id], await HomeAsync(bob));
        Assert.Equal([stolen.Id, different.Id], await HomeAsync(carol));
        AssertSame(notice, (await FindAsync(notice.Id, bob.Id))!.Notice);
        Assert.Equal(hers.Id, (await FindAsync(notice.Id, bob.Id))!.Author.Id);
        Assert.Equal([notice.Id], IdsOf(await Read(session => session.Timelines.MentionsAsync(bob.Id, PageRequest.Newest(9), None))));
        Assert.Equal([notice.Id], IdsOf(await Read(session => session.Timelines.TagAsync("cats", alice.Id, PageRequest.Newest(9), None))));
        Assert.Equal(ReceiveResult.Duplicate, await ReceiveAsync(copy with { Id = NewNoticeId() }, bob));
        Assert.Empty(await ReceiveAsync());
    }

    [Fact]
    public async Task Groups_that_bring_the_same_notices_in_opposite_orders_at_once_store_each_once()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var results = await AtOnceAsync(8, group =>
        {
            var numbers = Enumerable.Range(0, 20);
            return new ValueTask<IReadOnlyList<ReceiveResult>>(ReceiveAsync(
                [.. (group % 2 == 0 ? numbers : numbers.Reverse()).Select(number => (RemoteNotice(zoe, $"{Uri}/{number}"), alice))]));
        });

        Assert.Equal(20, results.Sum(group => group.Count(result => result == ReceiveResult.Stored)));
        Assert.Equal(140, results.Sum(group => group.Count(result => result == ReceiveResult.Duplicate)));
        Assert.Equal(20, (await HomeAsync(alice)).Length);
    }

    [Theory]
    [Trait("Clause", "OMB-56")]
    [InlineData("content")]
    [InlineData("url")]
    [InlineData("license")]
    [InlineData("see-also")]
    [InlineData("author")]
    public async Task The_same_URI_from_another_subscription_with_something_else_is_kept_apart(string difference)
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, other) = await HearRemoteAsync(bob, difference == "author" ? "mallory" : "zoe");
        var notice = RemoteNotice(zoe, Uri);
        await ReceiveAsync(notice, alice);
        var second = RemoteNotice(other, Uri);
        second = difference switch
        {
            "content" => second with { Content = "other words" },
            "url" => second with { Url = "https://there.example/elsewhere" },
            "license" => second with { License = "https://there.example/mine" },
            "see-also" => second with { SeeAlso = new SeeAlso("https://there.example/cat.png") },
            _ => second,
        };

        Assert.Equal(ReceiveResult.Stored, await ReceiveAsync(second, bob));

        Assert.Equal([notice.Id], await HomeAsync(alice));
        Assert.Equal([second.Id], await HomeAsync(bob));
        Assert.Null(await FindAsync(second.Id, alice.Id));
        Assert.Null(await FindAsync(notice.Id, bob.Id));
        Assert.Equal([notice.Id, second.Id], (await Read(session => session.Notices.FindAsync(notice.Uri, None))).Select(found => found.Id).Order());
    }

    [Fact]
    [Trait("Clause", "OMB-56")]
    public async Task A_remote_claim_of_a_local_URI_neither_replaces_nor_blocks_it()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var mine = LocalNotice(bob);
        await ReceiveAsync(RemoteNotice(zoe, mine.Uri.Value, "false"), alice);
        await PublishAsync(mine);
        var later = RemoteNotice(zoe, (await PublishAsync(bob)).Uri.Value, "false again");

        Assert.Equal(ReceiveResult.Stored, await ReceiveAsync(later, alice));

        AssertSame(mine, (await FindAsync(mine.Id))!.Notice);
        Assert.Null(await FindAsync(later.Id));
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    public async Task An_unproven_notice_is_seen_by_its_listener_alone_until_proven()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var notice = RemoteNotice(zoe, Uri);
        await ReceiveAsync(notice, alice);
        await Write(session => session.Notices.RecordOriginAsync(notice.Id, "", true, None));

        Assert.NotNull(await FindAsync(notice.Id, alice.Id));
        Assert.Null(await FindAsync(notice.Id, bob.Id));
        Assert.Null(await FindAsync(notice.Id));

        var proven = await AddRemoteAsync("zoe");
        await Write(session => session.Notices.RecordOriginAsync(notice.Id, "", true, None));

        Assert.Equal(zoe, (await FindAsync(notice.Id, alice.Id))!.Author);
        Assert.Equal(proven, (await FindAsync(notice.Id, bob.Id))!.Author);
        Assert.Equal(proven, (await FindAsync(notice.Id))!.Author);
        Assert.True((await FindAsync(notice.Id))!.Notice.Scope.IsNone);
        Assert.Equal([notice.Id], IdsOf(await Read(session => session.Timelines.ProfileAsync(proven.Id, default, PageRequest.Newest(9), None))));
        Assert.Equal([notice.Id], IdsOf(await Read(session => session.Timelines.ProfileAsync(zoe.Id, alice.Id, PageRequest.Newest(9), None))));
    }

    [Fact]
    public async Task A_proven_notice_stands_for_all_copies_of_its_URI()
    {
        var people = new[] { await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"), await AddLocalAsync("dora") };
        var (_, first) = await HearRemoteAsync(people[0], "zoe");
        var (_, second) = await HearRemoteAsync(people[1], "zoe");
        var (_, third) = await HearRemoteAsync(people[2], "mallory", "evil.example");
        var (_, fourth) = await HearRemoteAsync(people[3], "zoe");
        var proven = await AddRemoteAsync("zoe");
        var notice = RemoteNotice(first, Uri);
        await ReceiveAsync(notice, people[0]);
        var false1 = RemoteNotice(second, Uri, "false");
        var false2 = RemoteNotice(third, Uri, "false too");
        Assert.Equal(ReceiveResult.Stored, await ReceiveAsync(false1, people[1]));
        Assert.Equal(ReceiveResult.Stored, await ReceiveAsync(false2, people[2]));

        await Write(session => session.Notices.RecordOriginAsync(notice.Id, "", true, None));

        foreach (var person in people[..3])
            Assert.Equal([notice.Id], await HomeAsync(person));
        Assert.Equal(second.Id, (await FindAsync(notice.Id, people[1].Id))!.Author.Id);
        Assert.Equal(proven.Id, (await FindAsync(notice.Id, people[2].Id))!.Author.Id);
        Assert.Null(await FindAsync(false1.Id, people[1].Id));
        Assert.Single(await Read(session => session.Notices.FindAsync(notice.Uri, None)));
        Assert.Equal(ReceiveResult.Duplicate, await ReceiveAsync(RemoteNotice(second, Uri, "false"), people[1]));
        Assert.Equal(ReceiveResult.Duplicate, await ReceiveAsync(RemoteNotice(first, Uri), people[0]));
        Assert.Equal(ReceiveResult.Shared, await ReceiveAsync(RemoteNotice(fourth, Uri), people[3]));
        Assert.Equal(fourth.Id, (await FindAsync(notice.Id, people[3].Id))!.Author.Id);
    }

    [Fact]
    public async Task A_remote_notice_deleted_here_does_not_come_back_and_stops_nobody_else()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, hers) = await HearRemoteAsync(bob, "zoe");
        var notice = RemoteNotice(zoe, Uri);
        await ReceiveAsync(notice, alice);
        await DeleteAsync(notice.Id);

        Assert.Equal(ReceiveResult.Duplicate, await ReceiveAsync(RemoteNotice(zoe, Uri), alice));
        Assert.Equal(ReceiveResult.Stored, await ReceiveAsync(RemoteNotice(hers, Uri), bob));
        Assert.Empty(await HomeAsync(alice));
        Assert.Single(await HomeAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    [Trait("Clause", "OMB-67")]
    public async Task A_recovered_reply_reference_joins_the_conversation_and_takes_nobody_elses_notice_along()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var first = await PublishAsync(alice);
        var answer = RemoteNotice(zoe, Uri);
        await ReceiveAsync(answer, alice);
        var third = await PublishAsync(LocalNotice(alice) with { ReplyTo = answer.Id, ReplyToUri = Uri, Conversation = answer.Conversation });

        await Write(session => session.Notices.RecordOriginAsync(answer.Id, first.Uri.Value, false, None));
        await Write(session => session.Notices.RecordOriginAsync(new NoticeId(5), first.Uri.Value, true, None));

        var found = (await FindAsync(answer.Id, alice.Id))!.Notice;
        Assert.Equal((first.Id, first.Uri.Value, first.Id), (found.ReplyTo, found.ReplyToUri, found.Conversation));
        Assert.Equal(zoe.Scope, found.Scope);
        Assert.Equal(
            [answer.Id, first.Id],
            IdsOf(await Read(session => session.Timelines.ConversationAsync(first.Id, alice.Id, PageRequest.Newest(9), None))));
        // What everybody sees is not moved by what only one subscription says.
        Assert.Equal(answer.Id, (await FindAsync(third.Id, alice.Id))!.Notice.Conversation);
    }

    [Fact]
    public async Task A_reply_to_what_never_came_here_keeps_the_URI()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var answer = RemoteNotice(zoe, Uri);
        await ReceiveAsync(answer, alice);

        await Write(session => session.Notices.RecordOriginAsync(answer.Id, "https://far.example/7", false, None));

        var found = (await FindAsync(answer.Id, alice.Id))!.Notice;
        Assert.Equal((default, "https://far.example/7", answer.Id), (found.ReplyTo, found.ReplyToUri, found.Conversation));
    }

    private ValueTask<bool> IsDeletedAsync(Notice notice) => Read(session => session.Notices.IsDeletedAsync(notice.Id, None));

    private ValueTask<IReadOnlyList<TimelineEntry>> ListAsync(NoticeId[] ids, ProfileId viewer = default) =>
        Read(session => session.Notices.ListAsync(ids, viewer, None));

    // Records compare lists by reference.
    private static void AssertSame(Notice expected, Notice actual)
    {
        Assert.Equal(expected.Mentions, actual.Mentions);
        Assert.Equal(expected.Tags, actual.Tags);
        Assert.Equal(expected.Audience, actual.Audience);
        Assert.Equal(expected, actual with { Mentions = expected.Mentions, Tags = expected.Tags, Audience = expected.Audience });
    }
}
