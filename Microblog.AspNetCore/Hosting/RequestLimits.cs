using System.Globalization;
using System.Threading.RateLimiting;
using Microblog.Http;
using Microblog.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.AspNetCore.Hosting;

/// <summary>Counts requests by their class, so that nobody keeps the others from being served.</summary>
internal sealed class RequestLimits : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext>?[] limiters = new PartitionedRateLimiter<HttpContext>?[Enum.GetValues<RateClass>().Length];
    private readonly IHostIdentity identity;
    private readonly ILogger<RequestLimits> logger;

    public RequestLimits(IOptions<MicroblogWebOptions> options, IHostIdentity identity, ILogger<RequestLimits> logger)
    {
        (this.identity, this.logger) = (identity, logger);
        var limits = options.Value.RateLimits;
        limiters[(int)RateClass.Page] = Create(limits.Page, Address);
        limiters[(int)RateClass.Write] = Create(limits.Write, Person);
        limiters[(int)RateClass.Open] = Create(limits.Open, Address);
        limiters[(int)RateClass.Push] = Create(limits.Push, Address);
        limiters[(int)RateClass.Client] = Create(limits.Client, Address);
    }

    /// <summary>The refusal, or <see langword="null"/> to go on.</summary>
    public NodeResponse? Refuse(RateClass rate, HttpContext context)
    {
        if (limiters[(int)rate] is not { } limiter)
            return null;
        using var lease = limiter.AttemptAcquire(context);
        if (lease.IsAcquired)
            return null;
        logger.RateLimited(rate);
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
        return NodeResponse.Text(429, "Too many requests. Wait a little.").With("Retry-After", wait.ToString(CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        foreach (var limiter in limiters)
            limiter?.Dispose();
    }

    private static PartitionedRateLimiter<HttpContext>? Create(RateLimit? limit, Func<HttpContext, string> key)
    {
        if (limit is null)
            return null;
        // Twenty refills a window, so that nobody waits a whole one.
        var options = new TokenBucketRateLimiterOptions
        {
            TokenLimit = limit.Permits,
            TokensPerPeriod = Math.Max(1, limit.Permits / 20),
            ReplenishmentPeriod = limit.Window / Math.Min(20, limit.Permits),
            QueueLimit = 0,
        };
        return PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(key(context), _ => options));
    }

    private string Person(HttpContext context) => identity.Identify(context.User)?.Subject is { } subject ? "person:" + subject : Address(context);

    private static string Address(HttpContext context) => ClientNetwork.Of(context.Connection.RemoteIpAddress);
}
