namespace Microblog.Delivery;

/// <summary>Something that happened to an author and that others shall hear of. Rendered and signed when it is sent.</summary>
public sealed record DeliveryEvent
{
    /// <summary>Its place in the log, given by the store; 0 before it is stored.</summary>
    public long Number { get; init; }

    /// <summary>Whose event.</summary>
    public required ProfileId Author { get; init; }

    /// <summary>What happened.</summary>
    public required DeliveryEventKind Kind { get; init; }

    /// <summary>The notice it is about; none for a profile change.</summary>
    public NoticeId Notice { get; init; }

    /// <summary>What the protocol keeps with it; the store does not look inside.</summary>
    public string Data { get; init; } = "";
}

/// <summary>What happened.</summary>
public enum DeliveryEventKind
{
    /// <summary>A notice was published.</summary>
    Notice,

    /// <summary>The author's profile changed. Only the last one waits.</summary>
    Profile,

    /// <summary>Something is to be looked up elsewhere; only the lane's protocol knows what.</summary>
    Lookup,
}
