using System.Threading.RateLimiting;

namespace Microblog.Samples.Node.Accounts;

/// <summary>Slows down whoever guesses passwords or makes accounts in heaps: thirty attempts a minute from one address.</summary>
internal static class AttemptLimit
{
    public const string Name = "attempts";

    public static void AddAttemptLimit(this IServiceCollection services) => services.AddRateLimiter(options =>
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.AddPolicy(Name, context => RateLimitPartition.GetFixedWindowLimiter(
            context.Connection.RemoteIpAddress?.ToString() ?? "",
            _ => new FixedWindowRateLimiterOptions { PermitLimit = 30, Window = TimeSpan.FromMinutes(1) }));
    });
}
