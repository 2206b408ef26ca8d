namespace Microblog.Storage.Postgres;

#pragma warning disable CS9113
internal sealed class PostgresLanes(PostgresSession session)
{
}
