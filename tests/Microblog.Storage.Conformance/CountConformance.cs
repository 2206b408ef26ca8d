using Microblog.Delivery;
using Microblog.Moderation;

namespace Microblog.Storage.Conformance;

/// <summary>What is kept of a person: each cause changes it, nothing else does.</summary>
public abstract class CountConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task Whoever_is_new_or_unknown_has_done_nothing()
    {
        var alice = await AddLocalAsync("alice");

        await AssertAsync(alice, default);
        Assert.Equal(default, await CountAsync(NewProfileId()));
    }

    [Fact]
    public async Task Notices_are_counted_whoever_may_see_them_but_not_direct_ones()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        foreach (var visibility in Enum.GetValues<Visibility>())
            await PublishAsync(LocalNotice(alice, "hello", visibility) with { Audience = visibility == Visibility.Direct ? [bob.Id] : [] });
        await PublishAsync(LocalNotice(alice) with { IsLocalOnly = true });

        await AssertAsync(alice, new ProfileCounts(4, 0, 0, 0));
        await AssertAsync(bob, default);
    }

    [Fact]
    public async Task A_repeat_and_an_answer_are_their_authors_and_what_is_repeated_twice_is_counted_once()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(alice);
        var repeat = await PublishAsync(LocalNotice(bob, "RT") with { RepeatOf = notice.Id });
        Assert.False(await Write(session => session.Notices.PublishAsync(LocalNotice(bob, "RT") with { RepeatOf = notice.Id }, None)));
        await PublishAsync(LocalNotice(bob) with { ReplyTo = notice.Id, Conversation = notice.Id });
        await AssertAsync(bob, new ProfileCounts(2, 0, 0, 0));

        await DeleteAsync(repeat);
        await AssertAsync(bob, new ProfileCounts(1, 0, 0, 0));
        await AssertAsync(alice, new ProfileCounts(1, 0, 0, 0));
    }

    [Fact]
    public async Task A_notice_that_is_deleted_is_counted_no_more_and_deleting_it_again_changes_nothing()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var gone = await PublishAsync(alice);
        var letter = await PublishAsync(LocalNotice(alice, visibility: Visibility.Direct) with { Audience = [bob.Id] });
        await PublishAsync(alice);

        await DeleteAsync(gone);
        await DeleteAsync(letter);
        Assert.False(await DeleteAsync(gone.Id));

        await AssertAsync(alice, new ProfileCounts(1, 0, 0, 0));
    }

    [Fact]
    public async Task A_notice_that_is_changed_is_still_one()
    {
        var alice = await AddLocalAsync("alice");
        var notice = await PublishAsync(alice);
        Assert.True(await Write(session => session.Notices.EditAsync(notice with { Content = "hullo", EditedAt = Clock.GetUtcNow() }, At(NewNoticeId()), None)));

        await AssertAsync(alice, new ProfileCounts(1, 0, 0, 0));
    }

    [Fact]
    public async Task What_other_services_bring_and_whom_they_bring_is_not_counted()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var notice = RemoteNotice(zoe, "https://there.example/1");
        await ReceiveAsync(notice, alice);
        var proven = await AddRemoteAsync("zoe");
        await Write(session => session.Notices.RecordOriginAsync(notice.Id, "", true, None));
        await AssertAsync(zoe, default);
        await AssertAsync(proven, default);
        await AssertAsync(alice, new ProfileCounts(0, 0, 1, 0));

        await DeleteAsync(notice);
        await AssertAsync(proven, default);
    }

    [Fact]
    public async Task Who_follows_is_counted_on_both_sides_from_the_approval_to_the_end()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var asked = await SaveAsync(LocalSubscription(bob, alice, SubscriptionState.Requested));
        await AssertAsync(alice, default);
        await AssertAsync(bob, default);

        await SaveAsync(asked with { State = SubscriptionState.Active });
        await SaveAsync(asked with { State = SubscriptionState.Active });
        await AssertAsync(alice, new ProfileCounts(0, 1, 0, 0));
        await AssertAsync(bob, new ProfileCounts(0, 0, 1, 0));

        await EndAsync(asked);
        await EndAsync(asked);
        await AssertAsync(alice, default);
        await AssertAsync(bob, default);

        await SaveAsync(asked with { State = SubscriptionState.Active });
        await AssertAsync(alice, new ProfileCounts(0, 1, 0, 0));
        await SaveAsync(asked with { State = SubscriptionState.Ended });
        await AssertAsync(alice, default);
        await AssertAsync(bob, default);
    }

    [Fact]
    public async Task A_request_that_is_refused_counts_for_nobody()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        await EndAsync(await SaveAsync(LocalSubscription(bob, alice, SubscriptionState.Requested)));

        await AssertAsync(alice, default);
        await AssertAsync(bob, default);
    }

    [Fact]
    public async Task Followers_on_other_services_and_people_heard_from_there_are_counted_for_the_person_here_alone()
    {
        var alice = await AddLocalAsync("alice");
        var yan = await AddRemoteAsync("yan", NewSubscriptionId());
        var hearing = await SaveAsync(OutgoingSubscription(yan, alice));
        var (heard, zoe) = await HearRemoteAsync(alice, "zoe");
        await SaveAsync(hearing with { Endpoint = "https://there.example/new" });
        await AssertAsync(alice, new ProfileCounts(0, 1, 1, 0));
        await AssertAsync(yan, default);
        await AssertAsync(zoe, default);

        await EndAsync(hearing);
        await AssertAsync(alice, new ProfileCounts(0, 0, 1, 0));
        await EndAsync(heard);
        await AssertAsync(alice, default);
        await AssertAsync(yan, default);
        await AssertAsync(zoe, default);
    }

    [Fact]
    public async Task A_block_ends_both_ways()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        await SaveAsync(LocalSubscription(alice, bob));
        await SaveAsync(LocalSubscription(bob, alice));
        await SaveAsync(LocalSubscription(carol, alice));
        var yan = await AddRemoteAsync("yan", NewSubscriptionId());
        await SaveAsync(OutgoingSubscription(yan, alice));

        await Write(session => session.Subscriptions.BlockAsync(alice.Id, bob.Uri, Clock.GetUtcNow(), None));
        await Write(session => session.Subscriptions.BlockAsync(alice.Id, yan.Uri, Clock.GetUtcNow(), None));
        await Write(session => session.Subscriptions.UnblockAsync(alice.Id, bob.Uri, None));

        await AssertAsync(alice, new ProfileCounts(0, 1, 0, 0));
        await AssertAsync(bob, default);
        await AssertAsync(carol, new ProfileCounts(0, 0, 1, 0));
    }

    [Fact]
    public async Task When_a_host_is_blocked_its_people_follow_and_are_followed_no_more_but_a_suspension_changes_nothing()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        await SaveAsync(LocalSubscription(bob, alice));
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("yan", NewSubscriptionId()), alice));
        await HearRemoteAsync(alice, "zoe");
        await PublishAsync(bob);
        await Write(session => session.Moderation.SetStandingAsync(bob.Uri, Standing.Suspended, None));
        await Write(session => session.Moderation.SetDomainAsync(new DomainRule("there.example", Standing.Suspended, Clock.GetUtcNow()), None));
        while (await ContinueAsync(count: 1))
        {
        }

        await AssertAsync(alice, new ProfileCounts(0, 1, 0, 0));
        await AssertAsync(bob, new ProfileCounts(1, 0, 1, 0));
    }

    [Fact]
    public async Task Favourites_are_counted_for_whoever_marked_them_each_once_until_they_are_taken_back()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(alice);
        await FavouriteAsync(bob, notice, isNew: true);
        await FavouriteAsync(bob, notice, isNew: false);
        await AssertAsync(bob, new ProfileCounts(0, 0, 0, 1));
        await AssertAsync(alice, new ProfileCounts(1, 0, 0, 0));

        Assert.True(await Write(session => session.Reactions.UnfavouriteAsync(bob.Id, notice.Id, None)));
        Assert.False(await Write(session => session.Reactions.UnfavouriteAsync(bob.Id, notice.Id, None)));
        await AssertAsync(bob, default);
    }

    [Fact]
    public async Task A_deleted_notice_is_nobodys_favourite_any_more()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (kept, gone) = (await PublishAsync(alice), await PublishAsync(alice));
        foreach (var person in new[] { alice, bob })
        {
            await FavouriteAsync(person, kept, isNew: true);
            await FavouriteAsync(person, gone, isNew: true);
        }

        await DeleteAsync(gone);
        await FavouriteAsync(bob, gone, isNew: false);

        await AssertAsync(alice, new ProfileCounts(1, 0, 0, 1));
        await AssertAsync(bob, new ProfileCounts(0, 0, 0, 1));
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    public async Task Favourites_of_several_copies_are_one_once_the_notice_is_proven()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var copies = new List<Notice>();
        foreach (var (listener, text) in new[] { (alice, "one"), (bob, "two"), (await AddLocalAsync("carol"), "three") })
        {
            var (_, zoe) = await HearRemoteAsync(listener, "zoe");
            copies.Add(RemoteNotice(zoe, "https://there.example/1", text));
            await ReceiveAsync(copies[^1], listener);
        }

        foreach (var copy in copies)
            await FavouriteAsync(alice, copy, isNew: true);
        await FavouriteAsync(bob, copies[1], isNew: true);
        await FavouriteAsync(bob, copies[2], isNew: true);
        await AddRemoteAsync("zoe");
        await Write(session => session.Notices.RecordOriginAsync(copies[0].Id, "", true, None));

        await AssertAsync(alice, new ProfileCounts(0, 0, 1, 1));
        await AssertAsync(bob, new ProfileCounts(0, 0, 1, 1));
    }

    [Fact]
    public async Task Whoever_leaves_is_taken_from_the_others_numbers_and_has_none_in_the_end()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        await SaveAsync(LocalSubscription(alice, bob));
        await SaveAsync(LocalSubscription(bob, alice));
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("yan", NewSubscriptionId()), alice));
        var (hers, his) = (await PublishAsync(alice), await PublishAsync(bob));
        for (var number = 0; number < 3; number++)
            await FavouriteAsync(alice, await PublishAsync(alice), isNew: true);
        await FavouriteAsync(alice, his, isNew: true);
        await FavouriteAsync(bob, hers, isNew: true);
        await FavouriteAsync(bob, his, isNew: true);
        await AssertAsync(alice, new ProfileCounts(4, 2, 1, 4));
        await AssertAsync(bob, new ProfileCounts(1, 1, 1, 2));

        await Write(async session =>
        {
            await session.Subscriptions.EndAllAsync(alice.Id, None);
            await session.Profiles.DeleteLocalAsync(alice.Id, None);
        });
        await AssertAsync(bob, new ProfileCounts(1, 0, 0, 2));
        while (await ContinueAsync(count: 2))
        {
        }

        await AssertAsync(alice, default);
        await AssertAsync(bob, new ProfileCounts(1, 0, 0, 1));
    }

    [Fact]
    public async Task Whoever_arrives_with_an_archive_has_what_it_brought_but_nobody_follows_who_has_not_done_so_here()
    {
        var bob = await AddLocalAsync("bob");
        var his = await PublishAsync(bob);
        var alice = LocalProfile("alice");
        await ArriveAsync(alice, bob, his);
        Assert.Equal(AddProfileResult.Added, await Write(session => session.Profiles.AddLocalAsync(alice, "subject-alice", None)));
        await AssertAsync(alice, new ProfileCounts(2, 0, 0, 1));
        await AssertAsync(bob, new ProfileCounts(1, 0, 0, 0));

        await SaveAsync(LocalSubscription(alice, bob));
        await AssertAsync(alice, new ProfileCounts(2, 0, 1, 1));
        await AssertAsync(bob, new ProfileCounts(1, 1, 0, 0));
    }

    [Fact]
    public async Task An_arrival_that_is_taken_back_leaves_no_numbers()
    {
        var bob = await AddLocalAsync("bob");
        var his = await PublishAsync(bob);
        var alice = LocalProfile("alice");
        await ArriveAsync(alice, bob, his);
        while (await Write(session => session.Archive.RemoveAsync(alice.Id, default, 1, None)))
        {
        }

        Assert.Equal(AddProfileResult.Added, await Write(session => session.Profiles.AddLocalAsync(alice, "subject-alice", None)));
        await AssertAsync(alice, default);
    }

    [Fact]
    public async Task What_fails_is_not_counted()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(alice);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Write(async session =>
        {
            await session.Notices.PublishAsync(LocalNotice(bob), None);
            await session.Subscriptions.SaveAsync(LocalSubscription(bob, alice), None);
            await session.Reactions.FavouriteAsync(bob.Id, notice.Id, At(NewNoticeId()), None);
            throw new InvalidOperationException("enough");
        }).AsTask());

        await AssertAsync(alice, new ProfileCounts(1, 0, 0, 0));
        await AssertAsync(bob, default);
    }

    [Fact]
    public async Task Several_people_are_counted_at_once_and_who_has_nothing_is_missing()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        await PublishAsync(alice);
        await SaveAsync(LocalSubscription(alice, bob));
        // Nobody asks for dora; of carol nothing is left.
        await PublishAsync(await AddLocalAsync("dora"));
        await DeleteAsync(await PublishAsync(carol));

        var counted = await Read(session => session.Profiles.CountAsync([carol.Id, bob.Id, NewProfileId(), zoe.Id, alice.Id, bob.Id], None));

        Assert.Equal(2, counted.Count);
        Assert.Equal((new ProfileCounts(1, 0, 2, 0), new ProfileCounts(0, 1, 0, 0)), (counted[alice.Id], counted[bob.Id]));
        Assert.Empty(await Read(session => session.Profiles.CountAsync([], None)));
    }

    [Fact]
    public async Task A_transaction_reads_what_it_counted_of_several_people_and_that_stays_as_it_was_found()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notices = await Write(async session =>
        {
            await session.Notices.PublishAsync(LocalNotice(alice), None);
            await session.Notices.PublishAsync(LocalNotice(bob), None);
            return await session.Profiles.CountAsync([bob.Id, alice.Id], None);
        });
        Assert.Equal([1, 1], notices.Values.Select(counts => counts.Notices));

        // Whoever follows while fewer than five do: no two count to the same number.
        var people = new List<Profile>();
        for (var number = 0; number < 12; number++)
            people.Add(await AddLocalAsync($"p{number}"));
        await AtOnceAsync(people.Count, number => Write(async session =>
        {
            var counted = await session.Profiles.CountAsync(number % 2 == 0 ? [alice.Id, bob.Id] : [bob.Id, alice.Id], None);
            if (counted[alice.Id].Followers < 5)
                await session.Subscriptions.SaveAsync(LocalSubscription(people[number], alice), None);
        }));
        await AssertAsync(alice, new ProfileCounts(1, 5, 0, 0));
    }

    [Fact]
    public async Task A_transaction_reads_what_it_counted_itself()
    {
        var alice = await AddLocalAsync("alice");
        var counts = await Write(async session =>
        {
            await session.Notices.PublishAsync(LocalNotice(alice), None);
            await session.Notices.PublishAsync(LocalNotice(alice), None);
            return await session.Profiles.CountAsync(alice.Id, None);
        });

        Assert.Equal(new ProfileCounts(2, 0, 0, 0), counts);
    }

    [Fact]
    public async Task Nobody_is_lost_when_all_do_everything_at_once()
    {
        const int People = 8;
        var people = new List<Profile>();
        for (var number = 0; number < People; number++)
            people.Add(await AddLocalAsync($"p{number}"));
        var notices = new List<Notice>();
        foreach (var person in people)
            notices.Add(await PublishAsync(person));

        // Everybody follows and likes everybody, crosswise, and writes meanwhile, with an event as for the network.
        await AtOnceAsync(People * People, async pair =>
        {
            var (one, other) = (people[pair / People], people[pair % People]);
            using var drawn = Store.Ids.Draw();
            var notice = LocalNotice(one);
            await Write(async session =>
            {
                await session.Notices.PublishAsync(notice, None);
                await session.Deliveries.EnqueueAsync(EventOf(notice), None);
                await session.Reactions.FavouriteAsync(one.Id, notices[pair % People].Id, drawn.Position, None);
            });
            if (one.Id != other.Id)
                await SaveAsync(LocalSubscription(one, other));
            return true;
        });
        foreach (var person in people)
            await AssertAsync(person, new ProfileCounts(1 + People, People - 1, People - 1, People));

        await AtOnceAsync(People, async number =>
        {
            await DeleteAsync(notices[number]);
            if (number > 0)
                await Write(session => session.Subscriptions.BlockAsync(people[number].Id, people[0].Uri, Clock.GetUtcNow(), None));
            return true;
        });
        await AssertAsync(people[0], new ProfileCounts(People, 0, 0, 0));
        foreach (var person in people.Skip(1))
            await AssertAsync(person, new ProfileCounts(People, People - 2, People - 2, 0));
    }

    private async Task ArriveAsync(Profile alice, Profile bob, Notice his)
    {
        await Write(async session =>
        {
            await session.Archive.AddNoticeAsync(LocalNotice(alice), None);
            await session.Archive.AddNoticeAsync(LocalNotice(alice, visibility: Visibility.Followers), None);
            await session.Archive.AddNoticeAsync(LocalNotice(alice, visibility: Visibility.Direct) with { Audience = [bob.Id] }, None);
        });
        await Write(async session =>
        {
            await session.Archive.AddFavouriteAsync(alice.Id, his.Uri, Clock.GetUtcNow(), his.Id, None);
            await session.Archive.AddFavouriteAsync(alice.Id, NoticeUri.Parse("https://gone.example/1"), Clock.GetUtcNow(), default, None);
            foreach (var (subscriber, publisher) in new[] { (alice, bob), (bob, alice) })
            {
                await session.Archive.AddSubscriptionAsync(
                    LocalSubscription(subscriber, publisher) with { Protocol = Subscription.ArchiveProtocol, Peer = Subscription.ArchiveProtocol }, publisher.Uri, None);
            }
        });
    }

    private async Task DeleteAsync(Notice notice) => Assert.True(await DeleteAsync(notice.Id));

    private async Task EndAsync(Subscription subscription) => await Write(session => session.Subscriptions.EndAsync(subscription.Id, None));

    private async Task FavouriteAsync(Profile person, Notice notice, bool isNew)
    {
        using var drawn = Store.Ids.Draw();
        Assert.Equal(isNew, await Write(session => session.Reactions.FavouriteAsync(person.Id, notice.Id, drawn.Position, None)));
    }

    private ValueTask<ProfileCounts> CountAsync(ProfileId person) => Read(session => session.Profiles.CountAsync(person, None));

    private async Task AssertAsync(Profile person, ProfileCounts expected) => Assert.Equal(expected, await CountAsync(person.Id));
}
