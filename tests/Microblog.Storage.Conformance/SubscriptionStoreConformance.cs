using Microblog.Delivery;

namespace Microblog.Storage.Conformance;

public abstract class SubscriptionStoreConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    [Trait("Clause", "OMB-126")]
    public async Task A_subscription_is_found_by_number_and_by_pair_and_peer_also_when_it_has_ended()
    {
        var (alice, zoe) = (await AddLocalAsync("alice"), await AddRemoteAsync("zoe"));
        var subscription = await SaveAsync(OutgoingSubscription(zoe, alice));
        var other = await SaveAsync(OutgoingSubscription(zoe, alice) with { Peer = "other.example" });
        Assert.True(await Write(session => session.Subscriptions.EndAsync(subscription.Id, None)));
        Assert.False(await Write(session => session.Subscriptions.EndAsync(subscription.Id, None)));
        Assert.False(await Write(session => session.Subscriptions.EndAsync(new SubscriptionId(3), None)));

        AssertSame(subscription with { State = SubscriptionState.Ended }, await Read(session => session.Subscriptions.FindAsync(subscription.Id, None)));
        AssertSame(subscription with { State = SubscriptionState.Ended }, await FindPairAsync(zoe, alice, "there.example"));
        AssertSame(other, await FindPairAsync(zoe, alice, "other.example"));
        Assert.Null(await FindPairAsync(zoe, alice, ""));
        Assert.Null(await FindPairAsync(alice, zoe, "there.example"));
        Assert.Null(await Read(session => session.Subscriptions.FindAsync(new SubscriptionId(3), None)));
    }

    [Fact]
    public async Task Identifiers_endpoints_and_peers_may_be_as_long_as_addresses_are()
    {
        var alice = await AddLocalAsync("alice");
        var zoe = RemoteProfile("zoe") with { Uri = ProfileUri.Parse(LongAddress(1)) };
        await Write(session => session.Profiles.SaveRemoteAsync(zoe, None));
        var there = await SaveAsync(OutgoingSubscription(zoe, alice) with { Endpoint = LongAddress(2), Peer = LongAddress(3) });
        var here = await SaveAsync(OutgoingSubscription(alice, zoe) with { Endpoint = LongAddress(2), Peer = LongAddress(3) });
        await Write(session => session.Subscriptions.BlockAsync(alice.Id, zoe.Uri, Clock.GetUtcNow(), None));

        AssertSame(there with { State = SubscriptionState.Ended }, await FindPairAsync(zoe, alice, LongAddress(3)));
        AssertSame(here with { State = SubscriptionState.Ended }, await FindPairAsync(alice, zoe, LongAddress(3)));
        Assert.True(await Read(session => session.Subscriptions.IsBlockedAsync(alice.Id, zoe.Uri, None)));
        Assert.Equal(zoe.Id, (await Read(session => session.Profiles.FindAsync(zoe.Uri, default, None)))?.Id);
    }

    [Fact]
    public async Task Saving_again_replaces_state_endpoints_token_and_secret_only()
    {
        var (alice, bob, zoe) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddRemoteAsync("zoe"));
        var subscription = await SaveAsync(OutgoingSubscription(zoe, alice) with { State = SubscriptionState.Requested });
        var changed = subscription with
        {
            State = SubscriptionState.Active,
            Endpoint = "https://there.example/new",
            ProfileEndpoint = "https://there.example/new/profile",
            Token = "new",
            ProtectedSecret = new byte[] { 9 },
        };
        await SaveAsync(changed with { Publisher = bob.Id, Peer = "x", CreatedAt = default });

        AssertSame(changed, await Read(session => session.Subscriptions.FindAsync(subscription.Id, None)));
    }

    [Fact]
    public async Task Publishers_and_subscribers_are_listed_newest_first_in_pages()
    {
        var alice = await AddLocalAsync("alice");
        var saved = new List<Subscription>();
        foreach (var nickname in new[] { "b", "c", "d", "e" })
        {
            var other = await AddLocalAsync(nickname);
            saved.Add(await SaveAsync(LocalSubscription(alice, other)));
            await SaveAsync(LocalSubscription(other, alice, nickname == "b" ? SubscriptionState.Requested : SubscriptionState.Active));
        }

        await Write(session => session.Subscriptions.EndAsync(saved[2].Id, None));

        var publishers = await Read(session => session.Subscriptions.ListPublishersAsync(alice.Id, null, 2, None));
        Assert.Equal(["e", "c"], publishers.Select(entry => entry.Other.Nickname));
        var rest = await Read(session => session.Subscriptions.ListPublishersAsync(alice.Id, publishers[^1].Subscription.Id, 2, None));
        Assert.Equal(["b"], rest.Select(entry => entry.Other.Nickname));
        var subscribers = await Read(session => session.Subscriptions.ListSubscribersAsync(alice.Id, SubscriptionState.Active, null, 9, None));
        Assert.Equal(["e", "d", "c"], subscribers.Select(entry => entry.Other.Nickname));
        var asking = await Read(session => session.Subscriptions.ListSubscribersAsync(alice.Id, SubscriptionState.Requested, null, 9, None));
        Assert.Equal(["b"], asking.Select(entry => entry.Other.Nickname));
    }

    [Fact]
    [Trait("Clause", "OMB-131")]
    public async Task The_subscriptions_of_lanes_are_the_active_ones_oldest_first()
    {
        const string There = "https://there.example/post", Elsewhere = "https://elsewhere.example/post";
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var saved = new List<Subscription>();
        foreach (var (nickname, publisher, endpoint) in new[] { ("x", bob, There), ("y", alice, There), ("z", alice, There), ("v", alice, There) })
            saved.Add(await SaveAsync(OutgoingSubscription(await AddRemoteAsync(nickname), publisher, endpoint)));
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("w"), alice, "https://there.example/other"));
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("u"), bob, Elsewhere));
        await Write(session => session.Subscriptions.EndAsync(saved[2].Id, None));

        Assert.Equal(
            [saved[0].Id, saved[1].Id, saved[3].Id],
            await ListAsync(LaneOf(alice, There), LaneOf(alice, Elsewhere), LaneOf(bob, There), LaneOf(alice, There) with { Protocol = "other" }));
        Assert.Equal([saved[1].Id, saved[3].Id], await ListAsync(LaneOf(alice, There)));
        Assert.Empty(await ListAsync());

        static Lane LaneOf(Profile author, string endpoint) => new(author.Id, "omb", endpoint, WebAddress.HostOf(endpoint));

        async Task<IEnumerable<SubscriptionId>> ListAsync(params Lane[] lanes) =>
            (await Read(session => session.Subscriptions.ListForLanesAsync(lanes, None))).Select(entry =>
            {
                Assert.Equal(entry.Subscription.Publisher, entry.Other.Id);
                return entry.Subscription.Id;
            });
    }

    [Fact]
    [Trait("Clause", "OMB-125")]
    public async Task A_remote_subscriber_is_found_by_identifier_and_peer_in_whatever_scope()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var zoe = await AddRemoteAsync("zoe", new SubscriptionId(77));
        var hears = await SaveAsync(OutgoingSubscription(zoe, alice));

        Assert.Equal(hears.Id, (await Read(session => session.Subscriptions.FindSubscriberAsync(alice.Id, zoe.Uri, hears.Peer, None)))?.Id);
        Assert.Null(await Read(session => session.Subscriptions.FindSubscriberAsync(alice.Id, zoe.Uri, hears.Peer + "x", None)));
        Assert.Null(await Read(session => session.Subscriptions.FindSubscriberAsync(bob.Id, zoe.Uri, hears.Peer, None)));
    }

    [Fact]
    public async Task Who_leaves_ends_every_subscription_either_way_and_nobody_elses()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var (heard, _) = await HearRemoteAsync(alice, "zoe");
        var hears = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("zoe", new SubscriptionId(77)), alice));
        var ends = new[] { await SaveAsync(LocalSubscription(alice, bob)), await SaveAsync(LocalSubscription(carol, alice)), heard, hears };
        var stays = await SaveAsync(LocalSubscription(carol, bob));

        await Write(session => session.Subscriptions.EndAllAsync(alice.Id, None));

        foreach (var subscription in ends)
            Assert.Equal(SubscriptionState.Ended, (await Read(session => session.Subscriptions.FindAsync(subscription.Id, None)))!.State);
        Assert.Equal(SubscriptionState.Active, (await Read(session => session.Subscriptions.FindAsync(stays.Id, None)))!.State);
    }

    [Fact]
    public async Task A_block_ends_the_subscriptions_between_two_and_is_remembered()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var ends = new[] { await SaveAsync(LocalSubscription(alice, bob)), await SaveAsync(LocalSubscription(bob, alice, SubscriptionState.Requested)) };
        var stays = await SaveAsync(LocalSubscription(carol, alice));
        await Write(session => session.Subscriptions.BlockAsync(alice.Id, bob.Uri, Clock.GetUtcNow(), None));
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Write(session => session.Subscriptions.BlockAsync(alice.Id, ProfileUri.Parse("tag:stranger"), Clock.GetUtcNow(), None));

        foreach (var subscription in ends)
            Assert.Equal(SubscriptionState.Ended, (await Read(session => session.Subscriptions.FindAsync(subscription.Id, None)))!.State);
        Assert.Equal(SubscriptionState.Active, (await Read(session => session.Subscriptions.FindAsync(stays.Id, None)))!.State);
        Assert.True(await Read(session => session.Subscriptions.IsBlockedAsync(alice.Id, bob.Uri, None)));
        Assert.False(await Read(session => session.Subscriptions.IsBlockedAsync(bob.Id, alice.Uri, None)));
        Assert.Equal(["tag:stranger", bob.Uri.Value], (await Read(session => session.Subscriptions.ListBlocksAsync(alice.Id, 9, None))).Select(uri => uri.Value));

        await Write(session => session.Subscriptions.UnblockAsync(alice.Id, bob.Uri, None));
        Assert.False(await Read(session => session.Subscriptions.IsBlockedAsync(alice.Id, bob.Uri, None)));
        Assert.Equal(SubscriptionState.Ended, (await Read(session => session.Subscriptions.FindAsync(ends[0].Id, None)))!.State);
    }

    [Fact]
    public async Task Blocking_a_remote_person_ends_what_any_of_their_profiles_has()
    {
        var alice = await AddLocalAsync("alice");
        var (heard, zoe) = await HearRemoteAsync(alice, "zoe");
        var hears = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("zoe", new SubscriptionId(77)), alice));

        await Write(session => session.Subscriptions.BlockAsync(alice.Id, zoe.Uri, Clock.GetUtcNow(), None));

        foreach (var id in new[] { heard.Id, hears.Id })
            Assert.Equal(SubscriptionState.Ended, (await Read(session => session.Subscriptions.FindAsync(id, None)))!.State);
    }

    [Fact]
    [Trait("Clause", "OMB-126")]
    public async Task Of_those_who_subscribe_for_one_pair_at_once_the_first_adds_and_the_others_find()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));

        var ids = await AtOnceAsync(8, _ =>
        {
            var wanted = LocalSubscription(bob, alice);
            return Write(async session =>
            {
                if (await session.Subscriptions.FindAsync(bob.Id, alice.Uri, "", None) is { } known)
                    return known.Id;
                await session.Subscriptions.SaveAsync(wanted, None);
                return wanted.Id;
            });
        });

        Assert.Single(ids.Distinct());
    }

    [Fact]
    [Trait("Clause", "OMB-125")]
    public async Task Of_those_who_come_for_one_remote_subscriber_at_once_the_first_adds_and_the_others_find()
    {
        var (alice, zoe) = (await AddLocalAsync("alice"), await AddRemoteAsync("zoe"));

        var ids = await AtOnceAsync(8, _ =>
        {
            var wanted = OutgoingSubscription(zoe, alice, "");
            return Write(async session =>
            {
                if (await session.Subscriptions.FindSubscriberAsync(alice.Id, zoe.Uri, wanted.Peer, None) is { } known)
                    return known.Id;
                await session.Subscriptions.SaveAsync(wanted, None);
                return wanted.Id;
            });
        });

        Assert.Single(ids.Distinct());
    }

    [Fact]
    public async Task Nobody_subscribes_while_being_blocked()
    {
        var alice = await AddLocalAsync("alice");
        var wanted = new List<(Profile Person, Subscription Subscription)>();
        for (var number = 0; number < 20; number++)
        {
            var person = await AddLocalAsync($"person{number}");
            wanted.Add((person, LocalSubscription(person, alice)));
        }

        await AtOnceAsync(40, number => Write(async session =>
        {
            var (person, subscription) = wanted[number / 2];
            if (number % 2 == 1)
                await session.Subscriptions.BlockAsync(alice.Id, person.Uri, Clock.GetUtcNow(), None);
            else if (!await session.Subscriptions.IsBlockedAsync(alice.Id, person.Uri, None))
                await session.Subscriptions.SaveAsync(subscription, None);
        }));

        Assert.Empty(await Read(session => session.Subscriptions.ListSubscribersAsync(alice.Id, SubscriptionState.Active, null, 50, None)));
    }

    [Fact]
    public async Task A_subscription_that_was_found_stays_as_found_until_the_work_has_ended()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var subscription = await SaveAsync(LocalSubscription(bob, alice) with { Token = "0" });

        await AtOnceAsync(20, number => Write(async session =>
        {
            var found = number % 2 == 0
                ? await session.Subscriptions.FindAsync(subscription.Id, None)
                : await session.Subscriptions.FindAsync(bob.Id, alice.Uri, "", None);
            await session.Subscriptions.SaveAsync(found! with { Token = $"{int.Parse(found.Token, null) + 1}" }, None);
        }));

        Assert.Equal("20", (await Read(session => session.Subscriptions.FindAsync(subscription.Id, None)))!.Token);
    }

    [Fact]
    public async Task A_subscription_of_nobody_is_refused()
    {
        var alice = await AddLocalAsync("alice");

        await Assert.ThrowsAsync<StoreException>(() => SaveAsync(LocalSubscription(alice, LocalProfile("nobody"))));
        await Assert.ThrowsAsync<StoreException>(() => SaveAsync(LocalSubscription(LocalProfile("nobody"), alice)));
    }

    [Fact]
    [Trait("Clause", "OAUTH-56")]
    public async Task A_lane_that_nobody_else_needs_goes_on_at_the_new_endpoint_lease_and_all()
    {
        var alice = await AddLocalAsync("alice");
        var subscription = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("zoe"), alice));
        var (first, second) = (await PublishToLanesAsync(alice), await PublishToLanesAsync(alice));
        var lease = await LeaseAsync();
        var leased = Assert.Single(lease.Lanes);

        await SaveAsync(subscription with { Endpoint = "https://there.example:8443/v2" });
        // Settled after it has moved: the first notice is done with, wherever it went.
        Assert.Equal(first.Id, leased.Events[0].Notice);
        Assert.Equal(1, await Write(session => session.Deliveries.SettleAsync(
            [new(lease.Token, leased.Id, leased.Events[0].Number, [], null, "", false)], None)));

        var next = Assert.Single((await LeaseAsync()).Lanes);
        Assert.Equal(new Lane(alice.Id, "omb", "https://there.example:8443/v2", "there.example:8443"), next.Lane);
        Assert.Equal(second.Id, Assert.Single(next.Events).Notice);
    }

    [Fact]
    [Trait("Clause", "OAUTH-56")]
    public async Task A_lane_that_others_need_stays_and_a_second_one_begins_where_it_stands()
    {
        var alice = await AddLocalAsync("alice");
        var moves = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("zoe"), alice));
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("emil"), alice));
        var notice = await PublishToLanesAsync(alice);

        await SaveAsync(moves with { Endpoint = "https://there.example/v2" });

        var lanes = (await LeaseAsync()).Lanes.OrderBy(lane => lane.Lane.Endpoint, StringComparer.Ordinal).ToList();
        Assert.Equal([moves.Endpoint, "https://there.example/v2"], lanes.Select(lane => lane.Lane.Endpoint));
        Assert.All(lanes, lane => Assert.Equal(notice.Id, Assert.Single(lane.Events).Notice));
    }

    [Fact]
    [Trait("Clause", "OMB-138")]
    public async Task A_subscription_that_was_not_active_takes_nothing_over()
    {
        var alice = await AddLocalAsync("alice");
        var asks = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("zoe"), alice) with { State = SubscriptionState.Requested });
        var hears = await SaveAsync(OutgoingSubscription(await AddRemoteAsync("emil"), alice));
        await PublishToLanesAsync(alice);

        await SaveAsync(asks with { State = SubscriptionState.Active, Endpoint = "https://there.example/v2" });

        Assert.Equal(hears.Endpoint, Assert.Single((await LeaseAsync()).Lanes).Lane.Endpoint);
    }

    private async Task<Notice> PublishToLanesAsync(Profile author)
    {
        var notice = await PublishAsync(author);
        await Write(session => session.Deliveries.EnqueueAsync(EventOf(notice), None));
        return notice;
    }

    private async Task<Subscription?> FindPairAsync(Profile subscriber, Profile publisher, string peer) =>
        await Read(session => session.Subscriptions.FindAsync(subscriber.Id, publisher.Uri, peer, None));

    // Records compare memory by reference.
    [Fact]
    public async Task Whom_somebody_muted_is_in_no_list_of_theirs_but_where_they_look_for_them()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        await SaveAsync(LocalSubscription(alice, bob));
        await SaveAsync(LocalSubscription(alice, carol));
        var notice = await PublishAsync(LocalNotice(bob) with { Mentions = [alice.Id], Tags = ["cats"] });
        await PublishAsync(LocalNotice(carol, "RT") with { RepeatOf = notice.Id });
        await Write(session => session.Subscriptions.MuteAsync(alice.Id, new Mute(bob.Uri, Clock.GetUtcNow()), None));

        foreach (var list in Lists(alice))
            Assert.Empty(await list());
        Assert.Empty(await Read(session => session.Notifications.ListAsync(alice.Id, PageRequest.Newest(9), None)));
        Assert.NotNull(await FindAsync(notice.Id, alice.Id));
        Assert.NotEmpty(await Read(session => session.Timelines.ProfileAsync(bob.Id, alice.Id, PageRequest.Newest(9), None)));
        Assert.NotEmpty(await Read(session => session.Timelines.ConversationAsync(notice.Id, alice.Id, PageRequest.Newest(9), None)));
        Assert.NotEmpty(await Read(session => session.Timelines.PublicAsync(carol.Id, PageRequest.Newest(9), None)));

        Assert.True(await Write(session => session.Subscriptions.UnmuteAsync(alice.Id, bob.Uri, None)));
        Assert.False(await Write(session => session.Subscriptions.UnmuteAsync(alice.Id, bob.Uri, None)));
        foreach (var list in Lists(alice))
            Assert.NotEmpty(await list());
        Assert.NotEmpty(await Read(session => session.Notifications.ListAsync(alice.Id, PageRequest.Newest(9), None)));
    }

    [Fact]
    public async Task A_mute_ends_when_its_time_is_over_and_a_later_one_counts_instead()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        await PublishAsync(bob);
        var now = Clock.GetUtcNow();
        await Write(session => session.Subscriptions.MuteAsync(alice.Id, new Mute(bob.Uri, now), None));
        var timed = new Mute(bob.Uri, now, now.AddHours(1));
        await Write(session => session.Subscriptions.MuteAsync(alice.Id, timed, None));
        Assert.Equal([timed], await Read(session => session.Subscriptions.ListMutesAsync(alice.Id, 9, None)));

        Clock.Advance(TimeSpan.FromHours(1));

        Assert.Empty(await Read(session => session.Subscriptions.ListMutesAsync(alice.Id, 9, None)));
        Assert.Single(await Read(session => session.Timelines.PublicAsync(alice.Id, PageRequest.Newest(9), None)));
    }

    [Fact]
    public async Task How_a_person_stands_to_several_others_is_read_at_once_and_strangers_are_missing()
    {
        var alice = await AddLocalAsync("alice");
        var people = new List<Profile>();
        for (var number = 0; number < 8; number++)
            people.Add(await AddLocalAsync($"p{number}"));
        await SaveAsync(LocalSubscription(alice, people[0]));
        await SaveAsync(LocalSubscription(alice, people[1], SubscriptionState.Requested));
        await SaveAsync(LocalSubscription(people[2], alice));
        await SaveAsync(LocalSubscription(people[3], alice, SubscriptionState.Requested));
        await SaveAsync(LocalSubscription(alice, people[4], SubscriptionState.Ended));
        await SaveAsync(LocalSubscription(alice, people[4], SubscriptionState.Imported) with { Peer = Subscription.ArchiveProtocol });
        await Write(session => session.Subscriptions.BlockAsync(alice.Id, people[5].Uri, Clock.GetUtcNow(), None));
        await Write(session => session.Subscriptions.MuteAsync(alice.Id, new Mute(people[6].Uri, Clock.GetUtcNow()), None));
        await SaveAsync(LocalSubscription(people[6], alice));
        await SaveAsync(LocalSubscription(alice, people[7]));

        var others = people.Take(7).Reverse().Append(people[0]).Append(alice).Append(LocalProfile("nobody")).ToArray();
        var expected = new Dictionary<ProfileId, Relation>
        {
            [people[0].Id] = new() { IsFollowing = true },
            [people[1].Id] = new() { IsRequested = true },
            [people[2].Id] = new() { IsFollowedBy = true },
            [people[5].Id] = new() { IsBlocking = true },
            [people[6].Id] = new() { IsFollowedBy = true, IsMuting = true },
        };
        Assert.Equal(expected, await RelateAsync(alice, others));
        // From the other side, where nobody learns of a block or a mute.
        Assert.Equal(new Relation { IsFollowedBy = true }, Assert.Single(await RelateAsync(people[0], alice)).Value);
        Assert.Equal(new Relation { IsRequested = true }, Assert.Single(await RelateAsync(people[3], alice)).Value);
        Assert.Empty(await RelateAsync(people[5], alice));
        Assert.Equal(new Relation { IsFollowing = true }, Assert.Single(await RelateAsync(people[6], alice)).Value);
        Assert.Empty(await RelateAsync(alice));
    }

    [Fact]
    public async Task Somebody_of_elsewhere_is_followed_as_the_subscription_knows_them_and_muted_and_blocked_by_identifier()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, hers) = await HearRemoteAsync(alice, "zoe");
        var (_, his) = await HearRemoteAsync(bob, "zoe");
        var proven = await AddRemoteAsync("zoe");
        var (_, other) = await HearRemoteAsync(alice, "zoe", "other.example");
        await SaveAsync(OutgoingSubscription(proven, alice));
        Assert.Equal(
            new() { [hers.Id] = new() { IsFollowing = true }, [proven.Id] = new() { IsFollowedBy = true }, [other.Id] = new() { IsFollowing = true } },
            await RelateAsync(alice, hers, his, proven, other));

        await Write(session => session.Subscriptions.MuteAsync(alice.Id, new Mute(hers.Uri, Clock.GetUtcNow()), None));
        var muted = await RelateAsync(alice, hers, his, proven, other);
        Assert.Equal([true, true, true, false], new[] { hers, his, proven, other }.Select(profile => muted[profile.Id].IsMuting));

        await Write(session => session.Subscriptions.BlockAsync(alice.Id, hers.Uri, Clock.GetUtcNow(), None));
        var blocked = new Relation { IsBlocking = true, IsMuting = true };
        Assert.Equal(
            new() { [hers.Id] = blocked, [his.Id] = blocked, [proven.Id] = blocked, [other.Id] = new() { IsFollowing = true } },
            await RelateAsync(alice, hers, his, proven, other));
        Assert.Equal(new Relation { IsFollowing = true }, Assert.Single(await RelateAsync(bob, hers, his, proven)).Value);
    }

    [Fact]
    public async Task A_mute_whose_time_is_over_is_no_relation()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var now = Clock.GetUtcNow();
        await Write(session => session.Subscriptions.MuteAsync(alice.Id, new Mute(bob.Uri, now, now.AddHours(1)), None));

        Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        Assert.True(Assert.Single(await RelateAsync(alice, bob)).Value.IsMuting);

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Empty(await RelateAsync(alice, bob));
    }

    private async Task<Dictionary<ProfileId, Relation>> RelateAsync(Profile person, params Profile[] others) =>
        new(await Read(session => session.Subscriptions.RelateAsync(person.Id, [.. others.Select(other => other.Id)], None)));

    private IEnumerable<Func<Task<EntryPage>>> Lists(Profile viewer)
    {
        yield return () => Read(session => session.Timelines.HomeAsync(viewer.Id, PageRequest.Newest(9), None)).AsTask();
        yield return () => Read(session => session.Timelines.PublicAsync(viewer.Id, PageRequest.Newest(9), None)).AsTask();
        yield return () => Read(session => session.Timelines.TagAsync("cats", viewer.Id, PageRequest.Newest(9), None)).AsTask();
        yield return () => Read(session => session.Timelines.MentionsAsync(viewer.Id, PageRequest.Newest(9), None)).AsTask();
    }

    private static void AssertSame(Subscription expected, Subscription? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.ProtectedSecret.ToArray(), actual.ProtectedSecret.ToArray());
        Assert.Equal(expected, actual with { ProtectedSecret = expected.ProtectedSecret });
    }
}
