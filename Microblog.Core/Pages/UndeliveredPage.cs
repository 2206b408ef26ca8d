using Microblog.Delivery;

namespace Microblog.Pages;

/// <summary>What the viewer published and other services did not get.</summary>
public sealed record UndeliveredPage : Page
{
    /// <inheritdoc/>
    public override string Title => "Not delivered";

    /// <summary>The deliveries that were given up, newest first.</summary>
    public required IReadOnlyList<FailedDelivery> Failed { get; init; }

    /// <summary>The notices that are among them, as far as they are there still.</summary>
    public required IReadOnlyDictionary<NoticeId, Notice> Notices { get; init; }
}
