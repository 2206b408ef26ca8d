namespace Microblog.Live;

/// <summary>How many people may look on while notices come. What is out of range ends the start with a message that names it.</summary>
public sealed class LiveOptions
{
    /// <summary>Most open streams of this process; whoever comes then is answered 503. Default 5,000; 0 to 100,000. With 0 nothing is live.</summary>
    public int MaxConnections { get; set; } = 5_000;

    /// <summary>Most open streams of one person in this process; one more is answered 429. Default 8; 1 to 1,000.</summary>
    public int MaxPerPerson { get; set; } = 8;

    /// <summary>Most open streams of visitors from one address (IPv6: one /64) in this process; one more is answered 429. Default 100; 1 to 100,000.</summary>
    /// <remarks>Behind a proxy every visitor has the proxy's address unless the host uses forwarded headers.</remarks>
    public int MaxPerAddress { get; set; } = 100;

    /// <summary>Most open streams of all public notices (<c>/firehose</c>) of this process, four of one network (IPv6: one /64); whoever comes then is
    /// answered 503. Default 20; 0 to 1,000.</summary>
    public int MaxFirehoses { get; set; } = 20;
}
