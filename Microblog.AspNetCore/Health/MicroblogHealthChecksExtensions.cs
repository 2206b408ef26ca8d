using Microblog.AspNetCore.Health;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the node to the application's health checks.</summary>
public static class MicroblogHealthChecksExtensions
{
    /// <summary>Checks that the store answers, asks every <see cref="Microblog.Diagnostics.INodeCheck"/>, and reports the delivery queue.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name.</param>
    public static IHealthChecksBuilder AddMicroblog(this IHealthChecksBuilder builder, string name = "microblog") =>
        builder.AddCheck<NodeHealthCheck>(name);
}
