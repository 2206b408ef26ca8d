using Microblog.Delivery;

namespace Microblog.Storage.InMemory;

/// <summary>What lanes need from more than one facet: opening, closing, waking, and the part of the log that waits.</summary>
internal sealed class InMemoryLanes(InMemorySession session)
{
    public IEnumerable<LaneState> All => session.State.Lanes.Values;

    public LaneState? Find(Lane lane) =>
        All.FirstOrDefault(other => other.Lane.Author == lane.Author && other.Lane.Protocol == lane.Protocol && other.Lane.Endpoint == lane.Endpoint);

    /// <summary>Opens the lane for its author's log, from the next event on.</summary>
    public void Follow(Lane lane)
    {
        var known = Find(lane) ?? new LaneState { Id = session.NextNumber(), Lane = lane };
        if (!known.FollowsLog)
            Set(known with { FollowsLog = true, Position = session.State.LastNumber });
    }

    /// <summary>Has a lane go on at another endpoint; while the old one is needed, a second one begins where it stands.</summary>
    public void Move(Lane from, Lane to, bool isFromNeeded)
    {
        if (Find(from) is not { } known || Find(to) is not null)
            return;
        Set(isFromNeeded
            ? new LaneState { Id = session.NextNumber(), Lane = to, FollowsLog = true, Position = known.Position, DueAt = session.Now }
            : known with { Lane = to });
        Forget(known.Destination);
    }

    public LaneState FindOrOpen(Lane lane)
    {
        if (Find(lane) is { } known)
            return known;
        var opened = new LaneState { Id = session.NextNumber(), Lane = lane };
        Set(opened);
        return opened;
    }

    public void Close(Lane lane)
    {
        if (Find(lane) is { } known)
            Remove(known);
    }

    public void Remove(LaneState lane)
    {
        session.State = session.State with
        {
            Lanes = session.State.Lanes.Remove(lane.Id),
            Events = session.State.Events.RemoveRange(session.State.Events.Where(pair => pair.Value.LaneId == lane.Id).Select(pair => pair.Key)),
        };
        Forget(lane.Destination);
    }

    public void Set(LaneState lane) => session.State = session.State with { Lanes = session.State.Lanes.SetItem(lane.Id, lane) };

    /// <summary>Wakes idle lanes of an author that have not read the whole log, and leaves a job for those beyond the count.</summary>
    /// <returns>How many it woke.</returns>
    public int Wake(ProfileId author, int count)
    {
        var idle = All.Where(lane => lane.FollowsLog && lane.Lane.Author == author && lane.DueAt is null && Waiting(lane).Any()).ToList();
        foreach (var lane in idle.Take(count))
            Set(lane with { DueAt = session.Now });
        if (idle.Count > count && !session.State.Jobs.Any(job => job.Notice.IsNone && job.Author == author))
            session.State = session.State with { Jobs = session.State.Jobs.Add(new Job(default, author, default, 0, 0)) };
        return Math.Min(idle.Count, count);
    }

    // What is known of a destination goes with its last lane.
    private void Forget((string Protocol, string Host) destination)
    {
        if (!All.Any(lane => lane.Destination == destination))
            session.State = session.State with { Failing = session.State.Failing.Remove(destination) };
    }

    public IEnumerable<LoggedEvent> Waiting(LaneState lane) =>
        session.State.Events.Values.Where(logged => logged.LaneId == lane.Id
            || (logged.LaneId == 0 && lane.FollowsLog && logged.Event.Author == lane.Lane.Author && logged.Event.Number > lane.Position));
}
