using Microblog.Diagnostics;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Remote;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microblog.Testing;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microblog.Tests.Diagnostics;

public sealed class CheckTests
{
    private readonly FakeTimeProvider clock = new();

    [Theory]
    [InlineData(new[] { 0, 1, -1 }, Severity.Good, "agrees")]
    [InlineData(new int[0], Severity.Good, "No other server has told")]
    [InlineData(new[] { 900, 900 }, Severity.Good, "Only 2 other servers have told the time since the start; 3 are needed")]
    [InlineData(new[] { 0, 0, 9_000 }, Severity.Good, "agrees")]
    [InlineData(new[] { 90, 91, 0 }, Severity.Warning, "90 seconds behind")]
    [InlineData(new[] { -400, -400, -401, 5 }, Severity.Warning, "400 seconds ahead of")]
    public async Task The_clock_is_judged_by_most_of_several_servers(int[] secondsAhead, Severity severity, string text)
    {
        using var remote = Remote((request, now) => new HttpResponseMessage
        {
            Headers = { Date = now.AddSeconds(secondsAhead[int.Parse(request.RequestUri!.Host.Split('.')[0][1..], System.Globalization.CultureInfo.InvariantCulture)]) },
        });
        for (var i = 0; i < secondsAhead.Length; i++)
            await remote.SendAsync(RemoteRequest.Get(new Uri($"https://h{i}.example/")), default);
        var finding = await new ClockCheck(remote).CheckAsync(default);
        Assert.Equal(severity, finding.Severity);
        Assert.Contains(text, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_server_that_answers_often_counts_once()
    {
        using var remote = Remote((_, now) => new HttpResponseMessage { Headers = { Date = now.AddHours(1) } });
        for (var i = 0; i < 10; i++)
            await remote.SendAsync(RemoteRequest.Get(new Uri("https://same.example/")), default);
        Assert.StartsWith("Only 1 other server has told", (await new ClockCheck(remote).CheckAsync(default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_network_is_broken_when_several_servers_failed_and_none_answered_since()
    {
        var isDown = true;
        using var remote = Remote((_, _) => isDown ? throw new HttpRequestException(HttpRequestError.ConnectionError, "refused") : new HttpResponseMessage());
        var check = new OutboundCheck(remote);
        Assert.Equal(Severity.Good, (await check.CheckAsync(default)).Severity);
        for (var i = 0; i < 3; i++)
        {
            await remote.SendAsync(RemoteRequest.Get(new Uri($"https://h{i}.example/")), default);
            Assert.Equal(i < 2 ? Severity.Good : Severity.Warning, (await check.CheckAsync(default)).Severity);
        }

        var finding = await check.CheckAsync(default);
        Assert.Contains("3 different ones", finding.Message, StringComparison.Ordinal);
        Assert.Contains("h2.example", finding.Message, StringComparison.Ordinal);
        isDown = false;
        await remote.SendAsync(RemoteRequest.Get(new Uri("https://h0.example/")), default);
        Assert.Equal(Severity.Good, (await check.CheckAsync(default)).Severity);
    }

    [Fact]
    public async Task An_address_that_may_not_be_contacted_says_nothing_about_the_network()
    {
        using var remote = Remote((_, _) => new HttpResponseMessage());
        for (var i = 1; i < 5; i++)
            await remote.SendAsync(RemoteRequest.Get(new Uri($"http://10.0.0.{i}/")), default);
        Assert.Equal(Severity.Good, (await new OutboundCheck(remote).CheckAsync(default)).Severity);
    }

    [Fact]
    public async Task A_store_that_writes_is_well_and_one_that_does_not_is_broken()
    {
        Assert.Equal(Severity.Good, (await new StoreCheck(new InMemoryStore(clock), clock).CheckAsync(default)).Severity);
        var finding = await new StoreCheck(new BrokenStore(), clock).CheckAsync(default);
        Assert.Equal(Severity.Failure, finding.Severity);
        Assert.Contains("disk full", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_were_lost_since_an_earlier_run_are_missed()
    {
        var store = new InMemoryStore(clock);
        Assert.Equal(Severity.Good, (await Keys(store, 1)).Severity);
        Assert.Equal(Severity.Good, (await Keys(store, 1)).Severity);
        var finding = await Keys(store, 2, replaceLost: true);
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Contains("are gone", finding.Message, StringComparison.Ordinal);
        Assert.Equal(Severity.Good, (await Keys(store, 2)).Severity);
    }

    [Fact]
    public async Task Keys_that_cannot_be_opened_are_not_replaced_unless_the_host_says_so()
    {
        var store = new InMemoryStore(clock);
        await Keys(store, 1);
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Keys(store, 2));
        Assert.Contains("PersistKeysToFileSystem", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("MicroblogOptions.ReplaceLostKeys", refusal.Message, StringComparison.Ordinal);
        // Whoever can open them still does.
        Assert.Equal(Severity.Good, (await Keys(store, 1)).Severity);
    }

    [Theory]
    [InlineData(false, false, Severity.Good, "neither")]
    [InlineData(true, false, Severity.Warning, "AllowRequestsToLoopbackAddresses of")]
    [InlineData(true, true, Severity.Warning, "AllowRequestsToLoopbackAddresses and AllowRequestsToPrivateNetworks of")]
    public async Task Opened_networks_are_named(bool loopback, bool privateNetworks, Severity severity, string text)
    {
        var options = new RemoteOptions { AllowRequestsToLoopbackAddresses = loopback, AllowRequestsToPrivateNetworks = privateNetworks };
        var finding = await new NetworkGuardCheck(Options.Create(options)).CheckAsync(default);
        Assert.Equal(severity, finding.Severity);
        Assert.Contains(text, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Development", Severity.Good)]
    [InlineData("Production", Severity.Warning)]
    public async Task In_Development_open_networks_are_as_they_should_be(string environment, Severity severity)
    {
        var options = Options.Create(new RemoteOptions { AllowRequestsToLoopbackAddresses = true });
        Assert.Equal(severity, (await new NetworkGuardCheck(options, new HostEnvironment(environment)).CheckAsync(default)).Severity);
    }

    private static async Task<Finding> Keys(IMicroblogStore store, byte key, bool replaceLost = false)
    {
        var protector = new Protector(key);
        var keys = new NodeKeys(store, protector, Options.Create(new MicroblogOptions { ReplaceLostKeys = replaceLost }));
        await keys.StartAsync(default);
        return await new ProtectorCheck(protector, keys).CheckAsync(default);
    }

    private RemoteClient Remote(Func<HttpRequestMessage, DateTimeOffset, HttpResponseMessage> answer) =>
        new(Options.Create(new RemoteOptions()), clock, NullLogger<RemoteClient>.Instance, new Peers(request => answer(request, clock.GetUtcNow())));

    private sealed class Peers(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }

    // Enough of a seal to tell one key from another.
    private sealed class Protector(byte key) : ISecretProtector
    {
        public byte[] Protect(ReadOnlySpan<byte> secret) => [key, .. secret];

        public byte[]? Unprotect(ReadOnlySpan<byte> sealedSecret) => sealedSecret[0] == key ? sealedSecret[1..].ToArray() : null;
    }

    private sealed class HostEnvironment(string name) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = name;

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }

    private sealed class BrokenStore : IMicroblogStore
    {
        public IdSource Ids => throw new StoreException("disk full");

        public int LanesPerTransaction => 1;

        public IBlobStore Blobs => throw new NotSupportedException();

        public ValueTask StartAsync(CancellationToken cancellationToken) => throw new StoreException("disk full");

        public ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
            throw new StoreException("disk full");

        public ValueTask<T> ReadAsync<T>(Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
            throw new StoreException("disk full");
    }
}
