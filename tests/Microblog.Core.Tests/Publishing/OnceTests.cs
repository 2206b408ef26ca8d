using Microblog.Storage;
using Microblog.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Core.Tests.Publishing;

/// <summary>Drafts that are published once, though they are sent again.</summary>
public sealed class OnceTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public async Task A_draft_with_a_key_that_was_there_before_is_refused_and_changes_nothing()
    {
        await using var services = InMemoryNode.Create(clock);
        await using var elsewhere = InMemoryNode.Create(clock, store: services.GetRequiredService<IMicroblogStore>());
        var node = services.GetRequiredService<MicroblogNode>();
        var alice = (await node.JoinAsync("alice", "alice")).Value;
        Assert.Null((await node.PublishAsync(alice.Id, Draft("hello", "a"))).Problem);
        Assert.Equal(NoticeDraft.PublishedAlready, (await node.PublishAsync(alice.Id, Draft("hello", "a"))).Problem);
        Assert.Equal(NoticeDraft.PublishedAlready, (await elsewhere.GetRequiredService<MicroblogNode>().PublishAsync(alice.Id, Draft("other", "a"))).Problem);
        Assert.Null((await node.PublishAsync(alice.Id, Draft("hello", "b"))).Problem);
        Assert.Equal(2, (await node.HomeAsync(alice.Id, PageRequest.Newest(9))).Count);
    }

    [Fact]
    public async Task A_draft_that_was_refused_for_another_reason_may_come_again()
    {
        await using var services = InMemoryNode.Create(clock);
        var node = services.GetRequiredService<MicroblogNode>();
        var alice = (await node.JoinAsync("alice", "alice")).Value;
        Assert.NotNull((await node.PublishAsync(alice.Id, Draft(" ", "a"))).Problem);
        Assert.Null((await node.PublishAsync(alice.Id, Draft("hello", "a"))).Problem);
    }

    [Fact]
    public async Task What_somebody_said_just_now_is_refused_where_the_draft_asks_for_that()
    {
        await using var services = InMemoryNode.Create(clock);
        var node = services.GetRequiredService<MicroblogNode>();
        var (alice, bob) = ((await node.JoinAsync("alice", "alice")).Value, (await node.JoinAsync("bob", "bob")).Value);
        var minute = TimeSpan.FromMinutes(1);
        Assert.Null((await node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello", NotAgainWithin = minute })).Problem);
        clock.Advance(minute);
        Assert.Equal(NoticeDraft.SaidAlready, (await node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello", NotAgainWithin = minute })).Problem);
        Assert.Null((await node.PublishAsync(alice.Id, new NoticeDraft { Content = "Hello", NotAgainWithin = minute })).Problem);
        Assert.Null((await node.PublishAsync(bob.Id, new NoticeDraft { Content = "hello", NotAgainWithin = minute })).Problem);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null((await node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello", NotAgainWithin = minute })).Problem);
        Assert.Null((await node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello" })).Problem);
    }

    [Fact]
    public async Task Of_two_drafts_at_once_that_say_the_same_one_is_published()
    {
        await using var services = InMemoryNode.Create(clock);
        var node = services.GetRequiredService<MicroblogNode>();
        var alice = (await node.JoinAsync("alice", "alice")).Value;
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello", NotAgainWithin = TimeSpan.FromMinutes(1) }))));
        Assert.Equal(7, outcomes.Count(outcome => outcome.Problem == NoticeDraft.SaidAlready));
        Assert.Single(await node.HomeAsync(alice.Id, PageRequest.Newest(9)));
    }

    private NoticeDraft Draft(string content, string key) =>
        new() { Content = content, Once = new OnceKey("tests", key, clock.GetUtcNow().AddHours(1)) };
}
