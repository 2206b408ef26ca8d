namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Carries the services while rooms are added. <c>Add…</c> adds a capability, <c>Use…</c> chooses the one implementation; the last call wins.</summary>
/// <param name="services">The host's services.</param>
public sealed class MicroblogBuilder(IServiceCollection services)
{
    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; } = services;
}
