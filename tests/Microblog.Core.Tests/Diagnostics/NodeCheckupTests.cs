using Microblog.Diagnostics;
using Microblog.Scheduling;
using Microblog.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Tests.Diagnostics;

public sealed class NodeCheckupTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public async Task However_many_ask_one_run_answers_them_for_five_seconds()
    {
        var begun = 0;
        var checkup = Checkup(_ => new(new Finding(Severity.Good, $"run {Interlocked.Increment(ref begun)}")));
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => LookAsync(checkup))));
        Assert.All(answers, answer => Assert.Equal("run 1", answer));
        clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal("run 1", await LookAsync(checkup));
        clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("run 2", await LookAsync(checkup));
    }

    [Fact]
    public async Task Whoever_hangs_up_takes_the_run_from_nobody()
    {
        var (begun, end) = (0, new TaskCompletionSource<Finding>());
        var checkup = Checkup(token =>
        {
            begun++;
            return new(end.Task.WaitAsync(token));
        });
        using var gone = new CancellationTokenSource();
        var leaving = checkup.RunAsync(gone.Token).AsTask();
        var staying = LookAsync(checkup);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        end.SetResult(new Finding(Severity.Good, "back"));
        Assert.Equal("back", await staying);
        Assert.Equal(1, begun);
    }

    [Fact]
    public async Task A_check_that_hangs_is_not_started_again_before_it_comes_back_even_if_whoever_asked_has_gone()
    {
        var (begun, end, token) = (0, new TaskCompletionSource<Finding>(), CancellationToken.None);
        var (starter, started) = (new Starter(), new TaskCompletionSource());
        var checkup = Checkup(
            t =>
            {
                (begun, token) = (begun + 1, t);
                started.TrySetResult();
                return new(end.Task);
            },
            starter);
        using var gone = new CancellationTokenSource();
        var leaving = checkup.RunAsync(gone.Token).AsTask();
        await started.Task;
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        for (var i = 0; i < 3; i++)
        {
            var looking = LookAsync(checkup);
            clock.Advance(TimeSpan.FromSeconds(5));
            Assert.Contains("hangs", await looking, StringComparison.Ordinal);
        }

        Assert.Equal(1, begun);
        Assert.True(token.IsCancellationRequested);
        end.SetResult(new Finding(Severity.Good, "back"));
        await starter.Last;
        string answer;
        while ((answer = await NextAsync(checkup)) != "back")
            Assert.Contains("hangs", answer, StringComparison.Ordinal);
        Assert.Equal(2, begun);
    }

    private async Task<string> NextAsync(NodeCheckup checkup)
    {
        clock.Advance(TimeSpan.FromSeconds(5));
        return await LookAsync(checkup);
    }

    private static async Task<string> LookAsync(NodeCheckup checkup) => Assert.Single(await checkup.RunAsync(default)).Finding.Message;

    private NodeCheckup Checkup(Func<CancellationToken, ValueTask<Finding>> look, TaskStarter? starter = null) =>
        new([new Check(look)], starter ?? new TaskStarter(), clock, NullLogger<NodeCheckup>.Instance);

    private sealed class Starter : TaskStarter
    {
        public Task Last { get; private set; } = Task.CompletedTask;

        public override Task Start(Func<Task> work) => Last = base.Start(work);
    }

    private sealed class Check(Func<CancellationToken, ValueTask<Finding>> look) : INodeCheck
    {
        public string Name => "it";

        public ValueTask<Finding> CheckAsync(CancellationToken cancellationToken) => look(cancellationToken);
    }
}
