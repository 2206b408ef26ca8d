using System.Globalization;

namespace Microblog.Delivery;

/// <summary>What is out of range in the delivery options; each message names the option, its value and the remedy.</summary>
internal static class DeliveryProblems
{
    public static IEnumerable<string> In(DeliveryOptions options) => new[]
    {
        Check(nameof(options.ParallelLanes), options.ParallelLanes, 1, 1_000),
        Check(nameof(options.ParallelSlowLanes), options.ParallelSlowLanes, 0, 10_000),
        Check(nameof(options.ParallelFailingLanes), options.ParallelFailingLanes, 1, 1_000),
        Check(nameof(options.PerDestination), options.PerDestination, 1, 1_000),
        Check(nameof(options.BatchSize), options.BatchSize, 1, 1_000),
        Check(nameof(options.SlowAfter), options.SlowAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)),
        Check(nameof(options.LeaseDuration), options.LeaseDuration, TimeSpan.FromSeconds(30), TimeSpan.FromDays(1)),
        Check(nameof(options.PollInterval), options.PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
        Check(nameof(options.FirstRetry), options.FirstRetry, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
        Check(nameof(options.LongestRetry), options.LongestRetry, options.FirstRetry, TimeSpan.FromDays(7)),
        Check(nameof(options.GiveUpAfter), options.GiveUpAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(365)),
        Check(nameof(options.LateAfter), options.LateAfter, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)),
    }.OfType<string>();

    private static string? Check<T>(string name, T value, T least, T most)
        where T : struct, IComparable<T>, IFormattable =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0 ? null : string.Create(
            CultureInfo.InvariantCulture, $"MicroblogOptions.Delivery.{name} is {value}. Set it from {least} to {most}.");
}
