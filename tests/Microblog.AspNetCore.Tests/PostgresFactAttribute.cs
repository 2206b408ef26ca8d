using Microblog.TestServers;

namespace Microblog.AspNetCore.Tests;

/// <summary>A test that needs PostgreSQL: skipped where it is missing, except in CI, where it then fails.</summary>
internal sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.Missing;
}
