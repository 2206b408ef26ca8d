using Microblog.TestServers;

namespace Microblog.Cluster.Tests;

/// <summary>A test that needs PostgreSQL and haproxy: skipped where one is missing, except in CI, where it then fails.</summary>
internal sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip = PostgresServer.Missing
        ?? (Balancer.Program is null && Environment.GetEnvironmentVariable("CI") != "true" ? "haproxy is not installed." : null);
}
