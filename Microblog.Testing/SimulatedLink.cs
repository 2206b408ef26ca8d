namespace Microblog.Testing;

/// <summary>The way from one host to another; the way back is another link.</summary>
public sealed class SimulatedLink
{
    internal SimulatedLink(string from, string to) => (From, To) = (from, to);

    /// <summary>Who sends.</summary>
    public string From { get; }

    /// <summary>Who is asked.</summary>
    public string To { get; }

    /// <summary>What goes wrong on this link; <see langword="null"/> for <see cref="SimulatedNetwork.Faults"/>.</summary>
    public LinkFaults? Faults { get; set; }

    /// <summary>Whether every connection is refused.</summary>
    public bool IsCut { get; set; }
}

/// <summary>What goes wrong between two hosts, as chances from 0 (never, the default) to 1 (always), each drawn from the network's seed.</summary>
/// <exception cref="ArgumentOutOfRangeException">A chance is none, or a time is negative.</exception>
public sealed record LinkFaults
{
    /// <summary>Nothing.</summary>
    public static LinkFaults None { get; } = new();

    /// <summary>The connection breaks before the request took effect.</summary>
    public double LostRequests { get; init => field = Chance(value); }

    /// <summary>The connection breaks, or hangs, after the request took effect.</summary>
    public double LostAnswers { get; init => field = Chance(value); }

    /// <summary>The request arrives a second time, within <see cref="DuplicateWithin"/>.</summary>
    public double Duplicates { get; init => field = Chance(value); }

    /// <summary>How late a second copy may be. Default one minute.</summary>
    public TimeSpan DuplicateWithin { get; init => field = Positive(value); } = TimeSpan.FromMinutes(1);

    /// <summary>The connection is taken and nothing more comes: the sender has to give up by itself.</summary>
    public double Hangs { get; init => field = Chance(value); }

    /// <summary>Something on the way answers with one of <see cref="Statuses"/>, and the request never arrives.</summary>
    public double Errors { get; init => field = Chance(value); }

    /// <summary>The statuses of <see cref="Errors"/>. Default: 502 and 503.</summary>
    public IReadOnlyList<int> Statuses
    {
        get;
        init => field = value.Count > 0 ? value : throw new ArgumentException("Name a status.", nameof(value));
    } = [502, 503];

    /// <summary>The <c>Retry-After</c> of <see cref="Errors"/>, in whole seconds; none by default.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Each way takes up to this much longer, so that requests overtake each other. Without it 1 to 50 ms.</summary>
    public TimeSpan MaxDelay { get; init => field = Positive(value); }

    internal static double Chance(double value) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A chance is from 0 to 1.");

    private static TimeSpan Positive(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
        return value;
    }
}
