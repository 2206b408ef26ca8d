using System.Collections.Concurrent;
using Microblog.Http;
using Microsoft.Extensions.Options;

namespace Microblog.TwitterApi.Access;

/// <summary>Counts requests by person and application, or by address, from one full hour to the next.</summary>
internal sealed class CallerLimits(IOptions<TwitterApiOptions> options, TimeProvider clock)
{
    // Beyond it, all strangers share one count, so that nobody fills the memory.
    private const int MaxCounted = 100_000;

    private volatile Hour current = new(0);

    /// <summary>Counts a request.</summary>
    public Allowance Count(Caller? caller, NodeRequest request) => Look(caller, request, isCounted: true);

    /// <summary>What is left, without counting.</summary>
    public Allowance Look(Caller? caller, NodeRequest request) => Look(caller, request, isCounted: false);

    private Allowance Look(Caller? caller, NodeRequest request, bool isCounted)
    {
        var number = clock.GetUtcNow().ToUnixTimeSeconds() / 3600;
        var resetsAt = DateTimeOffset.FromUnixTimeSeconds((number + 1) * 3600);
        if (options.Value.RequestsPerHour is not { } limit)
            return new Allowance(0, 0, resetsAt);
        var hour = current;
        if (hour.Number != number)
            current = hour = new Hour(number);
        var key = caller?.Key ?? ClientNetwork.Of(request.RemoteAddress);
        if (hour.Counts.Count >= MaxCounted && !hour.Counts.ContainsKey(key))
            key = "";
        var used = isCounted ? hour.Counts.AddOrUpdate(key, 1, static (_, count) => count + 1) : hour.Counts.GetValueOrDefault(key);
        return new Allowance(limit, Math.Max(0, limit - used), resetsAt) { IsUsedUp = used > limit };
    }

    private sealed record Hour(long Number)
    {
        public ConcurrentDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);
    }
}

/// <summary>How much a caller may still ask.</summary>
/// <param name="Limit">In an hour; 0 for as much as they like.</param>
/// <param name="Remaining">Of it.</param>
/// <param name="ResetsAt">When all of it is there again.</param>
internal sealed record Allowance(int Limit, int Remaining, DateTimeOffset ResetsAt)
{
    /// <summary>Whether there was nothing left for this request.</summary>
    public bool IsUsedUp { get; init; }
}
