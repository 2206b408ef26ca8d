using Microblog.Delivery;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>Tells workers of other processes that something may have come due, and hears it from them. What gets lost is found by
/// polling, so nothing here is waited for.</summary>
/// <remarks>Sent after the commit and not within it: a transaction that notifies waits for every other one that does, fsync and all.</remarks>
internal sealed class PostgresSignals(
    NpgsqlDataSource source, string process, DeliverySignal? signal, ILogger logger)
{
    private const string Channel = "microblog";
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromSeconds(1);

    private int isDue;

    /// <summary>What a transaction of the host runs itself, because only it knows when it commits.</summary>
    public static NpgsqlBatchCommand Inside() => new("SELECT pg_notify($1, '')") { Parameters = { new() { Value = Channel } } };

    /// <summary>Something was committed. Several within a moment become one message.</summary>
    public void Send(CancellationToken stoppingToken)
    {
        if (Interlocked.Exchange(ref isDue, 1) == 0)
            _ = SendSoonAsync(stoppingToken);
    }

    /// <summary>Listens until it is stopped, and again when the connection breaks.</summary>
    public async Task ListenAsync(CancellationToken stoppingToken)
    {
        var isFailing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenOnceAsync(isFailing, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (!isFailing)
                    logger.ListeningFailed(e);
                isFailing = true;
                await Task.Delay(ReconnectDelay, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenOnceAsync(bool isAgain, CancellationToken stoppingToken)
    {
        var connection = await source.OpenConnectionAsync(stoppingToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        connection.Notification += (_, message) =>
        {
            if (message.Payload != process)
                signal?.Wake();
        };
        using var command = new NpgsqlCommand("LISTEN " + Channel, connection);
        await command.ExecuteNonQueryAsync(stoppingToken).ConfigureAwait(false);
        if (isAgain)
            logger.ListeningAgain();
        // What was said while nobody listened.
        signal?.Wake();
        while (true)
            await connection.WaitAsync(stoppingToken).ConfigureAwait(false);
    }

    private async Task SendSoonAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(Together, TimeProvider.System, stoppingToken).ConfigureAwait(false);
            Volatile.Write(ref isDue, 0);
            using var command = source.CreateCommand("SELECT pg_notify($1, $2)");
            command.Parameters.Add(new() { Value = Channel });
            command.Parameters.Add(new() { Value = process });
            await command.ExecuteNonQueryAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The others look by themselves.
        }
        catch (NpgsqlException)
        {
            // The listener says it, once.
        }
        finally
        {
            Volatile.Write(ref isDue, 0);
        }
    }
}
