using System.Collections.Concurrent;
using Microblog.AspNetCore;
using Microblog.Omb;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microblog.Federation.Tests.Provider;

/// <summary>A node for all tests of one class, who keep apart by their people. Without rate limits; what it logs is kept.</summary>
public sealed class ProviderNode : IAsyncLifetime
{
    private static int people;

    public TestNode Node { get; private set; } = null!;

    internal CapturedLog Log { get; } = new();

    internal AdjustableClock Clock { get; } = new();

    /// <summary>A node for a test that needs its own settings.</summary>
    internal static async Task<ProviderNode> StartAsync(
        Action<OmbOptions>? omb = null, Action<MicroblogOptions>? options = null, Action<IServiceCollection>? services = null)
    {
        var made = new ProviderNode();
        await made.StartNodeAsync(omb, options, services);
        return made;
    }

    public Task InitializeAsync() => StartNodeAsync(null, null, null);

    public async Task DisposeAsync() => await Node.DisposeAsync();

    /// <summary>A new person here, signed in under the nickname.</summary>
    public Task<Profile> JoinAsync() => Node.JoinAsync($"bob{Interlocked.Increment(ref people)}");

    public async Task<IReadOnlyList<Notice>> HeardAsync(Profile person) =>
        [.. (await Node.Node.HomeAsync(person.Id, PageRequest.Newest(200))).Select(entry => entry.Notice)];

    /// <summary>Whom a person hears, as that person sees them.</summary>
    public async Task<IReadOnlyList<SubscriptionEntry>> FollowedAsync(Profile person) =>
        await Node.Node.ReadAsync((session, ct) => session.Subscriptions.ListPublishersAsync(person.Id, null, 100, ct));

    public async Task UnsubscribeAsync(Profile person) =>
        Assert.True(await Node.Node.UnsubscribeAsync(person.Id, (await FollowedAsync(person)).Single().Subscription.Id));

    private async Task StartNodeAsync(Action<OmbOptions>? omb, Action<MicroblogOptions>? options, Action<IServiceCollection>? services) =>
        Node = await TestNode.StartAsync(
            microblog =>
            {
                microblog.Services.Configure<MicroblogWebOptions>(web => (web.RateLimits.Open, web.RateLimits.Page, web.RateLimits.Write) = (null, null, null));
                microblog.Services.AddSingleton<TimeProvider>(Clock);
                microblog.Services.AddLogging(log => log.SetMinimumLevel(LogLevel.Trace).AddProvider(Log));
                if (omb is not null)
                    microblog.Services.Configure(omb);
                services?.Invoke(microblog.Services);
            },
            options);
}

/// <summary>The system's clock, set forward or back; its timers run, for a whole node waits on them.</summary>
internal sealed class AdjustableClock : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
}

/// <summary>Everything that a node logs.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, string Text)> lines = [];

    public IReadOnlyList<(string Category, string Text)> Lines => [.. lines];

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<(string Category, string Text)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        // The values are captured besides the text: a structured log keeps them.
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(p => p.Value)) : "";
            lines.Enqueue((category, $"{logLevel} {formatter(state, exception)} {values} {exception}"));
        }
    }
}
