using System.Diagnostics;
using System.Globalization;

namespace Microblog.Load;

/// <summary>Measured values, and what stands for them.</summary>
internal sealed class Sample
{
    private readonly List<double> values = [];

    public int Count => values.Count;

    public double Median => Percentile(50);

    public void Add(double value) => values.Add(value);

    /// <summary>Measures cases in turn, a few times each, so that all meet the same weather; first to warm up.</summary>
    public static async Task TakeInTurnAsync<T>(IReadOnlyList<T> cases, TimeSpan warmUp, TimeSpan duration, Func<T, bool, Task> measureAsync)
    {
        foreach (var isWarmUp in new[] { true, false })
        {
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < (isWarmUp ? warmUp : duration);)
            {
                foreach (var one in cases)
                    await measureAsync(one, isWarmUp);
            }
        }
    }

    /// <summary>Cells of a table for values in microseconds: median, p95, and the median as a ratio to another one's.</summary>
    public string Beside(Sample least) => $"{Median:F0} µs | {Percentile(95):F0} µs | {Median / least.Median:F2}";

    /// <summary>The values in the order in which they were measured.</summary>
    public override string ToString() => ToString("F2");

    /// <inheritdoc cref="ToString()"/>
    public string ToString(string format) => string.Join(' ', values.Select(value => value.ToString(format, CultureInfo.InvariantCulture)));

    public double Percentile(int percent)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];
    }
}
