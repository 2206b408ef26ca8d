namespace Microblog.Delivery;

/// <summary>What became of one delivery.</summary>
public abstract record DeliveryOutcome
{
    private DeliveryOutcome()
    {
    }

    /// <summary>The peer has it, or there was nothing to say to it.</summary>
    public static DeliveryOutcome Delivered { get; } = new Done();

    /// <summary>This node stopped, or the lease is about to end, before the answer came.</summary>
    public static DeliveryOutcome Stopped { get; } = new Interrupted();

    /// <summary>The peer has it.</summary>
    public sealed record Done : DeliveryOutcome;

    /// <summary>The peer will never take this one; the lane goes on with the next.</summary>
    public sealed record Refused(string Reason) : DeliveryOutcome;

    /// <summary>This one and all after it wait.</summary>
    /// <param name="Reason">What failed, in words for the queue page.</param>
    /// <param name="NotBefore">When the peer asked us to come back (<c>Retry-After</c>); <see langword="null"/> when it did not say.</param>
    /// <param name="IsDestinationFailing">Whether the whole destination seems to be down rather than this lane alone.</param>
    public sealed record TryAgain(string Reason, DateTimeOffset? NotBefore, bool IsDestinationFailing) : DeliveryOutcome;

    /// <summary>This one and all after it were not tried, or were broken off: the peer may have it or not, and it goes on at once, here or
    /// in another process.</summary>
    public sealed record Interrupted : DeliveryOutcome;

    /// <summary>Nobody listens at this endpoint any more. The protocol has ended the subscriptions there, and the lane went with the last of them.</summary>
    public sealed record Gone(string Reason) : DeliveryOutcome;
}
