using Microblog.Moderation;
using Microblog.Storage.InMemory;
using Microblog.Testing;
using Microblog.TwitterApi.Access;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Tests.Access;

/// <summary>Who calls by HTTP Basic.</summary>
public sealed class PasswordCallTests : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider clock = new();
    private InMemoryStore store = null!;
    private AccessNode node = null!;
    private Profile alice = null!;
    private string password = "";

    public async Task InitializeAsync()
    {
        store = new InMemoryStore(clock);
        node = new AccessNode(clock, store, options => options.AcceptBasic = true);
        alice = await node.JoinAsync("alice");
        password = (await node.Passwords.MakeAsync(alice.Id, "phone")).Value.Text;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => node.Dispose();

    [Fact]
    public async Task A_nickname_and_an_application_password_read_and_write()
    {
        var (caller, refusal) = await node.FindAsync(Requests.Basic($"alice:{password}"), isWrite: true);

        Assert.Null(refusal);
        Assert.Equal(alice, caller!.Person);
        Assert.True(caller.MayWrite);
        Assert.Equal("", caller.ApplicationName);
        var another = (await node.Passwords.MakeAsync(alice.Id, "phone")).Value.Text;
        Assert.Equal(caller.Key, (await node.FindAsync(Requests.Basic($"ALICE:{another}"))).Caller!.Key);
    }

    [Theory]
    [InlineData("alice:wrong")]
    [InlineData("alice:")]
    [InlineData("alice")]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("bob:PASSWORD")]
    [InlineData("alice:PASSWORD:more")]
    [InlineData("alice::PASSWORD")]
    [InlineData("PASSWORD:alice")]
    [InlineData("alice:PASSWORD\0")]
    public async Task Another_pair_is_refused_with_a_challenge(string pair)
    {
        await node.JoinAsync("bob");

        var (caller, refusal) = await node.FindAsync(Requests.Basic(pair.Replace("PASSWORD", password, StringComparison.Ordinal)));

        Assert.Null(caller);
        Assert.Equal((401, 32), (refusal!.Status, refusal.Code));
        Assert.Contains(new("WWW-Authenticate", "Basic realm=\"Here \\\"& there\\\" API\""), refusal.Headers);
    }

    [Theory]
    [InlineData("YWxpY2U6YTpi", "alice", "a:b")]
    [InlineData("  YWxpY2U6Og==", "alice", ":")]
    [InlineData("OmE6Yg==", "", "a:b")]
    [InlineData("xI1hajp4", "čaj", "x")]
    public void A_pair_is_split_at_its_first_colon_and_is_UTF_8(string encoded, string nickname, string expected)
    {
        Assert.True(BasicCredentials.TryParse("bAsIc " + encoded, out var credentials));
        Assert.Equal((nickname, expected), (credentials.Nickname, credentials.Password));
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic !")]
    [InlineData("Basic YWxpY2U6")]
    [InlineData("Basic //////8=")]
    public async Task What_is_no_pair_is_refused(string header) =>
        Assert.Equal(401, (await node.FindAsync(Requests.Of("GET", "/micro/api/test.json", header))).Refusal!.Status);

    [Fact]
    public async Task A_pair_that_is_too_long_is_refused() =>
        Assert.Equal(401, (await node.FindAsync(Requests.Basic("alice:" + new string('x', 5000)))).Refusal!.Status);

    [Fact]
    public async Task Passwords_are_refused_unless_the_host_switched_them_on_and_they_came_by_TLS()
    {
        using var off = new AccessNode(clock, store);
        using var open = new AccessNode(clock, store, options => options.AcceptBasic = options.AcceptBasicWithoutTls = true);

        Assert.NotNull((await open.FindAsync(Requests.Basic($"alice:{password}", isSecure: false))).Caller);
        var plain = (await node.FindAsync(Requests.Basic($"alice:{password}", isSecure: false))).Refusal!;
        Assert.Equal(401, plain.Status);
        var refused = (await off.FindAsync(Requests.Basic($"alice:{password}"))).Refusal!;
        Assert.Equal(401, refused.Status);
        Assert.DoesNotContain(refused.Headers, header => header.Value.StartsWith("Basic", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_removed_password_ends_at_once_in_every_process()
    {
        using var other = new AccessNode(clock, store, options => options.AcceptBasic = true);
        Assert.NotNull((await other.FindAsync(Requests.Basic($"alice:{password}"))).Caller);

        await node.Passwords.RemoveAsync(alice.Id, (await node.Passwords.ListAsync(alice.Id)).Single().Key);

        Assert.Equal(401, (await other.FindAsync(Requests.Basic($"alice:{password}"))).Refusal!.Status);
    }

    [Fact]
    public async Task Who_is_suspended_is_refused_and_who_has_left_is_unknown()
    {
        await node.Moderation.JudgeAsync("mod", alice.Uri, Standing.Suspended, "spam");
        var refusal = (await node.FindAsync(Requests.Basic($"alice:{password}"))).Refusal!;
        Assert.Equal((403, 64), (refusal.Status, refusal.Code));

        await node.Node.LeaveAsync(alice.Id);
        Assert.Equal(401, (await node.FindAsync(Requests.Basic($"alice:{password}"))).Refusal!.Status);
    }

    [Fact]
    public async Task Whoever_guesses_is_stopped_for_the_hour_and_nobody_else()
    {
        for (var attempt = 0; attempt < 20; attempt++)
            Assert.Equal(401, await StatusAsync($"alice:wrong{attempt}", "2001:db8::1"));

        // Another address of the same network is the same guesser.
        Assert.Equal(429, await StatusAsync($"alice:{password}", "2001:db8::2"));
        Assert.Equal(429, await StatusAsync($"ALICE:{password}", "2001:db8::1"));
        Assert.Equal(200, await StatusAsync($"alice:{password}", "2001:db8:0:1::1"));
        Assert.Equal(401, await StatusAsync("bob:wrong", "2001:db8::1"));

        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(200, await StatusAsync($"alice:{password}", "2001:db8::1"));
    }

    [Fact]
    public async Task Whoever_guesses_at_many_names_is_stopped_too()
    {
        for (var attempt = 0; attempt < 200; attempt++)
            Assert.Equal(401, await StatusAsync($"nobody{attempt}:wrong", "192.0.2.7"));

        Assert.Equal(429, await StatusAsync($"alice:{password}", "192.0.2.7"));
        Assert.Equal(200, await StatusAsync($"alice:{password}", "192.0.2.8"));
    }

    private async Task<int> StatusAsync(string pair, string from)
    {
        var (caller, refusal) = await node.FindAsync(Requests.Basic(pair, from: from));
        return caller is null ? refusal!.Status : 200;
    }
}
