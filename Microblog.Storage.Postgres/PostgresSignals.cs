using Microblog.Delivery;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>Tells workers of other processes that something may have come due, and their live streams that something is new, and hears it from them. What gets lost is found by
/// polling, so nothing here is waited for.</summary>
/// <remarks>Sent after the commit and not within it: a transaction that notifies waits for every other one that does, fsync and all.</remarks>
internal sealed class PostgresSignals(
    NpgsqlDataSource source, string process, DeliverySignal? signal, ILogger logger)
{
    private const string Channel = "microblog";
    private const string ForReaders = "readers ";
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(20);

    // Pushes come by the thousand, and people look at them with their eyes.
    private static readonly TimeSpan ReadersTogether = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromSeconds(1);

    private int isDue;
    private int isDueForReaders;

    /// <summary>What a transaction of the host runs itself, because only it knows when it commits.</summary>
    public static NpgsqlBatchCommand Inside(Wake wake) => new("SELECT pg_notify($1, $2)")
    {
        Parameters = { new() { Value = Channel }, new() { Value = wake == Wake.Readers ? ForReaders : "" } },
    };

    /// <summary>Something was committed. Several within a moment become one message.</summary>
    public void Send(Wake wake, CancellationToken stoppingToken)
    {
        if (wake == Wake.Workers && Interlocked.Exchange(ref isDue, 1) == 0)
            _ = SendSoonAsync(wake, stoppingToken);
        else if (wake == Wake.Readers && Interlocked.Exchange(ref isDueForReaders, 1) == 0)
            _ = SendSoonAsync(wake, stoppingToken);
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
            if (message.Payload == process || message.Payload == ForReaders + process)
                return;
            if (message.Payload.StartsWith(ForReaders, StringComparison.Ordinal))
                signal?.WakeReaders();
            else
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

    private async Task SendSoonAsync(Wake wake, CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(wake == Wake.Readers ? ReadersTogether : Together, TimeProvider.System, stoppingToken).ConfigureAwait(false);
            IsSent(wake);
            using var command = source.CreateCommand("SELECT pg_notify($1, $2)");
            command.Parameters.Add(new() { Value = Channel });
            command.Parameters.Add(new() { Value = wake == Wake.Readers ? ForReaders + process : process });
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
            IsSent(wake);
        }
    }

    private void IsSent(Wake wake) => Volatile.Write(ref wake == Wake.Readers ? ref isDueForReaders : ref isDue, 0);
}

/// <summary>Whom of other processes a transaction concerns.</summary>
internal enum Wake
{
    /// <summary>Nobody.</summary>
    Nobody,

    /// <summary>Live streams.</summary>
    Readers,

    /// <summary>Workers, and live streams too.</summary>
    Workers,
}
