using System.Threading.Channels;
using Microblog.Delivery;
using Microblog.Federation;

namespace Microblog.Tests.Delivery;

/// <summary>A protocol that does what the test says and tells what it was asked to send.</summary>
internal sealed class ScriptedProtocol(Func<LeasedLane, CancellationToken, ValueTask<IReadOnlyList<DeliveryOutcome>>> send) : IFederationProtocol
{
    private readonly Channel<LeasedLane> asked = Channel.CreateUnbounded<LeasedLane>();

    public ScriptedProtocol(params DeliveryOutcome[] outcomes)
        : this((_, _) => new(outcomes))
    {
    }

    public string Name => "scripted";

    public ValueTask<SubscribeResult?> SubscribeAsync(Profile subscriber, string target, CancellationToken cancellationToken) => new((SubscribeResult?)null);

    public ValueTask<IReadOnlyList<DeliveryOutcome>> SendAsync(LeasedLane lane, CancellationToken cancellationToken)
    {
        asked.Writer.TryWrite(lane);
        return send(lane, cancellationToken);
    }

    /// <summary>The next lane that was to be sent.</summary>
    public Task<LeasedLane> NextAsync() => asked.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public static ValueTask<IReadOnlyList<DeliveryOutcome>> All(LeasedLane lane) => new([.. lane.Events.Select(_ => DeliveryOutcome.Delivered)]);
}
