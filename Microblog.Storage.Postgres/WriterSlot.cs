using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>This process's place among the 64 that may write numbers, leased in the database and renewed with every heartbeat.</summary>
internal sealed class WriterSlot(NpgsqlDataSource source, DatabaseClock clock, PostgresStoreOptions options, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim renewing = new(1);
    private Held? held;
    private IdSource[] earlier = [];
    private long renewedAt;

    /// <summary>Names this process in the database, and in what it tells the others.</summary>
    public string Holder { get; } = RandomNumberGenerator.GetHexString(24, lowercase: true);

    public int Slot => Current.Slot;

    public IdSource Ids => Current.Ids;

    /// <summary>The lowest number that this process has drawn and not closed, whichever slot it had then.</summary>
    public long OpenFrom => Volatile.Read(ref earlier).Select(static source => source.Horizon).Append(Ids.Horizon).Min();

    /// <summary>Whether the others may believe that this process has ended, and read on without waiting for its numbers.</summary>
    /// <remarks>By the time that really passes, as they measure it.</remarks>
    public bool HasLapsed => TimeProvider.System.GetElapsedTime(Volatile.Read(ref renewedAt)) >= Lease;

    private TimeSpan Lease => options.Heartbeat * 3;

    private Held Current => Volatile.Read(ref held) ?? throw new InvalidOperationException("The store has not been started.");

    /// <summary>Whether the others have waited for this number ever since it was drawn: the slot was ours all the time.</summary>
    public bool HasCovered(long number) => !HasLapsed && number > Current.After;

    /// <summary>Takes a free slot. Its numbers begin above everything in the store, whatever the clock says.</summary>
    /// <exception cref="StoreException">64 processes write already.</exception>
    public async ValueTask TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var sent = TimeProvider.System.GetTimestamp();
        var now = clock.Now;
        using var command = new NpgsqlCommand(
            """
            UPDATE microblog.writer SET holder = $1, until = $2
            WHERE slot = (SELECT slot FROM microblog.writer WHERE until < $3 ORDER BY slot LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING slot
            """,
            connection)
        {
            Parameters =
            {
                new() { Value = Holder },
                new() { Value = LeaseEnd(now) },
                new() { Value = now.ToUnixTimeMilliseconds() },
            },
        };
        if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not int slot)
        {
            throw new StoreException(
                "64 processes write to this database already. Wait until one of them has ended, or let this one run longer without it.") { IsTransient = true };
        }

        // After the slot is ours, so that nobody else draws such numbers any more.
        using var last = new NpgsqlCommand(
            """
            SELECT greatest((SELECT max(id) FROM microblog.notice), (SELECT max(id) FROM microblog.profile), (SELECT max(id) FROM microblog.subscription),
                (SELECT max(id) FROM microblog.attachment),
                (SELECT max(position) FROM microblog.home WHERE position <> notice),
                (SELECT max(position) FROM microblog.mention WHERE position <> notice),
                (SELECT max(position) FROM microblog.favourite), (SELECT max(position) FROM microblog.notification),
                (SELECT max(id) FROM microblog.group), (SELECT max(position) FROM microblog.group_member),
                (SELECT max(changed) FROM microblog.notice WHERE changed <> 0 AND NOT is_remote AND visibility = 0 AND NOT is_local_only), 0)
            """,
            connection);
        var highest = (long)(await last.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        if (held is { } before)
        {
            // What it has drawn may still be stored, and is open until it is closed.
            highest = Math.Max(highest, before.Ids.Last);
            Volatile.Write(ref earlier, [.. earlier.Where(static source => source.Horizon < long.MaxValue), before.Ids]);
        }

        Volatile.Write(ref held, new Held(slot, new IdSource(clock, slot, highest), highest));
        Volatile.Write(ref renewedAt, sent);
    }

    /// <summary>Says that this process lives. If another one has taken the slot meanwhile, or may have thought it free, takes a new one.</summary>
    public async ValueTask RenewAsync(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        await RenewAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="RenewAsync(CancellationToken)"/>
    public async ValueTask RenewAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await renewing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await RenewAloneAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            renewing.Release();
        }
    }

    private async ValueTask RenewAloneAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await clock.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        var sent = TimeProvider.System.GetTimestamp();
        // Asked again afterwards: the server may have heard it too late.
        if (!HasLapsed && await UpdateAsync(connection, Holder, LeaseEnd(clock.Now), cancellationToken).ConfigureAwait(false) && !HasLapsed)
        {
            Volatile.Write(ref renewedAt, sent);
            return;
        }

        var lost = Slot;
        await TakeAsync(connection, cancellationToken).ConfigureAwait(false);
        logger.SlotLost(lost, Slot);
    }

    public void Dispose() => renewing.Dispose();

    /// <summary>Gives the slot back.</summary>
    public async ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        if (held is null)
            return;
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        await UpdateAsync(connection, "", 0, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<bool> UpdateAsync(NpgsqlConnection connection, string holder, long until, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand("UPDATE microblog.writer SET holder = $3, until = $4 WHERE slot = $1 AND holder = $2", connection)
        {
            Parameters = { new() { Value = Slot }, new() { Value = Holder }, new() { Value = holder }, new() { Value = until } },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) > 0;
    }

    private long LeaseEnd(DateTimeOffset now) => (now + Lease).ToUnixTimeMilliseconds();

    /// <param name="Slot">Which one.</param>
    /// <param name="Ids">Draws its numbers.</param>
    /// <param name="After">All of them lie above this one, and what this process drew before it had the slot does not.</param>
    private sealed record Held(int Slot, IdSource Ids, long After);
}
