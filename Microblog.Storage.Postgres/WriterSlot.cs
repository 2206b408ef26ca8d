using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>This process's place among the 64 that may write numbers, leased in the database and renewed with every heartbeat.</summary>
internal sealed class WriterSlot(NpgsqlDataSource source, DatabaseClock clock, PostgresStoreOptions options, ILogger logger)
{
    private Held? held;

    /// <summary>Names this process in the database, and in what it tells the others.</summary>
    public string Holder { get; } = RandomNumberGenerator.GetHexString(24, lowercase: true);

    public int Slot => Current.Slot;

    public IdSource Ids => Current.Ids;

    private Held Current => Volatile.Read(ref held) ?? throw new InvalidOperationException("The store has not been started.");

    /// <summary>Takes a free slot. Its numbers begin above everything in the store, whatever the clock says.</summary>
    /// <exception cref="StoreException">64 processes write already.</exception>
    public async ValueTask TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
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
                (SELECT max(position) FROM microblog.home WHERE position <> notice),
                (SELECT max(position) FROM microblog.mention WHERE position <> notice), 0)
            """,
            connection);
        var highest = (long)(await last.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        Volatile.Write(ref held, new Held(slot, new IdSource(new DatabaseTime(clock), slot, highest)));
    }

    /// <summary>Says that this process lives. If another one has taken the slot meanwhile, takes a new one.</summary>
    public async ValueTask RenewAsync(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        await clock.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        if (await UpdateAsync(connection, Holder, LeaseEnd(clock.Now), cancellationToken).ConfigureAwait(false))
            return;
        var lost = Slot;
        await TakeAsync(connection, cancellationToken).ConfigureAwait(false);
        logger.SlotLost(lost, Slot);
    }

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

    private long LeaseEnd(DateTimeOffset now) => (now + (options.Heartbeat * 3)).ToUnixTimeMilliseconds();

    private sealed record Held(int Slot, IdSource Ids);
}
