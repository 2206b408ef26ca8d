namespace Microblog.Storage.Conformance;

public abstract class CredentialStoreConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task A_credential_comes_back_as_it_went_in()
    {
        var credential = Request("t") with
        {
            ProtectedSecret = new byte[] { 0, 1, 255 },
            Person = new ProfileId(3),
            Subscription = new SubscriptionId(4),
            Failures = 2,
            Data = "čaj\n🎈",
        };
        Assert.True(await AddAsync(credential));

        AssertSame(credential, await FindAsync("t"));
        Assert.Null(await FindAsync("T"));
        Assert.Null(await Read(session => session.Credentials.FindAsync("other", "t", None)));
        await Assert.ThrowsAsync<StoreException>(() => AddAsync(credential));
    }

    [Fact]
    public async Task Consumer_and_token_may_be_as_long_as_addresses_are()
    {
        var credential = Request(LongAddress(1)) with { Consumer = "2001:0db8:1111:2222:3333:4444:5555:6666 " + LongAddress(2) };
        Assert.True(await AddAsync(credential, 1));

        AssertSame(credential, await FindAsync(credential.Token));
        Assert.False(await AddAsync(credential with { Token = "another" }, 1));
    }

    [Fact]
    public async Task There_is_room_for_so_many_unexpired_ones_of_a_consumer()
    {
        Assert.True(await AddAsync(Request("1"), 2));
        Assert.True(await AddAsync(Request("2"), 2));
        Assert.False(await AddAsync(Request("3"), 2));
        Assert.True(await AddAsync(Request("4") with { Consumer = "another" }, 2));
        Assert.Null(await FindAsync("3"));

        Clock.Advance(TimeSpan.FromHours(1));
        Assert.True(await AddAsync(Request("5"), 2));
        Assert.NotNull(await FindAsync("1"));
    }

    [Fact]
    public async Task The_last_place_of_a_consumer_is_taken_once_also_when_many_ask_at_once()
    {
        var results = await AtOnceAsync(10, number => new ValueTask<bool>(AddAsync(Request($"{number}"), 3)));

        Assert.Equal(3, results.Count(isAdded => isAdded));
    }

    [Fact]
    public async Task A_credential_that_was_found_stays_as_found_until_the_work_has_ended()
    {
        await AddAsync(Request("t"));

        await AtOnceAsync(20, _ => Write(async session =>
        {
            var found = await session.Credentials.FindAsync("omb.request", "t", None);
            return await session.Credentials.ReplaceAsync(found! with { Failures = found.Failures + 1 }, CredentialState.Pending, None);
        }));

        Assert.Equal(20, (await FindAsync("t"))!.Failures);
    }

    [Fact]
    [Trait("Clause", "OMB-58")]
    public async Task A_token_that_is_issued_while_its_subscription_ends_does_not_come_back_with_it()
    {
        var (bob, zoe) = (await AddLocalAsync("bob"), await AddRemoteAsync("zoe"));
        var subscriptions = new List<Subscription>();
        for (var number = 0; number < 20; number++)
            subscriptions.Add(await SaveAsync(LocalSubscription(bob, zoe)));

        await AtOnceAsync(40, number => Write(async session =>
        {
            var id = subscriptions[number / 2].Id;
            if (number % 2 == 1)
                return await session.Subscriptions.EndAsync(id, None);
            var found = await session.Subscriptions.FindAsync(id, None);
            return found!.State == SubscriptionState.Active && await session.Credentials.AddAsync(Active($"{id}", id), 100, None);
        }));

        foreach (var subscription in subscriptions)
        {
            await SaveAsync(subscription);
            Assert.False(await IsInForceAsync($"{subscription.Id}"));
        }
    }

    [Fact]
    [Trait("Clause", "OAUTH-38")]
    public async Task Of_two_that_exchange_a_request_token_at_once_one_succeeds()
    {
        await AddAsync(Request("t") with { State = CredentialState.Authorized });

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Write(session =>
            session.Credentials.ReplaceAsync(Request("t") with { State = CredentialState.Used }, CredentialState.Authorized, None)).AsTask())));

        Assert.Single(results, true);
        Assert.Equal(CredentialState.Used, (await FindAsync("t"))!.State);
    }

    [Fact]
    public async Task A_credential_is_not_replaced_in_another_state_and_not_made_by_replacing()
    {
        await AddAsync(Request("t"));

        Assert.False(await ReplaceAsync(Request("t") with { State = CredentialState.Used }, CredentialState.Authorized));
        Assert.False(await ReplaceAsync(Request("u"), CredentialState.Pending));
        Assert.True(await ReplaceAsync(Request("t") with { State = CredentialState.Authorized, Data = "new" }, CredentialState.Pending));

        Assert.Equal("new", (await FindAsync("t"))!.Data);
        Assert.Null(await FindAsync("u"));
    }

    [Fact]
    [Trait("Clause", "OMB-58")]
    public async Task Revoked_tokens_of_a_subscription_are_kept()
    {
        await AddAsync(Request("a") with { State = CredentialState.Active, Subscription = new SubscriptionId(7), Expires = null });
        await AddAsync(Request("b") with { State = CredentialState.Active, Subscription = new SubscriptionId(8), Expires = null });
        await AddAsync(Request("c") with { State = CredentialState.Used, Subscription = new SubscriptionId(7) });

        await Write(session => session.Credentials.RevokeAsync(new SubscriptionId(7), None));

        Assert.Equal(CredentialState.Revoked, (await FindAsync("a"))!.State);
        Assert.Equal(CredentialState.Active, (await FindAsync("b"))!.State);
        Assert.Equal(CredentialState.Used, (await FindAsync("c"))!.State);
    }

    [Fact]
    [Trait("Clause", "OMB-58")]
    public async Task A_token_is_in_force_while_it_and_its_subscription_are_active()
    {
        var bob = await AddLocalAsync("bob");
        var zoe = await AddRemoteAsync("zoe");
        var active = await SaveAsync(LocalSubscription(bob, zoe));
        var requested = await SaveAsync(LocalSubscription(bob, zoe, SubscriptionState.Requested));
        await AddAsync(Active("active", active.Id));
        await AddAsync(Active("revoked", active.Id) with { State = CredentialState.Revoked });
        await AddAsync(Active("requested", requested.Id));
        await AddAsync(Active("nothing", default));

        Assert.True(await IsInForceAsync("active"));
        Assert.False(await IsInForceAsync("revoked"));
        Assert.False(await IsInForceAsync("requested"));
        Assert.False(await IsInForceAsync("nothing"));
        Assert.False(await IsInForceAsync("unknown"));
        Assert.Equal([ClaimResult.NotInForce], await Write(session => session.Credentials.ClaimAsync("other", [new CredentialClaim("active", null)], None)));

        await Write(session => session.Subscriptions.EndAsync(active.Id, None));
        Assert.False(await IsInForceAsync("active"));
    }

    [Fact]
    [Trait("Clause", "OAUTH-21")]
    public async Task A_nonce_is_new_once_also_when_two_arrive_together()
    {
        var expires = Clock.GetUtcNow() + TimeSpan.FromMinutes(10);

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => OnceAsync("key", "nonce", expires))));

        Assert.Single(results, true);
        Assert.True(await OnceAsync("key", "Nonce", expires));
        Assert.True(await OnceAsync("other", "nonce", expires));
        Assert.False(await OnceAsync("key", "nonce", expires));
    }

    [Fact]
    [Trait("Clause", "OAUTH-21")]
    [Trait("Clause", "OMB-58")]
    public async Task Of_several_claims_each_is_answered_as_if_it_came_after_those_before_it()
    {
        var active = await SaveAsync(LocalSubscription(await AddLocalAsync("bob"), await AddRemoteAsync("zoe")));
        await AddAsync(Active("a", active.Id));
        await AddAsync(Active("b", active.Id));
        await AddAsync(Active("revoked", active.Id) with { State = CredentialState.Revoked });
        var expires = Clock.GetUtcNow() + TimeSpan.FromMinutes(10);
        await OnceAsync("nonce", "old", expires);

        var results = await ClaimAsync(
            new("revoked", Nonce("1")), new("a", Nonce("1")), new("b", Nonce("1")), new("a", null), new("unknown", Nonce("2")), new("b", Nonce("old")),
            new("b", Nonce("3")), new("a", null), new("b", new OnceKey("other", "1", expires)), new("a", new OnceKey("nonce", "1", expires.AddSeconds(1))));

        Assert.Equal(
            [
                ClaimResult.NotInForce, ClaimResult.Accepted, ClaimResult.NotNew, ClaimResult.Accepted, ClaimResult.NotInForce, ClaimResult.NotNew,
                ClaimResult.Accepted, ClaimResult.Accepted, ClaimResult.Accepted, ClaimResult.Accepted,
            ],
            results);
        Assert.False(await OnceAsync("nonce", "3", expires));
        Assert.True(await OnceAsync("nonce", "2", expires));
        Assert.Empty(await ClaimAsync());

        OnceKey Nonce(string key) => new("nonce", key, expires);
    }

    [Fact]
    [Trait("Clause", "OAUTH-21")]
    public async Task Of_groups_of_claims_that_race_in_opposite_orders_each_nonce_is_accepted_once()
    {
        var active = await SaveAsync(LocalSubscription(await AddLocalAsync("bob"), await AddRemoteAsync("zoe")));
        await AddAsync(Active("a", active.Id));
        var expires = Clock.GetUtcNow() + TimeSpan.FromMinutes(10);
        CredentialClaim[] claims = [.. Enumerable.Range(0, 20).Select(number => new CredentialClaim("a", new OnceKey("nonce", $"{number}", expires)))];

        var results = await AtOnceAsync(8, number => new ValueTask<IReadOnlyList<ClaimResult>>(ClaimAsync(number % 2 == 0 ? claims : [.. claims.Reverse()])));

        Assert.Equal(20, results.Sum(group => group.Count(result => result == ClaimResult.Accepted)));
        Assert.Equal(140, results.Sum(group => group.Count(result => result == ClaimResult.NotNew)));
    }

    [Fact]
    public async Task A_nonce_of_work_that_failed_is_new_again()
    {
        var expires = Clock.GetUtcNow() + TimeSpan.FromMinutes(10);

        await Assert.ThrowsAsync<FormatException>(() => Write(async session =>
        {
            Assert.True(await session.Credentials.OnceAsync(new OnceKey("key", "nonce", expires), None));
            throw new FormatException();
        }).AsTask());

        Assert.True(await OnceAsync("key", "nonce", expires));
    }

    [Fact]
    [Trait("Clause", "OAUTH-24")]
    public async Task Pruning_forgets_what_has_expired_and_only_so_many()
    {
        var now = Clock.GetUtcNow();
        for (var number = 0; number < 5; number++)
        {
            await OnceAsync("key", $"{number}", now);
            await AddAsync(Request($"{number}") with { Expires = now });
        }

        await OnceAsync("key", "later", now + TimeSpan.FromSeconds(2));
        await AddAsync(Request("later") with { Expires = now + TimeSpan.FromSeconds(2) });
        await AddAsync(Request("never") with { Expires = null });

        Assert.Equal(0, await PruneAsync(now, 100));
        Assert.Equal(6, await PruneAsync(now + TimeSpan.FromSeconds(1), 3));
        Assert.Equal(4, await PruneAsync(now + TimeSpan.FromSeconds(1), 3));
        Assert.Equal(0, await PruneAsync(now + TimeSpan.FromSeconds(1), 3));
        Assert.False(await OnceAsync("key", "later", now + TimeSpan.FromSeconds(2)));
        Assert.NotNull(await FindAsync("later"));
        Assert.NotNull(await FindAsync("never"));
        Assert.Null(await FindAsync("0"));
    }

    [Fact]
    public async Task Several_that_prune_at_once_forget_everything_once()
    {
        var now = Clock.GetUtcNow();
        await AtOnceAsync(40, number => new ValueTask<bool>(OnceAsync("key", $"{number}", now)));
        await AtOnceAsync(40, number => new ValueTask<bool>(AddAsync(Request($"{number}") with { Expires = now })));

        var pruned = await AtOnceAsync(8, _ => new ValueTask<int>(PruneAsync(now + TimeSpan.FromSeconds(1), 10)));

        var rest = await PruneAsync(now + TimeSpan.FromSeconds(1), 100);
        Assert.All(pruned, count => Assert.InRange(count, 0, 20));
        Assert.Equal(80, pruned.Sum() + rest);
    }

    [Fact]
    public async Task What_a_person_has_of_a_scope_is_listed_while_it_is_in_force()
    {
        var (bob, zoe) = (await AddLocalAsync("bob"), await AddLocalAsync("zoe"));
        Credential[] kept = [Own("b", bob), Own("B", bob), Own("a", bob) with { Expires = Clock.GetUtcNow() + TimeSpan.FromMinutes(1) }];
        Credential[] others =
        [
            Own("revoked", bob) with { State = CredentialState.Revoked },
            Own("pending", bob) with { State = CredentialState.Pending },
            Own("expired", bob) with { Expires = Clock.GetUtcNow() },
            Own("subscription", bob) with { Subscription = new SubscriptionId(7) },
            Own("a", bob) with { Scope = "other" },
            Own("zoe", zoe),
            Own("nobody", bob) with { Person = default },
        ];
        foreach (var credential in kept.Concat(others))
            await AddAsync(credential);

        var listed = await ListAsync(bob, 10);

        Assert.Equal(["B", "a", "b"], listed.Select(credential => credential.Token));
        AssertSame(kept[2], listed[1]);
        Assert.Equal(["B", "a"], (await ListAsync(bob, 2)).Select(credential => credential.Token));
        Assert.Empty(await Read(session => session.Credentials.ListAsync("omb.request", default, 10, None)));

        Assert.True(await ReplaceAsync(kept[1] with { State = CredentialState.Revoked }, CredentialState.Active));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["b"], (await ListAsync(bob, 10)).Select(credential => credential.Token));
    }

    [Fact]
    [Trait("Clause", "OMB-58")]
    public async Task Who_leaves_has_no_credentials_but_those_of_subscriptions_which_are_kept_revoked()
    {
        var (bob, zoe) = (await AddLocalAsync("bob"), await AddLocalAsync("zoe"));
        var subscription = await SaveAsync(LocalSubscription(bob, await AddRemoteAsync("mallory")));
        await AddAsync(Own("bob", bob));
        await AddAsync(Own("revoked", bob) with { State = CredentialState.Revoked });
        await AddAsync(Own("zoe", zoe));
        await AddAsync(Request("nobody"));
        await AddAsync(Active("push", subscription.Id) with { Person = bob.Id });

        await Write(async session =>
        {
            await session.Subscriptions.EndAllAsync(bob.Id, None);
            await session.Profiles.DeleteLocalAsync(bob.Id, None);
        });

        Assert.Null(await FindAsync("bob"));
        Assert.Null(await FindAsync("revoked"));
        Assert.NotNull(await FindAsync("zoe"));
        Assert.NotNull(await FindAsync("nobody"));
        Assert.Equal(CredentialState.Revoked, (await FindAsync("push"))!.State);
    }

    [Fact]
    public async Task A_setting_is_added_once_and_set_any_time()
    {
        Assert.Null(await Read(session => session.Settings.FindAsync("key", None)));
        Assert.Equal("one", await Write(session => session.Settings.AddAsync("key", "one", None)));
        Assert.Equal("one", await Write(session => session.Settings.AddAsync("key", "two", None)));
        await Write(session => session.Settings.SetAsync("key", "three", None));
        Assert.Equal("three", await Read(session => session.Settings.FindAsync("key", None)));
    }

    private Credential Request(string token) => new()
    {
        Scope = "omb.request",
        Token = token,
        Consumer = "https://there.example/",
        State = CredentialState.Pending,
        Expires = Clock.GetUtcNow() + TimeSpan.FromMinutes(30),
    };

    private Credential Active(string token, SubscriptionId subscription) =>
        Request(token) with { State = CredentialState.Active, Subscription = subscription, Expires = null };

    private Credential Own(string token, Profile person) =>
        Request(token) with { State = CredentialState.Active, Person = person.Id, Expires = null };

    private Task<IReadOnlyList<Credential>> ListAsync(Profile person, int count) =>
        Read(session => session.Credentials.ListAsync("omb.request", person.Id, count, None)).AsTask();

    private async Task<bool> IsInForceAsync(string token) => Assert.Single(await ClaimAsync(new CredentialClaim(token, null))) switch
    {
        ClaimResult.Accepted => true,
        ClaimResult.NotInForce => false,
        var other => throw new InvalidOperationException($"{other}"),
    };

    private Task<IReadOnlyList<ClaimResult>> ClaimAsync(params CredentialClaim[] claims) =>
        Write(session => session.Credentials.ClaimAsync("omb.request", claims, None)).AsTask();

    private Task<bool> AddAsync(Credential credential, int limit = 100) =>
        Write(session => session.Credentials.AddAsync(credential, limit, None)).AsTask();

    private Task<bool> ReplaceAsync(Credential credential, CredentialState expected) =>
        Write(session => session.Credentials.ReplaceAsync(credential, expected, None)).AsTask();

    private Task<bool> OnceAsync(string scope, string key, DateTimeOffset expires) =>
        Write(session => session.Credentials.OnceAsync(new OnceKey(scope, key, expires), None)).AsTask();

    private Task<int> PruneAsync(DateTimeOffset now, int count) => Write(session => session.Credentials.PruneAsync(now, count, None)).AsTask();

    private Task<Credential?> FindAsync(string token) => Read(session => session.Credentials.FindAsync("omb.request", token, None)).AsTask();

    private static void AssertSame(Credential expected, Credential? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.ProtectedSecret.ToArray(), actual.ProtectedSecret.ToArray());
        Assert.Equal(expected, actual with { ProtectedSecret = expected.ProtectedSecret });
    }
}
