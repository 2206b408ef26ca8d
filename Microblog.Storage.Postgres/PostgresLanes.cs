namespace Microblog.Storage.Postgres;

#pragma warning disable CS9113
internal sealed class PostgresLanes(PostgresSession session)
{
    public ValueTask<int> WakeAsync(ProfileId author, int count) => throw new NotSupportedException();
}
