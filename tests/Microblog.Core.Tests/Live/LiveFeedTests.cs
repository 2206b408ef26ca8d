using Microblog.Live;
using Microblog.Pages;
using Microblog.Policies;
using Microblog.Scheduling;
using Microblog.Storage;
using Microblog.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Core.Tests.Live;

/// <summary>The feed round by round, on one thread, so that a seed decides what happens when.</summary>
public sealed class LiveFeedTests : IAsyncDisposable
{
    private static readonly PageFrame Nobody = new("here", "", null);

    private readonly FakeTimeProvider clock = new();
    private readonly Gate policy = new();
    private readonly ServiceProvider services;
    private readonly MicroblogNode node;
    private readonly LiveFeed feed;

    public LiveFeedTests()
    {
        var collection = new ServiceCollection();
        collection.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        collection.AddSingleton<TimeProvider>(clock);
        collection.AddSingleton<TaskStarter, AtOnce>();
        collection.AddSingleton<INoticePolicy>(policy);
        collection.AddMicroblogCore(options =>
        {
            options.BaseUri = new Uri("https://here.example/");
            options.License = License.CcBy40;
            options.Live.MaxConnections = 5;
        }).UseInMemory();
        services = collection.BuildServiceProvider();
        node = services.GetRequiredService<MicroblogNode>();
        feed = services.GetRequiredService<LiveFeed>();
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Whoever_comes_again_with_the_last_id_misses_nothing_whenever_the_stream_broke(int seed)
    {
        var chance = new Random(seed);
        for (var world = 0; world < 20; world++)
        {
            var author = (await node.JoinAsync($"a{seed}-{world}", $"a{seed}x{world}")).Value;
            var list = new LiveList(LiveKind.Home, author.Id);
            var had = new HashSet<string>();
            var position = new TimelinePosition(0);
            var stream = Open(list, position);
            var held = new List<(TaskCompletionSource Gate, Task<Outcome<Notice>> Publication)>();
            var published = new List<Task<Outcome<Notice>>>();
            for (var step = 0; step < 60; step++)
            {
                clock.Advance(TimeSpan.FromMilliseconds(chance.Next(3)));
                switch (chance.Next(6))
                {
                    case 0:
                        // Its number is drawn now, and it is there when the policy lets it go.
                        policy.Next = new TaskCompletionSource();
                        held.Add((policy.Next, node.PublishAsync(author.Id, new NoticeDraft { Content = "late" })));
                        break;
                    case 1 when held.Count > 0:
                        var i = chance.Next(held.Count);
                        held[i].Gate.SetResult();
                        published.Add(held[i].Publication);
                        held.RemoveAt(i);
                        break;
                    case 2:
                        published.Add(node.PublishAsync(author.Id, new NoticeDraft { Content = "now" }));
                        break;
                    case 3:
                        // The rest of what was sent is lost on the way.
                        (var ids, position) = stream.Cut(chance.Next(8), position);
                        had.UnionWith(ids);
                        stream = Open(list, position);
                        break;
                    default:
                        await TellAllAsync();
                        break;
                }
            }

            foreach (var (gate, publication) in held)
            {
                gate.SetResult();
                published.Add(publication);
            }

            await TellAllAsync();
            had.UnionWith(stream.Cut(int.MaxValue, position).Ids);
            var all = (await Task.WhenAll(published)).Select(notice => notice.Value.Id.ToString());
            Assert.Empty(all.Except(had));
        }
    }

    [Fact]
    public async Task An_open_stream_is_sent_each_notice_once_also_while_a_lower_number_is_open()
    {
        var author = (await node.JoinAsync("alice", "alice")).Value;
        var stream = Open(new LiveList(LiveKind.Public, default), default);
        policy.Next = new TaskCompletionSource();
        var gate = policy.Next;
        var late = node.PublishAsync(author.Id, new NoticeDraft { Content = "late" });
        var first = await node.PublishAsync(author.Id, new NoticeDraft { Content = "first" });
        await TellAllAsync();
        await TellAllAsync();
        gate.SetResult();
        await TellAllAsync();
        await TellAllAsync();
        Assert.Equal([first.Value.Id.ToString(), (await late).Value.Id.ToString()], stream.Ids);
    }

    [Fact]
    public async Task Whoever_missed_more_than_a_page_is_told_to_load_it_anew_and_then_goes_on()
    {
        var author = (await node.JoinAsync("alice", "alice")).Value;
        for (var i = 0; i <= PageRequest.MaxCount; i++)
            await node.PublishAsync(author.Id, new NoticeDraft { Content = "n" });
        var stream = Open(new LiveList(LiveKind.Public, default), new TimelinePosition(1));
        await TellAllAsync();
        Assert.Contains("event: reload\n", stream.Text, StringComparison.Ordinal);
        Assert.Empty(stream.Ids);
        var next = await node.PublishAsync(author.Id, new NoticeDraft { Content = "next" });
        await TellAllAsync();
        Assert.Equal([next.Value.Id.ToString()], stream.Ids);
    }

    [Fact]
    public async Task Whoever_takes_nothing_off_is_cut_off_and_the_others_go_on()
    {
        var author = (await node.JoinAsync("alice", "alice")).Value;
        var list = new LiveList(LiveKind.Public, default);
        var quick = Open(list, default);
        Assert.Equal(LiveRoom.Given, feed.TryOpen(list, default, Nobody, "slow", 1, out var slow));
        var writing = feed.WriteAsync(slow!, new StuckStream(), default).AsTask();
        for (var i = 0; i <= LiveReader.Capacity + 1; i++)
        {
            Assert.False(writing.IsCompleted && i < LiveReader.Capacity);
            await node.PublishAsync(author.Id, new NoticeDraft { Content = "n" });
            await TellAllAsync();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        Assert.Equal(1, feed.Count);
        Assert.Equal(LiveReader.Capacity + 2, quick.Ids.Count);
    }

    [Fact]
    public void A_stream_lasts_ten_minutes_and_proves_until_then_that_it_lives()
    {
        var stream = Open(new LiveList(LiveKind.Public, default), default);
        feed.Beat(clock.GetUtcNow());
        clock.Advance(TimeSpan.FromSeconds(30));
        feed.Beat(clock.GetUtcNow());
        Assert.EndsWith(":\n\n:\n\n", stream.Text, StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromMinutes(9));
        feed.Beat(clock.GetUtcNow());
        Assert.False(stream.Writing.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(31));
        feed.Beat(clock.GetUtcNow());
        Assert.True(stream.Writing.IsCompletedSuccessfully);
        Assert.Equal(0, feed.Count);
    }

    [Fact]
    public void Nobody_holds_more_streams_than_allowed_and_closed_ones_do_not_count()
    {
        LiveRoom TryOpen(string holder, out LiveReader? reader) => feed.TryOpen(new LiveList(LiveKind.Public, default), default, Nobody, holder, 2, out reader);

        Assert.Equal(LiveRoom.Given, TryOpen("one", out var first));
        Assert.Equal(LiveRoom.Given, TryOpen("one", out _));
        Assert.Equal(LiveRoom.HolderHasEnough, TryOpen("one", out var refused));
        Assert.Null(refused);
        first!.End();
        Assert.True(feed.WriteAsync(first, new MemoryStream(), default).AsTask().IsCompleted);
        Assert.Equal(LiveRoom.Given, TryOpen("one", out _));
        Assert.Equal(LiveRoom.Given, TryOpen("two", out _));
        Assert.Equal(LiveRoom.Given, TryOpen("two", out _));
        Assert.Equal(LiveRoom.Given, TryOpen("three", out _));
        Assert.Equal(LiveRoom.NodeIsFull, TryOpen("three", out _));
    }

    [Fact]
    public async Task A_host_that_stops_ends_all_streams_and_lets_nobody_in()
    {
        var stream = Open(new LiveList(LiveKind.Public, default), default);
        await feed.StoppingAsync(default);
        Assert.True(stream.Writing.IsCompletedSuccessfully);
        Assert.Equal(LiveRoom.NodeIsFull, feed.TryOpen(new LiveList(LiveKind.Public, default), default, Nobody, "late", 1, out _));
    }

    // What is awaited goes on at once, on this thread, where nobody has a context of their own.
    private Task TellAllAsync()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        return feed.TellAllAsync(default);
    }

    private Received Open(LiveList list, TimelinePosition position)
    {
        SynchronizationContext.SetSynchronizationContext(null);
        Assert.Equal(LiveRoom.Given, feed.TryOpen(list, position, Nobody, "tester", 2, out var reader));
        var received = new Received(reader!);
        received.Writing = feed.WriteAsync(reader!, received.Output, default).AsTask();
        return received;
    }

    /// <summary>What has come to one browser.</summary>
    private sealed class Received(LiveReader reader)
    {
        public MemoryStream Output { get; } = new();

        public Task Writing { get; set; } = Task.CompletedTask;

        public string Text => System.Text.Encoding.UTF8.GetString(Output.ToArray());

        public IReadOnlyList<string> Ids => [.. Events(int.MaxValue).Select(NoticeOf).OfType<string>()];

        /// <summary>Breaks the stream after some of the events, and says what to begin with next time.</summary>
        public (IReadOnlyList<string> Ids, TimelinePosition Last) Cut(int events, TimelinePosition last)
        {
            reader.End();
            var had = Events(events);
            foreach (var id in had.SelectMany(e => e.Split('\n')).Where(line => line.StartsWith("id: ", StringComparison.Ordinal)))
                last = new TimelinePosition(long.Parse(id[4..], System.Globalization.CultureInfo.InvariantCulture));
            return ([.. had.Select(NoticeOf).OfType<string>()], last);
        }

        private List<string> Events(int count) =>
            [.. Text.Split("\n\n").Where(text => text.Contains("event:", StringComparison.Ordinal)).Take(count)];

        private static string? NoticeOf(string text) =>
            text.Split("\"id\":\"") is [_, var rest] ? rest[..rest.IndexOf('"', StringComparison.Ordinal)] : null;
    }

    /// <summary>Lets a notice through when the test says so.</summary>
    private sealed class Gate : INoticePolicy
    {
        public TaskCompletionSource? Next { get; set; }

        public async ValueTask<string?> ObjectToAsync(Notice notice, Profile author, CancellationToken cancellationToken)
        {
            var mine = Next;
            Next = null;
            if (mine is not null)
                await mine.Task;
            return null;
        }
    }

    private sealed class AtOnce : TaskStarter
    {
        public override Task Start(Func<Task> work) => work();
    }

    /// <summary>A connection whose other end reads nothing.</summary>
    private sealed class StuckStream : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
