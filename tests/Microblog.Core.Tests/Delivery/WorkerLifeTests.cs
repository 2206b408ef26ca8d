using Microblog.Delivery;
using Microblog.Diagnostics;
using Microblog.Scheduling;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microblog.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microblog.Tests.Delivery;

/// <summary>The worker's loop, from its start to whatever ends it.</summary>
public sealed class WorkerLifeTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly CountingStore store;

    public WorkerLifeTests() => store = new CountingStore(new InMemoryStore(clock));

    [Fact]
    public async Task A_cancellation_that_is_not_the_hosts_does_not_end_the_loop()
    {
        using var worker = Worker();
        store.FailOnce(new OperationCanceledException("the database gave up waiting"));
        await worker.StartAsync(CancellationToken.None);
        await clock.UntilAsync(() => store.Calls > 3);
        await worker.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Disposing_ends_the_loop_that_nobody_stopped_and_stopping_afterwards_is_allowed()
    {
        var worker = Worker();
        await worker.StartAsync(CancellationToken.None);
        await clock.UntilAsync(() => store.Calls > 0);
        worker.Dispose();
        // Its last turn may be under way still; when that is over, a thousand polls long nobody asks any more.
        var (calls, polls) = (store.Calls, 0);
        await clock.UntilAsync(() =>
        {
            polls = calls == store.Calls ? polls + 1 : 0;
            calls = store.Calls;
            return polls == 1_000;
        });
        await worker.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_host_that_has_no_time_left_stops_without_an_exception()
    {
        store.Hang();
        using var worker = Worker();
        await worker.StartAsync(CancellationToken.None);
        await clock.UntilAsync(() => store.Calls > 0);
        await worker.StopAsync(new CancellationToken(canceled: true));
    }

    private FanOutWorker Worker()
    {
        var starter = new TaskStarter();
        return new FanOutWorker(
            store, new DeliverySignal(starter), new QueueGauges(clock), starter, clock, Options.Create(new MicroblogOptions()), NullLogger<FanOutWorker>.Instance);
    }

    private sealed class CountingStore(IMicroblogStore inner) : IMicroblogStore
    {
        private Exception? failure;
        private bool hangs;
        private int calls;

        public int Calls => Volatile.Read(ref calls);

        public IdSource Ids => inner.Ids;

        public int LanesPerTransaction => inner.LanesPerTransaction;

        public IBlobStore Blobs => inner.Blobs;

        public void FailOnce(Exception with) => failure = with;

        public void Hang() => hangs = true;

        public ValueTask StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

        public ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref calls);
            if (hangs)
                return new ValueTask<T>(new TaskCompletionSource<T>().Task);
            return Interlocked.Exchange(ref failure, null) is { } thrown
                ? ValueTask.FromException<T>(thrown)
                : inner.ExecuteAsync(work, cancellationToken);
        }

        public ValueTask<T> ReadAsync<T>(
            Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
            inner.ReadAsync(freshness, work, cancellationToken);
    }
}
