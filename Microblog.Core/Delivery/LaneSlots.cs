namespace Microblog.Delivery;

/// <summary>How many lanes may be out. A lane that is out for long moves to the slow slots, so that a peer which does not answer blocks
/// nobody else; when those are full, it keeps its place among the others. One that is back and only waits for the store takes none, so
/// that settlements and leases carry many lanes, unless too many wait there.</summary>
/// <remarks>Asked by the worker's loop alone; a trip tells from elsewhere how far it is.</remarks>
internal sealed class LaneSlots(int size, int slowSize, int backSize, TimeSpan slowAfter, TimeProvider clock)
{
    private readonly List<Trip> trips = [];

    public IEnumerable<Task> Running => trips.Select(trip => trip.Task);

    public int Free
    {
        get
        {
            trips.RemoveAll(trip => trip.Task.IsCompleted);
            var (quick, slow, back) = Count();
            return size - quick - Math.Max(0, slow - slowSize) - Math.Max(0, back - backSize);
        }
    }

    /// <summary>When the next lane moves to the slow slots and leaves a place; <see langword="null"/> when none does.</summary>
    public TimeSpan? NextMove
    {
        get
        {
            var (quick, slow, _) = Count();
            return quick == 0 || slow >= slowSize
                ? null
                : trips.Select(trip => trip.Since(clock)).Where(since => since < slowAfter).Min(since => slowAfter - since);
        }
    }

    /// <summary>Adds a lane. While it is held it takes no slot.</summary>
    public void Add(Trip trip) => trips.Add(trip);

    private (int Quick, int Slow, int Back) Count()
    {
        var (quick, slow, back) = (0, 0, 0);
        foreach (var trip in trips)
        {
            if (trip.IsBack)
                back++;
            else if (trip.Since(clock) is not { } since)
                continue;
            else if (since < slowAfter)
                quick++;
            else
                slow++;
        }

        return (quick, slow, back);
    }

    /// <summary>One lane from its lease to its settlement.</summary>
    public sealed class Trip
    {
        private const long Held = long.MinValue;
        private const long Back = long.MaxValue;
        private long sentAt = Held;

        public Task Task { get; set; } = Task.CompletedTask;

        /// <summary>Says that it goes out now.</summary>
        public void Go(TimeProvider clock) => Volatile.Write(ref sentAt, clock.GetTimestamp());

        /// <summary>Says that all that was to be sent is answered or has failed.</summary>
        public void ComeBack() => Volatile.Write(ref sentAt, Back);

        /// <summary>Whether it waits to be settled.</summary>
        public bool IsBack => Volatile.Read(ref sentAt) == Back;

        /// <summary>For how long it has been out; <see langword="null"/> while it is held, and when it is back.</summary>
        public TimeSpan? Since(TimeProvider clock) => Volatile.Read(ref sentAt) is var at and not Held and not Back ? clock.GetElapsedTime(at) : null;
    }
}
