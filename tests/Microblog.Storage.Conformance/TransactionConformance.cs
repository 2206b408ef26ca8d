namespace Microblog.Storage.Conformance;

public abstract class TransactionConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task A_failing_caller_leaves_no_trace_and_gets_its_own_exception()
    {
        var alice = await AddLocalAsync("alice");
        var notice = LocalNotice(alice);

        var exception = await Assert.ThrowsAsync<FormatException>(() => Write(async session =>
        {
            await session.Settings.SetAsync("key", "value", None);
            await session.Notices.PublishAsync(notice, None);
            Assert.NotNull(await session.Notices.FindAsync(notice.Id, default, None));
            throw new FormatException("mine");
        }).AsTask());

        Assert.Equal("mine", exception.Message);
        Assert.Null(await FindAsync(notice.Id));
        Assert.Null(await Read(session => session.Settings.FindAsync("key", None)));
    }

    [Fact]
    public async Task Failing_callers_among_many_leave_the_others_untouched()
    {
        var alice = await AddLocalAsync("alice");
        var notices = Enumerable.Range(0, 200).Select(_ => LocalNotice(alice)).ToList();

        var results = await Task.WhenAll(notices.Select((notice, number) => Task.Run(async () =>
        {
            try
            {
                await Write(async session =>
                {
                    await session.Notices.PublishAsync(notice, None);
                    if (number % 3 == 0)
                        throw new FormatException();
                });
                return true;
            }
            catch (FormatException)
            {
                return false;
            }
        })));

        for (var number = 0; number < notices.Count; number++)
        {
            Assert.Equal(number % 3 != 0, results[number]);
            Assert.Equal(results[number], await FindAsync(notices[number].Id) is not null);
        }
    }

    [Fact]
    public async Task What_has_been_acknowledged_is_visible_to_the_next_read()
    {
        for (var number = 0; number < 50; number++)
        {
            await Write(session => session.Settings.SetAsync("key", $"{number}", None));
            Assert.Equal($"{number}", await Read(session => session.Settings.FindAsync("key", None)));
        }
    }

    [Fact]
    public async Task A_read_is_one_snapshot()
    {
        await Write(session => session.Settings.SetAsync("key", "before", None));

        await Read(async session =>
        {
            Assert.Equal("before", await session.Settings.FindAsync("key", None));
            await Write(other => other.Settings.SetAsync("key", "after", None));
            Assert.Equal("before", await session.Settings.FindAsync("key", None));
            return true;
        });

        Assert.Equal("after", await Read(session => session.Settings.FindAsync("key", None)));
    }

    [Fact]
    public async Task A_session_ends_with_its_work()
    {
        IStoreSession? kept = null;
        await Write(session =>
        {
            kept = session;
            return ValueTask.CompletedTask;
        });
        IReadSession? read = null;
        await Read(session =>
        {
            read = session;
            return new ValueTask<bool>(true);
        });

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await kept!.Settings.FindAsync("key", None));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await read!.Settings.FindAsync("key", None));
    }

    [Fact]
    public async Task Work_that_waits_for_others_is_refused_and_undone()
    {
        var never = new TaskCompletionSource();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Write(async session =>
        {
            await session.Settings.SetAsync("key", "value", None);
            await never.Task;
        }).AsTask());
        never.SetResult();

        Assert.Null(await Read(session => session.Settings.FindAsync("key", None)));
    }

    [Fact]
    public async Task A_caller_that_has_given_up_is_not_served()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var ran = false;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ExecuteAsync(
            (_, _) =>
            {
                ran = true;
                return new ValueTask<bool>(true);
            },
            source.Token).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.ReadAsync(Freshness.Latest, (_, _) => new ValueTask<bool>(true), source.Token).AsTask());

        Assert.False(ran);
    }

    [Fact]
    public async Task Work_that_has_begun_is_not_cancelled()
    {
        using var source = new CancellationTokenSource();

        await Store.ExecuteAsync(
            async (session, token) =>
            {
                await source.CancelAsync();
                token.ThrowIfCancellationRequested();
                await session.Settings.SetAsync("key", "value", token);
                return true;
            },
            source.Token);

        Assert.Equal("value", await Read(session => session.Settings.FindAsync("key", None)));
    }

    [Fact]
    public async Task Starting_again_changes_nothing()
    {
        var alice = await AddLocalAsync("alice");
        await Store.StartAsync(None);
        Assert.Equal(alice, await Read(session => session.Profiles.FindAsync(alice.Id, None)));
    }

    [Fact]
    public async Task A_writer_that_drew_its_number_first_and_commits_last_is_not_missed()
    {
        var alice = await AddLocalAsync("alice");
        var start = await PublishAsync(alice);
        var early = Store.Ids.Draw();
        var slow = LocalNotice(alice) with { Id = early.Notice, Conversation = early.Notice };
        var quick = await PublishAsync(alice);

        var before = await ForwardAsync(alice, start.Id);
        Assert.Empty(before);
        Assert.Equal([quick.Id, start.Id], await HomeAsync(alice));
        await PublishAsync(slow);
        Assert.Empty(await ForwardAsync(alice, start.Id));
        early.Dispose();

        Assert.Equal([quick.Id, slow.Id], await ForwardAsync(alice, start.Id));
    }

    [Fact]
    public async Task Whoever_follows_forward_sees_every_notice_of_many_writers_once()
    {
        var alice = await AddLocalAsync("alice");
        var writers = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var number = 0; number < 50; number++)
            {
                using var drawn = Store.Ids.Draw();
                await PublishAsync(LocalNotice(alice) with
                {
                    Id = drawn.Notice,
                    Uri = NoticeUri.Parse($"https://here.example/notice/{drawn.Notice}"),
                    Conversation = drawn.Notice,
                });
            }
        })));
        var seen = new List<NoticeId>();
        for (var isLast = false; !isLast;)
        {
            isLast = writers.IsCompleted;
            for (NoticeId[] page; (page = await ForwardAsync(alice, seen.LastOrDefault(), 7)).Length > 0;)
                seen.AddRange(page.Reverse());
        }

        await writers;
        Assert.Equal(200, seen.Count);
        Assert.Equal(seen.Distinct().Order(), seen);
    }

    private Task<NoticeId[]> ForwardAsync(Profile owner, NoticeId after, int count = 100) => HomeAsync(owner, PageRequest.NewerThan(At(after), count));
}
