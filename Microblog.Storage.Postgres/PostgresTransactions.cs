using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>Runs work in transactions: again when it met another one, and to a clear end when the connection breaks.</summary>
internal sealed class PostgresTransactions(
    NpgsqlDataSource source, WriterSlot slot, OpenNumbers numbers, PostgresHorizon horizon, DatabaseClock clock, PostgresStoreOptions options, ILogger logger)
{
    // Among so many writers that meet in one row somebody always gets on, so this is not reached by chance.
    private const int MaxAttempts = 20;
    private const int MaxReconnects = 3;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    // As long as a server may need to start again after a crash.
    private static readonly TimeSpan OutcomePatience = TimeSpan.FromSeconds(15);

    /// <returns>The work's result, and whom of other processes it concerns.</returns>
    public async ValueTask<(T Result, Wake Wake)> ExecuteAsync<T>(
        Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        var reconnects = 0;
        for (var attempt = 1; ; attempt++)
        {
            var connection = await OpenAsync(source, cancellationToken).ConfigureAwait(false);
            // Back in the pool before the pause.
            await using (connection.ConfigureAwait(false))
            {
                try
                {
                    if (slot.HasLapsed)
                        await slot.RenewAsync(connection, cancellationToken).ConfigureAwait(false);
                    return await ExecuteOnceAsync(connection, work).ConfigureAwait(false);
                }
                catch (PostgresException e) when (PostgresErrors.IsConflict(e) && attempt < MaxAttempts)
                {
                    logger.RunsAgain(e, attempt);
                }
                catch (Exception e) when (PostgresErrors.IsConnectionLost(e) && reconnects++ < MaxReconnects)
                {
                    // Before the commit was sent, so it has not happened. A server that restarts leaves dead connections in the pool.
                    logger.RunsAgain(e, attempt);
                    NpgsqlConnection.ClearPool(connection);
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrors.SlotLost)
                {
                    await slot.RenewAsync(connection, CancellationToken.None).ConfigureAwait(false);
                    throw PostgresErrors.Describe(e);
                }
                catch (Exception e) when (PostgresErrors.IsFailure(e))
                {
                    throw PostgresErrors.Describe(e);
                }
            }

            await Task.Delay(Pause(attempt), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs work that only reads, on one snapshot.</summary>
    /// <param name="replica">Who answers; <see langword="null"/> for the primary.</param>
    /// <param name="work">What to read.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async ValueTask<T> ReadAsync<T>(
        NpgsqlDataSource? replica, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        for (var reconnects = 0; ; reconnects++)
        {
            try
            {
                // Before the snapshot: what is closed in between is shown by the next page.
                long? until = replica is null ? await horizon.GetAsync(cancellationToken).ConfigureAwait(false) : null;
                var connection = await OpenAsync(replica ?? source, cancellationToken).ConfigureAwait(false);
                return await ReadAsync(connection, until, work, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (PostgresErrors.IsConnectionLost(e) && reconnects < MaxReconnects && !cancellationToken.IsCancellationRequested)
            {
                logger.RunsAgain(e, reconnects);
                await Task.Delay(Pause(reconnects + 1), TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (PostgresErrors.IsFailure(e))
            {
                throw PostgresErrors.Describe(e);
            }
        }
    }

    // Closes the connection.
    private async ValueTask<T> ReadAsync<T>(
        NpgsqlConnection connection, long? until, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        PostgresSession? session = null;
        try
        {
            until ??= await horizon.GetReplayedAsync(connection, cancellationToken).ConfigureAwait(false);
            session = new PostgresSession(
                connection, [new("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")], clock, until.Value, isReadOnly: true);
            var result = await work(session, cancellationToken).ConfigureAwait(false);
            // Nobody waits for the end of what only reads; the pool has the connection back after it.
            _ = EndAsync(connection, session);
            return result;
        }
        catch
        {
            await EndAsync(connection, session).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task EndAsync(NpgsqlConnection connection, PostgresSession? session)
    {
        await using var closing = connection.ConfigureAwait(false);
        if (session is null)
            return;
        await session.EndAsync().ConfigureAwait(false);
        await RollBackAsync(connection, session).ConfigureAwait(false);
    }

    /// <summary>Waits for the work, and no longer than it may be idle: meanwhile it holds locks that others wait for.</summary>
    /// <exception cref="InvalidOperationException">The work awaits something else than its session.</exception>
    public async ValueTask<T> RunAsync<T>(PostgresSession session, Func<IStoreSession, CancellationToken, ValueTask<T>> work)
    {
        var running = work(session, CancellationToken.None);
        if (running.IsCompletedSuccessfully)
            return running.Result;
        var task = running.AsTask();
        while (true)
        {
            var asked = session.Asked;
            try
            {
                return await task.WaitAsync(options.IdleTimeout, TimeProvider.System).ConfigureAwait(false);
            }
            catch (TimeoutException e) when (!task.IsCompleted)
            {
                if (session.Asked == asked && session.TryEnd(out _))
                    throw new InvalidOperationException("The work of a transaction awaits nothing but its session; it was undone.", e);
            }
        }
    }

    private async ValueTask<(T Result, Wake Wake)> ExecuteOnceAsync<T>(
        NpgsqlConnection connection, Func<IStoreSession, CancellationToken, ValueTask<T>> work)
    {
        var openFrom = slot.OpenFrom;
        var session = new PostgresSession(connection, [new("BEGIN ISOLATION LEVEL READ COMMITTED"), .. Announce(openFrom)], clock, openFrom, isReadOnly: false);
        T result;
        try
        {
            result = await RunAsync(session, work).ConfigureAwait(false);
            await ThrowIfLateAsync(session, openFrom).ConfigureAwait(false);
        }
        catch
        {
            await session.EndAsync().ConfigureAwait(false);
            await RollBackAsync(connection, session).ConfigureAwait(false);
            throw;
        }

        await CommitAsync(connection, session).ConfigureAwait(false);
        return (result, session.Wake);
    }

    /// <summary>Tells the other processes that a transaction may store numbers.</summary>
    public IEnumerable<NpgsqlBatchCommand> Announce(long openFrom) => openFrom == long.MaxValue ? [] :
    [
        new("SELECT microblog.begin_writing($1, $2, $3)")
        {
            Parameters = { new() { Value = slot.Slot }, new() { Value = slot.Holder }, new() { Value = OpenNumbers.KeyOf(openFrom) } },
        },
    ];

    /// <exception cref="StoreException">Readers may have passed the numbers that the work stores.</exception>
    public async ValueTask ThrowIfLateAsync(PostgresSession session, long openFrom)
    {
        if (openFrom == long.MaxValue)
            return;
        if (!session.HasAsked)
            await session.FlushAsync().ConfigureAwait(false);
        if (!numbers.IsCovered(openFrom, session.OpenedAt!.Value))
        {
            throw new StoreException("A number was drawn too long before its transaction began, or this process was not heard of for too long: the database, or this machine, is "
                + "very busy. Try again.")
            {
                IsTransient = true,
            };
        }
    }

    private async ValueTask CommitAsync(NpgsqlConnection connection, PostgresSession session)
    {
        try
        {
            if (session.HasAsked || session.HasWaiting)
                await session.FlushAsync(new NpgsqlBatchCommand("COMMIT")).ConfigureAwait(false);
        }
        catch (PostgresException e) when (!PostgresErrors.IsConnectionLost(e))
        {
            // The server says that it did not commit.
            await RollBackAsync(connection, session).ConfigureAwait(false);
            throw;
        }
        catch (Exception e) when (PostgresErrors.IsConnectionLost(e))
        {
            NpgsqlConnection.ClearPool(connection);
            var outcome = session.Number is { } number ? await FindOutcomeAsync(number).ConfigureAwait(false) : null;
            if (outcome is null)
                throw PostgresErrors.Describe(e, isOutcomeUnknown: true);
            // It did not happen, so the work runs again.
            if (outcome == "aborted")
                throw;
        }
        finally
        {
            session.TryEnd(out _);
        }
    }

    /// <returns><c>committed</c> or <c>aborted</c>; <see langword="null"/> when nobody could say so in time.</returns>
    private async ValueTask<string?> FindOutcomeAsync(long number)
    {
        var asked = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(asked) < OutcomePatience)
        {
            try
            {
                using var command = source.CreateCommand("SELECT pg_xact_status($1::text::xid8)");
                command.Parameters.Add(new() { Value = number.ToString(CultureInfo.InvariantCulture) });
                if (await command.ExecuteScalarAsync(CancellationToken.None).ConfigureAwait(false) is string status and not "in progress")
                    return status;
            }
            catch (Exception e) when (PostgresErrors.IsFailure(e) && (e is not PostgresException || PostgresErrors.IsConnectionLost(e)))
            {
                // The server may be starting again.
            }
            catch (PostgresException)
            {
                // A server that has never heard of the number, such as a standby that was promoted.
                return null;
            }

            await Task.Delay(LongestPause, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        }

        return null;
    }

    // A connection that cannot say it goes back to the pool broken, and the pool drops it.
    private static async ValueTask RollBackAsync(NpgsqlConnection connection, PostgresSession session)
    {
        if (!session.HasAsked)
            return;
        try
        {
            using var command = new NpgsqlCommand("ROLLBACK", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e) || e is InvalidOperationException)
        {
            NpgsqlConnection.ClearPool(connection);
        }
    }

    private static ValueTask<NpgsqlConnection> OpenAsync(NpgsqlDataSource from, CancellationToken cancellationToken) =>
        Talk.WithAsync(() => from.OpenConnectionAsync(cancellationToken));

    // Full jitter, so that those who met do not meet again.
    private static TimeSpan Pause(int attempt) =>
        LongestPause * (System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, 1_000) / 1_000.0) * Math.Min(attempt, 10) / 10;
}
