using System.Security.Cryptography;

namespace Microblog.Scheduling;

/// <summary>The one source of chance that decides when or in which order something happens, so that a simulated network can replay it.</summary>
/// <remarks>Secrets never come from here; they come from <see cref="RandomNumberGenerator"/>.</remarks>
public class RandomSource
{
    /// <summary>A number from 0 to below <paramref name="limit"/>, each as likely as the others.</summary>
    public virtual int Next(int limit) => RandomNumberGenerator.GetInt32(limit);

    /// <summary>A part of a duration, each as likely as the others: full jitter.</summary>
    public TimeSpan PartOf(TimeSpan whole) => whole * (Next(1 << 20) / (double)(1 << 20));
}
