using Microblog.Storage.Conformance;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>Two stores on one database, as two processes have them.</summary>
public sealed class TwoProcessesTests : StoreConformance, IAsyncLifetime
{
    private const string Uri = "https://there.example/notice/1";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TempDatabase database;

    public TwoProcessesTests()
        : this(new Patient())
    {
    }

    private TwoProcessesTests(Patient fixture)
        : base(fixture) => database = fixture.Database;

    private PostgresStore Other { get; set; } = null!;

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        Other = database.CreateStore(Clock);
        await Other.StartAsync(None);
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await Other.DisposeAsync();
        await DisposeAsync();
    }

    [Fact]
    [Trait("Clause", "OMB-55")]
    public async Task Of_two_that_bring_the_same_notice_at_once_one_stores_it_and_the_other_shares_it()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, hers) = await HearRemoteAsync(bob, "zoe");
        var (copy, again) = (RemoteNotice(zoe, Uri), RemoteNotice(hers, Uri));

        var (first, second) = await MeetAsync(
            session => session.Notices.ReceiveAsync([new(copy, alice.Id)], None), session => session.Notices.ReceiveAsync([new(again, bob.Id)], None));

        Assert.Equal((ReceiveResult.Stored, ReceiveResult.Shared), (Assert.Single(first), Assert.Single(second)));
        Assert.Equal(copy.Id, Assert.Single(await Read(session => session.Notices.FindAsync(copy.Uri, None))).Id);
        Assert.Equal([copy.Id], await HomeAsync(alice));
        Assert.Equal([copy.Id], await HomeAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OMB-55")]
    public async Task A_notice_that_one_subscription_brings_twice_at_once_is_stored_once()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (copy, again) = (RemoteNotice(zoe, Uri), RemoteNotice(zoe, Uri));

        var (first, second) = await MeetAsync(
            session => session.Notices.ReceiveAsync([new(copy, alice.Id)], None), session => session.Notices.ReceiveAsync([new(again, alice.Id)], None));

        Assert.Equal((ReceiveResult.Stored, ReceiveResult.Duplicate), (Assert.Single(first), Assert.Single(second)));
        Assert.Equal([copy.Id], await HomeAsync(alice));
    }

    [Fact]
    [Trait("Clause", "OAUTH-24")]
    public async Task A_nonce_that_another_transaction_has_stored_and_not_committed_is_used_if_that_one_commits()
    {
        var (first, second) = await MeetAsync(OnceAsync, OnceAsync);

        Assert.Equal((true, false), (first, second));
    }

    [Fact]
    [Trait("Clause", "OAUTH-24")]
    public async Task A_nonce_that_another_transaction_has_stored_and_takes_back_is_new()
    {
        Task<bool>? waiting = null;
        await Assert.ThrowsAsync<FormatException>(() => Write(async session =>
        {
            Assert.True(await OnceAsync(session));
            waiting = Task.Run(() => Other.ExecuteAsync((other, _) => OnceAsync(other), None).AsTask());
            await WaitUntilSomebodyWaitsAsync();
            throw new FormatException();
        }).AsTask());

        Assert.True(await waiting!.WaitAsync(Limit));
    }

    // The question sends the nonce along.
    private async ValueTask<bool> OnceAsync(IStoreSession session)
    {
        var isNew = await session.Credentials.OnceAsync(new OnceKey("key", "nonce", Clock.GetUtcNow() + TimeSpan.FromMinutes(10)), None);
        await session.Settings.FindAsync("nothing", None);
        return isNew;
    }

    [Fact]
    public async Task Of_two_copies_that_are_proven_at_once_the_first_stands_for_both()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, hers) = await HearRemoteAsync(bob, "zoe");
        await AddRemoteAsync("zoe");
        var (copy, other) = (RemoteNotice(zoe, Uri), RemoteNotice(hers, Uri, "other words"));
        await ReceiveAsync(copy, alice);
        await ReceiveAsync(other, bob);

        await MeetAsync(session => ProveAsync(session, copy), session => ProveAsync(session, other));

        Assert.Equal(copy.Id, Assert.Single(await Read(session => session.Notices.FindAsync(copy.Uri, None))).Id);
        Assert.Equal([copy.Id], await HomeAsync(alice));
        Assert.Equal([copy.Id], await HomeAsync(bob));

        static async ValueTask<bool> ProveAsync(IStoreSession session, Notice notice)
        {
            await session.Notices.RecordOriginAsync(notice.Id, "", true, None);
            return true;
        }
    }

    [Fact]
    public async Task Of_two_repeats_by_one_person_at_once_the_first_is_published()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(alice);
        var (repeat, again) = (Repeat(), Repeat());

        var (first, second) = await MeetAsync(session => SendAsync(session, repeat), session => SendAsync(session, again));

        Assert.Equal((true, false), (first, second));
        Assert.Equal(1, (await FindAsync(notice.Id))!.Notice.Counts.Repeats);
        Assert.NotNull(await FindAsync(repeat.Id));
        Assert.Null(await FindAsync(again.Id));

        Notice Repeat() => LocalNotice(bob, "RT hello") with { RepeatOf = notice.Id };

        // The question sends the repeat along.
        static async ValueTask<bool> SendAsync(IStoreSession session, Notice notice)
        {
            var isPublished = await session.Notices.PublishAsync(notice, None);
            await session.Settings.FindAsync("nothing", None);
            return isPublished;
        }
    }

    [Fact]
    public async Task An_answer_goes_with_the_notice_that_joins_a_conversation_at_once()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var first = await PublishAsync(alice);
        var (middle, last) = (RemoteNotice(zoe, Uri), RemoteNotice(zoe, Uri + "/answer"));
        await ReceiveAsync(middle, alice);
        await ReceiveAsync(last, alice);

        await MeetAsync(session => AnswerAsync(session, middle, first), session => AnswerAsync(session, last, middle));

        Assert.Equal(
            [last.Id, middle.Id, first.Id],
            IdsOf(await Read(session => session.Timelines.ConversationAsync(first.Id, alice.Id, PageRequest.Newest(9), None))));

        static async ValueTask<bool> AnswerAsync(IStoreSession session, Notice notice, Notice answered)
        {
            await session.Notices.RecordOriginAsync(notice.Id, answered.Uri.Value, false, None);
            return true;
        }
    }

    [Fact]
    public async Task A_URI_that_two_publish_at_once_is_given_to_one_and_the_other_is_told()
    {
        var alice = await AddLocalAsync("alice");
        var first = LocalNotice(alice);
        var second = LocalNotice(alice) with { Uri = first.Uri };

        var results = await Task.WhenAll(
            TellAsync(Store, session => session.Notices.PublishAsync(first, None)), TellAsync(Other, session => session.Notices.PublishAsync(second, None)));

        Assert.Single(results, result => result is null);
        Assert.False(Assert.Single(results, result => result is not null)!.IsTransient);
        Assert.Single(await HomeAsync(alice));
    }

    [Fact]
    public async Task Two_that_take_up_jobs_at_once_reach_every_follower_once_and_wait_for_nobody()
    {
        var alice = await AddLocalAsync("alice");
        var followers = new List<Profile>();
        for (var number = 0; number < 215; number++)
        {
            followers.Add(await AddLocalAsync($"f{number}"));
            await SaveAsync(LocalSubscription(followers[^1], alice));
        }

        var (first, second) = (await PublishAsync(alice), await PublishAsync(alice));
        using var here = Store.Ids.Draw();
        using var there = Other.Ids.Draw();
        using var later = Other.Ids.Draw();

        Assert.True(await Write(async session =>
        {
            var isMore = await session.Notices.ContinueAsync(10, here.Position, None);
            // The other notice's, and then nothing: what is left is in hand here.
            Assert.False(await Other.ExecuteAsync((other, _) => other.Notices.ContinueAsync(100, there.Position, None), None));
            return isMore;
        }));
        Assert.False(await Other.ExecuteAsync((other, _) => other.Notices.ContinueAsync(100, later.Position, None), None));

        foreach (var follower in followers)
            Assert.Equal([first.Id, second.Id], (await HomeAsync(follower)).Order());
    }

    [Fact]
    public async Task Whoever_follows_forward_sees_every_notice_of_both_processes_once_and_in_order()
    {
        var alice = await AddLocalAsync("alice");
        var seen = new List<TimelineEntry>();
        var written = new List<NoticeId>();
        await WriteAndFollowAsync(10);
        Assert.NotEmpty(seen);

        using var early = Store.Ids.Draw();
        var (announced, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var slow = Write(async session =>
        {
            await session.Notices.PublishAsync(NumberedNotice(alice, early), None);
            announced.TrySetResult();
            await release.Task;
        }).AsTask();
        written.Add(early.Notice);
        await announced.Task.WaitAsync(Limit);
        await WriteAndFollowAsync(10);
        Assert.True(seen[^1].Notice.Id < early.Notice);
        release.SetResult();
        await slow;
        early.Dispose();
        await WriteAndFollowAsync(10);
        Clock.Advance(OpenNumbers.Grace * 2);
        await FollowAsync();

        Assert.Equal(written.Order(), IdsOf(seen));

        async Task WriteAndFollowAsync(int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                var writers = Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(() => PublishAsync(number % 2 == 0 ? Store : Other, alice))));
                do
                    await FollowAsync();
                while (!writers.IsCompleted);
                written.AddRange(await writers);
                Clock.Advance(TimeSpan.FromMilliseconds(500));
                await ((PostgresStore)Store).TendAsync(None);
            }
        }

        async Task FollowAsync()
        {
            while (true)
            {
                var page = await Other.ReadAsync(
                    Freshness.Latest,
                    (session, _) => session.Timelines.HomeAsync(alice.Id, PageRequest.NewerThan(seen.LastOrDefault()?.Position ?? default, 7), None),
                    None);
                if (page.Count == 0)
                    return;
                seen.AddRange(page.Reverse());
            }
        }
    }

    [Fact]
    public async Task A_number_that_is_open_for_long_is_held_however_many_look_after_it_at_once()
    {
        var alice = await AddLocalAsync("alice");
        using var early = Store.Ids.Draw();
        for (var round = 0; round < 20; round++)
        {
            Clock.Advance(OpenNumbers.Grace / 10);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ((PostgresStore)Store).TendAsync(None).AsTask()))).WaitAsync(Limit);
        }

        await Write(session => session.Notices.PublishAsync(NumberedNotice(alice, early), None));
        Assert.Equal([early.Notice], await HomeAsync(alice));
    }

    [Fact]
    public async Task A_page_forward_ends_below_what_this_process_has_drawn_but_not_stored_on_the_replica_too()
    {
        var alice = await AddLocalAsync("alice");
        // One process alone, whose replica has everything at once.
        await ((PostgresStore)Store).DisposeAsync();
        await Other.DisposeAsync();
        await using var store = database.CreateStore(Clock, options => options.ReplicaConnectionString = options.ConnectionString);
        await store.StartAsync(None);
        using var early = store.Ids.Draw();
        Clock.Advance(TimeSpan.FromSeconds(1));
        await PublishAsync(store, alice);

        foreach (var freshness in Enum.GetValues<Freshness>())
        {
            Assert.Empty(await store.ReadAsync(
                freshness, (session, _) => session.Timelines.HomeAsync(alice.Id, PageRequest.NewerThan(default, 7), None), None));
        }
    }

    [Fact]
    public async Task While_another_process_lives_a_page_forward_waits_for_what_it_may_have_drawn()
    {
        var alice = await AddLocalAsync("alice");
        using var early = Other.Ids.Draw();
        Clock.Advance(TimeSpan.FromSeconds(1));
        var quick = await PublishAsync(Store, alice);

        Assert.Empty(await HomeAsync(alice, PageRequest.NewerThan(default, 7)));
        Assert.Equal([quick], await HomeAsync(alice));

        await Other.ExecuteAsync(
            async (session, _) =>
            {
                await session.Notices.PublishAsync(NumberedNotice(alice, early), None);
                return true;
            },
            None);
        Clock.Advance(OpenNumbers.Grace * 2);
        Assert.Equal([early.Notice, quick], (await HomeAsync(alice, PageRequest.NewerThan(default, 7))).Order());
    }

    private async Task<NoticeId> PublishAsync(IMicroblogStore store, Profile author)
    {
        using var drawn = store.Ids.Draw();
        var notice = NumberedNotice(author, drawn);
        await store.ExecuteAsync(
            async (session, _) =>
            {
                await session.Notices.PublishAsync(notice, None);
                return true;
            },
            None);
        return notice.Id;
    }

    private Notice NumberedNotice(Profile author, DrawnId drawn) => LocalNotice(author) with
    {
        Id = drawn.Notice,
        Uri = NoticeUri.Parse($"https://here.example/notice/{drawn.Notice}"),
        Conversation = drawn.Notice,
    };

    [Fact]
    public async Task What_an_author_pushes_through_two_processes_stands_in_the_order_in_which_it_came_although_their_clocks_differ()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        using var ahead = Store.Ids.Draw();
        // As if drawn by a process whose clock is a second behind.
        var (first, second) = (
            RemoteNotice(zoe, "https://there.example/notice/1") with { Id = ahead.Notice, Conversation = ahead.Notice },
            RemoteNotice(zoe, "https://there.example/notice/2") with { Id = new NoticeId(ahead.Value - 5_000_000) });

        foreach (var notice in new[] { first, second })
            Assert.Equal(ReceiveResult.Stored, await ReceiveAsync(notice, alice));

        Assert.Equal([second.Id, first.Id], await HomeAsync(alice));
    }

    // The second begins while the first has not ended, and comes to where it has to wait for it.
    private async Task<(T First, T Second)> MeetAsync<T>(Func<IStoreSession, ValueTask<T>> first, Func<IStoreSession, ValueTask<T>> second)
    {
        Task<T>? waiting = null;
        var result = await Write(async session =>
        {
            var done = await first(session);
            waiting ??= Task.Run(() => Other.ExecuteAsync((other, _) => second(other), None).AsTask());
            await WaitUntilSomebodyWaitsAsync();
            return done;
        });
        return (result, await waiting!.WaitAsync(Limit));
    }

    private async Task WaitUntilSomebodyWaitsAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(limit.Token);
        await using var command = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')", connection);
        while (!(bool)(await command.ExecuteScalarAsync(limit.Token))!)
            limit.Token.ThrowIfCancellationRequested();
    }

    private static async Task<StoreException?> TellAsync(IMicroblogStore store, Func<IStoreSession, ValueTask<bool>> work)
    {
        try
        {
            await store.ExecuteAsync((session, _) => work(session), None);
            return null;
        }
        catch (StoreException e)
        {
            return e;
        }
    }

    /// <summary>Lets work wait for what the test arranges.</summary>
    private sealed class Patient : IStoreFixture
    {
        public TempDatabase Database { get; } = new();

        public IMicroblogStore CreateStore(TimeProvider clock) => Database.CreateStore(clock, options => options.IdleTimeout = Limit);

        public void Dispose() => Database.Dispose();
    }
}
