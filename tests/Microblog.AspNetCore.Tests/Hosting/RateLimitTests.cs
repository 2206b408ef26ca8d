using System.Net;

namespace Microblog.AspNetCore.Tests.Hosting;

public sealed class RateLimitTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Fact]
    public async Task Too_many_requests_are_answered_429_and_say_when_to_come_back()
    {
        await using var node = await TestNode.StartAsync(web: o => o.RateLimits.Page = new RateLimit(2, Long));
        for (var i = 0; i < 2; i++)
        {
            using var good = await node.GetAsync("/");
            Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        }

        using var refused = await node.GetAsync("/");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), Long);
        // Each class counts by itself.
        using var other = await node.PostRawAsync("/activity", null, ("a", "b"));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Own_writes_are_counted_by_person()
    {
        await using var node = await TestNode.StartAsync(web: o => o.RateLimits.Write = new RateLimit(1, Long));
        await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        using var first = await node.PostAsync("/notice", "alice", ("content", "one"));
        using var second = await node.PostAsync("/notice", "alice", ("content", "two"));
        using var other = await node.PostAsync("/notice", "bob", ("content", "three"));
        Assert.Equal(HttpStatusCode.SeeOther, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, other.StatusCode);
    }

    [Fact]
    public async Task Pushes_are_not_limited_unless_the_host_says_so()
    {
        await using var node = await TestNode.StartAsync();
        for (var i = 0; i < 2000; i++)
        {
            using var response = await node.PostRawAsync("/activity/a", null, ("a", "b"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task Pushes_are_limited_when_the_host_says_so()
    {
        await using var node = await TestNode.StartAsync(web: o => o.RateLimits.Push = new RateLimit(1, Long));
        using var first = await node.PostRawAsync("/activity/a", null, ("a", "b"));
        using var second = await node.PostRawAsync("/activity/a", null, ("a", "b"));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
    }
}
