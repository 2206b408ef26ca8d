namespace Microblog.Federation;

/// <summary>One way in which people on different services hear each other. Its name stands in subscriptions and lanes.</summary>
public interface IFederationProtocol : ILaneProtocol
{
    /// <summary>Begins to subscribe a local person to somebody elsewhere.</summary>
    /// <param name="subscriber">Who wants to hear.</param>
    /// <param name="target">What the person typed: an address of somebody's page.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns><see langword="null"/> when the target means nothing to this protocol, so that the next one is asked.</returns>
    ValueTask<SubscribeResult?> SubscribeAsync(Profile subscriber, string target, CancellationToken cancellationToken);
}
