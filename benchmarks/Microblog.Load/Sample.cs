using System.Globalization;

namespace Microblog.Load;

/// <summary>Measured values, and what stands for them.</summary>
internal sealed class Sample
{
    private readonly List<double> values = [];

    public int Count => values.Count;

    public double Median => Percentile(50);

    public void Add(double value) => values.Add(value);

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
