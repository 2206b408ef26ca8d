using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Testing.Tests;

public sealed class ClockTests
{
    [Fact]
    public async Task A_skewed_clock_is_wrong_and_runs_no_faster()
    {
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://a.example/");
        var clock = node.Services.GetRequiredService<TimeProvider>();
        node.ClockSkew = TimeSpan.FromHours(-1);
        Assert.Equal(network.Now - TimeSpan.FromHours(1), clock.GetUtcNow());

        var began = clock.GetTimestamp();
        var wait = Task.Delay(TimeSpan.FromMinutes(1), clock);
        node.ClockSkew = TimeSpan.FromHours(1);
        await network.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.False(wait.IsCompleted);
        await network.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.True(wait.IsCompleted);
        Assert.Equal(TimeSpan.FromMinutes(1), clock.GetElapsedTime(began));
        Assert.Equal(network.Now + TimeSpan.FromHours(1), clock.GetUtcNow());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-4)]
    public async Task Nodes_whose_clocks_differ_within_the_tolerance_federate(int minutes)
    {
        await using var network = new SimulatedNetwork();
        var (ann, bob) = await Scenarios.FollowAsync(network);
        bob.Node.ClockSkew = TimeSpan.FromMinutes(minutes);
        await ann.PublishAsync("hello");
        await network.SettleAsync(TimeSpan.FromHours(1));
        Assert.Equal(["hello"], await Scenarios.ReadAsync(bob));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-3)]
    public async Task What_is_published_while_the_authors_clock_jumps_by_hours_arrives_once_and_in_order_when_it_is_right_again(int hours)
    {
        await using var network = new SimulatedNetwork();
        var (ann, bob) = await Scenarios.FollowAsync(network);
        foreach (var (content, skew) in new[] { ("one", 0), ("two", hours), ("three", 0) })
        {
            ann.Node.ClockSkew = TimeSpan.FromHours(skew);
            await ann.PublishAsync(content);
            await network.AdvanceAsync(TimeSpan.FromMinutes(10));
        }

        await network.SettleAsync(TimeSpan.FromHours(12));
        Assert.Equal(["one", "two", "three"], await Scenarios.ReadAsync(bob));
    }
}
