namespace Microblog.Testing;

/// <summary>A federated network in one process.</summary>
public sealed class SimulatedNetwork
{
}
