namespace Microblog.Delivery;

/// <summary>Lets one lane go ahead to a destination; when it has brought an answer back, others go beside it as long as some are out.
/// So a destination that does not answer holds one lane, and not as many as may go there at once.</summary>
/// <remarks>Safe for concurrent use. Knows only what is out, so it stays as small as that.</remarks>
internal sealed class DestinationGate
{
    private readonly Dictionary<(string Protocol, string Host), Destination> destinations = [];

    /// <summary>Waits until the lane may go. Whoever entered leaves.</summary>
    /// <returns>False when the destination has not answered, so that the lane had better stay.</returns>
    public Task<bool> EnterAsync(Lane lane)
    {
        lock (destinations)
        {
            if (!destinations.TryGetValue(KeyOf(lane), out var destination))
                destinations[KeyOf(lane)] = destination = new Destination();
            destination.Lanes++;
            if (destination.Lanes == 1 || destination.HasAnswered)
                return Task.FromResult(true);
            // Each waits for a task of its own, as everywhere in the engine.
            var held = new TaskCompletionSource<bool>();
            destination.Held.Enqueue(held);
            return held.Task;
        }
    }

    /// <summary>Says that the lane is back.</summary>
    public void Leave(Lane lane, bool hasAnswered)
    {
        List<TaskCompletionSource<bool>> held;
        lock (destinations)
        {
            var destination = destinations[KeyOf(lane)];
            destination.HasAnswered = hasAnswered;
            held = [.. destination.Held];
            destination.Held.Clear();
            if (--destination.Lanes == 0)
                destinations.Remove(KeyOf(lane));
        }

        foreach (var next in held)
            next.SetResult(hasAnswered);
    }

    private static (string Protocol, string Host) KeyOf(Lane lane) => (lane.Protocol, lane.Destination);

    private sealed class Destination
    {
        public int Lanes { get; set; }

        public bool HasAnswered { get; set; }

        public Queue<TaskCompletionSource<bool>> Held { get; } = [];
    }
}
