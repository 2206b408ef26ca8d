using System.Data;
using System.Data.Common;
using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>Runs work inside the host's transaction.</summary>
internal sealed class PostgresEnlistment(
    PostgresTransactions transactions, DatabaseClock clock, WriterSlot slot, string identity)
{
    /// <returns><see langword="null"/> unless it is an open transaction of Npgsql.</returns>
    public static NpgsqlTransaction? OpenOrNull(DbTransaction transaction)
    {
        try
        {
            // A committed one still has its connection; asked for anything else, it says that it has ended.
            return transaction is NpgsqlTransaction { Connection: not null, IsolationLevel: not IsolationLevel.Chaos } open ? open : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public async ValueTask<T> ExecuteAsync<T>(NpgsqlTransaction transaction, Func<IStoreSession, CancellationToken, ValueTask<T>> work)
    {
        var connection = transaction.Connection!;
        // A number of our own from before the work, so that whatever the work draws lies above what is announced.
        using var first = slot.Ids.Draw();
        var openFrom = slot.OpenFrom;
        try
        {
            await CheckAsync(transaction, connection).ConfigureAwait(false);
            // The host may catch the exception and commit all the same; then nothing of a half-done work may be there.
            var session = new PostgresSession(
                connection, [new("SAVEPOINT microblog_enlisted"), .. transactions.Announce(openFrom)], clock, openFrom, isReadOnly: false);
            try
            {
                var result = await transactions.RunAsync(session, work).ConfigureAwait(false);
                await transactions.ThrowIfLateAsync(session, openFrom).ConfigureAwait(false);
                await session.FlushAsync(
                    session.Wake != Wake.Nobody ? [PostgresSignals.Inside(session.Wake), new("RELEASE microblog_enlisted")] : [new("RELEASE microblog_enlisted")]).ConfigureAwait(false);
                session.TryEnd(out _);
                return result;
            }
            catch
            {
                await RollBackAsync(connection, session).ConfigureAwait(false);
                throw;
            }
        }
        catch (NpgsqlOperationInProgressException e)
        {
            throw new InvalidOperationException("The host's connection is busy with another command: close its reader first.", e);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            throw PostgresErrors.Describe(e);
        }
    }

    private async ValueTask CheckAsync(NpgsqlTransaction transaction, NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SHOW synchronous_commit", connection);
        if (await command.ExecuteScalarAsync(CancellationToken.None).ConfigureAwait(false) is "off")
            throw new ArgumentException("Set synchronous_commit = on in the transaction: what the node acknowledges has to be on the disk.", nameof(transaction));
        if ((await SchemaUpgrade.ReadStateAsync(connection, CancellationToken.None).ConfigureAwait(false))?.Identity != identity)
            throw new ArgumentException($"The transaction belongs to another database ('{connection.Database}') than the store.", nameof(transaction));
    }

    private static async ValueTask RollBackAsync(NpgsqlConnection connection, PostgresSession session)
    {
        await session.EndAsync().ConfigureAwait(false);
        if (!session.HasAsked || connection.State != ConnectionState.Open)
            return;
        try
        {
            using var command = new NpgsqlCommand("ROLLBACK TO microblog_enlisted; RELEASE microblog_enlisted", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            // Then the host cannot commit either, and why the work failed is the better story.
        }
    }
}
