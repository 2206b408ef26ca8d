namespace Microblog.Storage;

/// <summary>Draws the node's numbers: 41 bits of milliseconds since 2008-01-01 (until 2077), 6 of writer slot, 6 of counter.</summary>
/// <remarks>
/// <para>A counter that overflows borrows the next millisecond, and the numbers of a slot never go back, whatever the clock does:
/// they start above the last one that the store has seen.</para>
/// <para>A number is drawn before the transaction that stores it, so it may become visible later than a higher one. Whoever reads
/// forward would miss it. Therefore a drawn number stays open until its <see cref="DrawnId"/> is disposed, and a forward page ends
/// below <see cref="Horizon"/>.</para>
/// <para>Safe for many threads.</para>
/// </remarks>
public sealed class IdSource
{
    private const int CounterBits = 6;
    private const int SlotBits = 6;

    // 2008-01-01T00:00:00Z in Unix milliseconds.
    private const long Epoch = 1_199_145_600_000;

    private readonly TimeProvider clock;
    private readonly long slot;
    private readonly Lock gate = new();
    private readonly SortedSet<long> open = [];
    private long last;

    /// <param name="clock">The clock whose milliseconds the numbers carry.</param>
    /// <param name="slot">The writer slot, 0 to 63; one process at a time holds it.</param>
    /// <param name="last">The highest number of this slot in the store, or 0.</param>
    public IdSource(TimeProvider clock, int slot, long last)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, 1 << SlotBits);
        this.clock = clock;
        this.slot = slot;
        this.last = last;
    }

    /// <summary>Every number below this one that was drawn is visible to readers or never will be.</summary>
    /// <remarks>Read it before the rows: a number closed in between is then shown by the next page. <see cref="long.MaxValue"/> while none is open.</remarks>
    public long Horizon
    {
        get
        {
            lock (gate)
                return open.Count > 0 ? open.Min : long.MaxValue;
        }
    }

    /// <summary>As <see cref="Horizon"/>, and no number that is drawn later lies below it either.</summary>
    /// <remarks>For whoever reads forward: of two numbers that are drawn between this and the rows the higher one may become visible first.</remarks>
    public long ReadHorizon
    {
        get
        {
            lock (gate)
                return open.Count > 0 ? open.Min : last + 1;
        }
    }

    /// <summary>The highest number drawn so far, or what the store had before.</summary>
    public long Last
    {
        get
        {
            lock (gate)
                return last;
        }
    }

    /// <summary>Draws the next number. Dispose the result when its transaction has ended, whichever way.</summary>
    public DrawnId Draw()
    {
        lock (gate)
        {
            var first = First(clock.GetUtcNow());
            // Counter and slot are the low bits, so "one more than the last" must skip the other slots' numbers.
            last = first > last ? first : Next(last);
            open.Add(last);
            return new DrawnId(this, last);
        }
    }

    /// <summary>How many numbers share a millisecond.</summary>
    public const int PerMillisecond = 1 << (CounterBits + SlotBits);

    /// <summary>The lowest number that carries a moment, whoever draws it; the moment is cut to the millisecond.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The moment is before 2008, or too late for 53 bits.</exception>
    public static long FirstAt(DateTimeOffset time)
    {
        var milliseconds = time.ToUnixTimeMilliseconds() - Epoch;
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds, nameof(time));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(milliseconds, 1L << 41, nameof(time));
        return milliseconds * PerMillisecond;
    }

    /// <summary>The moment that a number carries.</summary>
    public static DateTimeOffset TimeOf(long id) => DateTimeOffset.FromUnixTimeMilliseconds((id >> (CounterBits + SlotBits)) + Epoch);

    internal void Close(long id)
    {
        lock (gate)
            open.Remove(id);
    }

    private long First(DateTimeOffset time) =>
        (Math.Max(0, time.ToUnixTimeMilliseconds() - Epoch) << (CounterBits + SlotBits)) | (slot << CounterBits);

    private long Next(long id)
    {
        var counter = id & ((1 << CounterBits) - 1);
        if (counter < (1 << CounterBits) - 1)
            return id + 1;
        var millisecond = (id >> (CounterBits + SlotBits)) + 1;
        return (millisecond << (CounterBits + SlotBits)) | (slot << CounterBits);
    }
}

/// <summary>A number whose transaction has not ended yet.</summary>
/// <param name="source">Where it was drawn.</param>
/// <param name="value">The number.</param>
public sealed class DrawnId(IdSource source, long value) : IDisposable
{
    /// <summary>The number.</summary>
    public long Value { get; } = value;

    /// <summary>The number as that of a notice.</summary>
    public NoticeId Notice => new(Value);

    /// <summary>The number as that of a profile.</summary>
    public ProfileId Profile => new(Value);

    /// <summary>The number as that of a subscription.</summary>
    public SubscriptionId Subscription => new(Value);

    /// <summary>The number as that of an attachment.</summary>
    public AttachmentId Attachment => new(Value);

    /// <summary>The number as that of a group.</summary>
    public GroupId Group => new(Value);

    /// <summary>The number as a place in a list.</summary>
    public TimelinePosition Position => new(Value);

    /// <summary>Says that the transaction has ended: the number is visible now, or never will be.</summary>
    public void Dispose() => source.Close(Value);
}
