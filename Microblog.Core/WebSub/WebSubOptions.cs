namespace Microblog.WebSub;

/// <summary>How feeds are sent to those who want them sent (W3C WebSub). What is out of range ends the start with a message that names it.</summary>
public sealed class WebSubOptions
{
    /// <summary>A hub elsewhere that sends the feeds in place of this node, and is told what is new in which. Default: none, the node is its own hub.</summary>
    public Uri? Hub { get; set; }

    /// <summary>For how long a subscription holds whose subscriber names no time. Default 10 days; from <see cref="ShortestLease"/> to <see cref="LongestLease"/>.</summary>
    public TimeSpan DefaultLease { get; set; } = TimeSpan.FromDays(10);

    /// <summary>What a shorter wish becomes. Default 5 minutes; 1 second to 1 day.</summary>
    /// <remarks>The subscriber learns what it got when it is asked to confirm (W3C WebSub §5.3).</remarks>
    public TimeSpan ShortestLease { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>What a longer wish becomes. Default 30 days; from <see cref="ShortestLease"/> to 365 days.</summary>
    public TimeSpan LongestLease { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Subscriptions to one feed. Default 1,000; 1 to 1,000,000.</summary>
    public int SubscriptionsPerFeed { get; set; } = 1_000;

    /// <summary>Subscriptions whose callbacks lie on one host. Default 5,000; 1 to 1,000,000.</summary>
    public int SubscriptionsPerHost { get; set; } = 5_000;

    /// <summary>Subscriptions that one network asked for (IPv6: one /64). Default 5,000; 1 to 1,000,000.</summary>
    public int SubscriptionsPerNetwork { get; set; } = 5_000;

    /// <summary>Subscriptions to feeds that are not one person's, all together. Default 1,000; 0 for none, up to 10,000.</summary>
    /// <remarks>Every second each such feed is looked at.</remarks>
    public int SubscriptionsToLists { get; set; } = 1_000;

    /// <summary>Requests that wait at one callback's host to be confirmed; further ones are refused. Default 20; 1 to 1,000.</summary>
    public int RequestsPerHost { get; set; } = 20;
}
