namespace Microblog.Remote;

/// <summary>What requests to other servers have shown about this machine: its clock and its network. In memory, bounded.</summary>
internal sealed class PeerObservations(TimeProvider clock)
{
    /// <summary>How many hosts are remembered, the last ones.</summary>
    private const int MaxHosts = 100;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (TimeSpan Offset, DateTimeOffset At)> clocks = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> failedSince = new(StringComparer.OrdinalIgnoreCase);
    private DateTimeOffset? answeredAt;
    private string failure = "";

    public void Note(RemoteRequest request, RemoteResult result)
    {
        var now = clock.GetUtcNow();
        lock (gate)
        {
            switch (result)
            {
                case RemoteResult.Answered answered:
                    answeredAt = now;
                    failedSince.Clear();
                    if (answered.Date is { } date)
                        Remember(answered.FinalUri.Host, date - now, now);
                    break;
                case RemoteResult.Failed { Reason: RemoteFailure.ConnectionFailed or RemoteFailure.NameNotFound or RemoteFailure.TimedOut } failed:
                    failure = $"{failed.Reason} at {now:u}: {failed.Detail}";
                    if (failedSince.Count < MaxHosts)
                        failedSince.Add(request.Uri.Host);
                    break;
            }
        }
    }

    /// <summary>By how much the other servers' clocks are ahead of ours, one figure for each.</summary>
    public IReadOnlyList<TimeSpan> ClockOffsets()
    {
        lock (gate)
            return [.. clocks.Values.Select(seen => seen.Offset)];
    }

    /// <summary>When somebody answered last, how many hosts have failed since, and how the last of all failed; empty when none has.</summary>
    public (DateTimeOffset? AnsweredAt, int FailedSince, string Failure) Reachability()
    {
        lock (gate)
            return (answeredAt, failedSince.Count, failure);
    }

    private void Remember(string host, TimeSpan offset, DateTimeOffset now)
    {
        if (clocks.Count >= MaxHosts && !clocks.ContainsKey(host))
            clocks.Remove(clocks.MinBy(seen => seen.Value.At).Key);
        clocks[host] = (offset, now);
    }
}
