namespace Microblog.Federation;

/// <summary>How far an attempt to subscribe got.</summary>
public abstract record SubscribeResult
{
    private SubscribeResult()
    {
    }

    /// <summary>Notices flow.</summary>
    public sealed record Active(SubscriptionId Subscription) : SubscribeResult;

    /// <summary>The publisher has been asked.</summary>
    public sealed record Requested(SubscriptionId Subscription) : SubscribeResult;

    /// <summary>The person goes on there in the browser. OMB begins at the publisher's server, so this is its subscribe page.</summary>
    public sealed record Continue(string Url) : SubscribeResult;

    /// <summary>It does not work; the reason is for the person who asked.</summary>
    public sealed record Refused(string Reason) : SubscribeResult;
}
