using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>Says whether anything was written, by the server's own account of which transactions a reader sees.</summary>
/// <remarks>
/// <para>A snapshot is a bound and the numbers below it whose transactions still run: what lies below and does not run is seen, all else is not. So two
/// snapshots that are written alike see the same rows, and one that is read after a commit differs: the transaction has left the list, or the
/// bound has passed it. The bound never goes back, and under one bound the list only gets shorter, so none comes again. Transactions that only read have
/// no number. Whatever else the server does (other databases, vacuum, ones that roll back) changes it too, without need.</para>
/// <para>A server that starts again may give numbers anew, hence the time of its start. On a replica the list is empty, and says nothing.</para>
/// </remarks>
internal sealed class PostgresStamp(NpgsqlDataSource primary)
{
    private readonly Lock gate = new();
    private string last = "";
    private long number;

    /// <returns><see langword="null"/> when the server does not answer: what is wrong is for the read to say.</returns>
    public async ValueTask<long?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var command = primary.CreateCommand("SELECT pg_current_snapshot()::text || ' ' || pg_postmaster_start_time()");
            return NumberOf((string)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            return null;
        }
    }

    // Answers that overtake each other count as a change, which only costs a read.
    private long NumberOf(string snapshot)
    {
        lock (gate)
        {
            if (snapshot != last)
                (last, number) = (snapshot, number + 1);
            return number;
        }
    }
}
