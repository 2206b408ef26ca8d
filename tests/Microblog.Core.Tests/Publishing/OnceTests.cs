using Microblog.Storage;
using Microblog.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Core.Tests.Publishing;

/// <summary>Drafts that are published once, whoever sends them again and wherever.</summary>
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

    private NoticeDraft Draft(string content, string key) =>
        new() { Content = content, Once = new OnceKey("tests", key, clock.GetUtcNow().AddHours(1)) };
}
