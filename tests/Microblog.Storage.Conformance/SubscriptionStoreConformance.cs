namespace Microblog.Storage.Conformance;

public abstract class SubscriptionStoreConformance : StoreConformance
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
    public async Task The_subscriptions_of_an_endpoint_are_the_active_ones_oldest_first()
    {
        var alice = await AddLocalAsync("alice");
        var saved = new List<Subscription>();
        foreach (var nickname in new[] { "x", "y", "z" })
            saved.Add(await SaveAsync(OutgoingSubscription(await AddRemoteAsync(nickname), alice)));
        await SaveAsync(OutgoingSubscription(await AddRemoteAsync("w"), alice, "https://there.example/other"));
        await Write(session => session.Subscriptions.EndAsync(saved[1].Id, None));

        var found = await Read(session => session.Subscriptions.ListForEndpointAsync(alice.Id, "omb", "https://there.example/post", None));

        Assert.Equal([saved[0].Id, saved[2].Id], found.Select(subscription => subscription.Id));
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
    public async Task A_subscription_of_nobody_is_refused()
    {
        var alice = await AddLocalAsync("alice");

        await Assert.ThrowsAsync<StoreException>(() => SaveAsync(LocalSubscription(alice, LocalProfile("nobody"))));
        await Assert.ThrowsAsync<StoreException>(() => SaveAsync(LocalSubscription(LocalProfile("nobody"), alice)));
    }

    private async Task<Subscription?> FindPairAsync(Profile subscriber, Profile publisher, string peer) =>
        await Read(session => session.Subscriptions.FindAsync(subscriber.Id, publisher.Uri, peer, None));

    // Records compare memory by reference.
    private static void AssertSame(Subscription expected, Subscription? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.ProtectedSecret.ToArray(), actual.ProtectedSecret.ToArray());
        Assert.Equal(expected, actual with { ProtectedSecret = expected.ProtectedSecret });
    }
}
