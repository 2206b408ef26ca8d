using System.Globalization;
using System.Threading.Channels;
using Microblog.Scheduling;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microblog.Testing;

namespace Microblog.Tests.Storage;

public sealed class GroupCommitTests
{
    private readonly GatedStore store = new(new InMemoryStore(new FakeTimeProvider()));
    private readonly GroupCommit<int, string> queue;

    public GroupCommitTests() => queue = new GroupCommit<int, string>(store, new InPlace(), (group, _) => group.Count < 5, WorkAsync);

    [Fact]
    public async Task Items_that_come_while_others_are_under_way_go_together_and_each_gets_its_own_result()
    {
        var tasks = await FillAsync(12);
        store.Open();

        Assert.Equal(Enumerable.Range(0, 12).Select(Text), await Task.WhenAll(tasks));
        Assert.Equal([1, 1, 5, 5], store.Groups.Select(group => group.Length).Order());
        Assert.Equal(Enumerable.Range(0, 12), store.Groups.SelectMany(group => group).Order());
        Assert.All(store.Groups, group => Assert.Equal(group.Order(), group));
    }

    [Fact]
    public async Task An_item_alone_starts_at_once()
    {
        store.Open();
        Assert.Equal("1", await queue.ExecuteAsync(1, default));
        Assert.Equal("2", await queue.ExecuteAsync(2, default));
        Assert.Equal([[1], [2]], store.Groups);
    }

    [Fact]
    public async Task A_second_transaction_begins_only_when_many_wait()
    {
        var tasks = await FillAsync(64);
        Assert.Equal(1, store.Transactions);
        tasks = [.. tasks, queue.ExecuteAsync(64, default)];
        await store.Entered(2);
        store.Open();

        Assert.Equal(Enumerable.Range(0, 65).Select(Text), await Task.WhenAll(tasks));
        Assert.Equal([1, 4, .. Enumerable.Repeat(5, 12)], store.Groups.Select(group => group.Length).Order());
    }

    [Fact]
    public async Task One_that_cannot_be_stored_takes_no_other_with_it()
    {
        var tasks = await FillAsync(2);
        Task<string>[] more = [.. tasks, queue.ExecuteAsync(10, default), queue.ExecuteAsync(-1, default), queue.ExecuteAsync(11, default)];
        store.Open();

        await Assert.ThrowsAsync<FormatException>(() => more[3]);
        Assert.Equal(["0", "1", "10", "11"], await Task.WhenAll(more.Where((_, i) => i != 3)));
        Assert.Equal("12", await queue.ExecuteAsync(12, default));
    }

    [Fact]
    public async Task What_may_have_been_committed_is_not_done_again()
    {
        var tasks = await FillAsync(1);
        Task<string>[] more = [queue.ExecuteAsync(10, default), queue.ExecuteAsync(-2, default)];
        store.Open();
        await Task.WhenAll(tasks);

        foreach (var task in more)
            Assert.True((await Assert.ThrowsAsync<StoreException>(() => task)).IsOutcomeUnknown);
        Assert.Single(store.Groups, group => group.Contains(10));
    }

    [Fact]
    public async Task Who_gives_up_before_the_transaction_is_left_out_and_afterwards_is_stored()
    {
        using var giveUp = new CancellationTokenSource();
        var under = await FillAsync(1, giveUp.Token);
        var (stays, goes) = (queue.ExecuteAsync(2, default), queue.ExecuteAsync(3, giveUp.Token));
        await giveUp.CancelAsync();
        store.Open();

        Assert.Equal(["0"], await Task.WhenAll(under));
        Assert.Equal("2", await stays);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => goes);
        Assert.DoesNotContain(3, store.Groups.SelectMany(group => group));
    }

    // The first one is under way; the others wait.
    private async Task<Task<string>[]> FillAsync(int count, CancellationToken cancellationToken = default)
    {
        var first = queue.ExecuteAsync(0, cancellationToken);
        await store.Entered(1);
        return [first, .. Enumerable.Range(1, count - 1).Select(number => queue.ExecuteAsync(number, default))];
    }

    private ValueTask<IReadOnlyList<string>> WorkAsync(IStoreSession session, IReadOnlyList<int> items, CancellationToken cancellationToken)
    {
        lock (store.Groups)
            store.Groups.Add([.. items]);
        if (items.Contains(-1))
            throw new FormatException();
        return items.Contains(-2) ? throw new StoreException("broken") { IsOutcomeUnknown = true } : new([.. items.Select(Text)]);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Work begins within the call, so that a test knows what has begun.</summary>
    private sealed class InPlace : TaskStarter
    {
        public override Task Start(Func<Task> work) => work();
    }

    /// <summary>Lets nothing through until it is opened.</summary>
    private sealed class GatedStore(IMicroblogStore inner) : IMicroblogStore
    {
        private readonly TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Channel<int> entered = Channel.CreateUnbounded<int>();
        private int seen;

        /// <summary>What was done together, in any order.</summary>
        public List<int[]> Groups { get; } = [];

        public IdSource Ids => inner.Ids;

        public int LanesPerTransaction => inner.LanesPerTransaction;

        public IBlobStore Blobs => inner.Blobs;

        public void Open() => gate.SetResult();

        /// <summary>How many have begun.</summary>
        public int Transactions => seen + entered.Reader.Count;

        public async Task Entered(int count)
        {
            for (; seen < count; seen++)
                await entered.Reader.ReadAsync();
        }

        public ValueTask StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

        public async ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
        {
            entered.Writer.TryWrite(0);
            await gate.Task;
            return await inner.ExecuteAsync(work, cancellationToken);
        }

        public ValueTask<T> ReadAsync<T>(
            Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
            inner.ReadAsync(freshness, work, cancellationToken);
    }
}
