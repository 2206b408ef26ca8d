using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>Bytes in pieces of 256 KiB, so that neither side holds more of them at once.</summary>
/// <remarks>The row of a blob is what processes meet at: it is locked while its pieces come or go.</remarks>
internal sealed class PostgresBlobs(NpgsqlDataSource source, TimeProvider clock) : IBlobStore
{
    public const int PieceBytes = 256 * 1024;

    public async ValueTask WriteAsync(BlobKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (BlobKey.Of(content.Span) != key)
            throw new ArgumentException("The key is not that of the bytes.", nameof(key));
        await TransactAsync(
            async connection =>
            {
                // A sweep may take the row between the two statements; then it is new after all.
                while (!await IsNewAsync(connection, key, cancellationToken).ConfigureAwait(false))
                {
                    using var touch = Command(
                        connection, "UPDATE microblog.blob SET written_at = $2 WHERE key = $1", key.Value, clock.GetUtcNow().ToUnixTimeMilliseconds());
                    if (await touch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) > 0)
                        return true;
                }

                await WritePiecesAsync(connection, key, content, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<Stream?> OpenAsync(BlobKey key, CancellationToken cancellationToken) =>
        await ReadPieceAsync(key, 0, cancellationToken).ConfigureAwait(false) is { } first
            ? new PieceStream((number, ct) => ReadPieceAsync(key, number, ct), first)
            : null;

    public ValueTask<IReadOnlyList<BlobKey>> ListAsync(BlobKey? after, int count, DateTimeOffset writtenBefore, CancellationToken cancellationToken) =>
        WithConnectionAsync<IReadOnlyList<BlobKey>>(
            async connection =>
            {
                using var command = Command(
                    connection,
                    "SELECT key FROM microblog.blob WHERE key > $1 AND written_at < $2 ORDER BY key LIMIT $3",
                    after?.Value ?? "",
                    Moment(writtenBefore),
                    (long)count);
                var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using var closing = reader.ConfigureAwait(false);
                var keys = new List<BlobKey>();
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    keys.Add(BlobKey.Parse(reader.GetString(0)));
                return keys;
            },
            cancellationToken);

    public ValueTask<bool> RemoveAsync(BlobKey key, DateTimeOffset writtenBefore, CancellationToken cancellationToken) =>
        TransactAsync(
            async connection =>
            {
                using var row = Command(connection, "DELETE FROM microblog.blob WHERE key = $1 AND written_at < $2", key.Value, Moment(writtenBefore));
                if (await row.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 0)
                    return false;
                using var pieces = Command(connection, "DELETE FROM microblog.blob_piece WHERE key = $1", key.Value);
                await pieces.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    private async ValueTask<bool> IsNewAsync(NpgsqlConnection connection, BlobKey key, CancellationToken cancellationToken)
    {
        using var row = Command(
            connection,
            "INSERT INTO microblog.blob (key, written_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
            key.Value,
            clock.GetUtcNow().ToUnixTimeMilliseconds());
        return await row.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) > 0;
    }

    private static async ValueTask WritePiecesAsync(NpgsqlConnection connection, BlobKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        for (var number = 0; number == 0 || number * PieceBytes < content.Length; number++)
        {
            var start = number * PieceBytes;
            using var piece = Command(connection, "INSERT INTO microblog.blob_piece (key, number, content) VALUES ($1, $2, $3)", key.Value, number);
            piece.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = content.Slice(start, Math.Min(PieceBytes, content.Length - start)) });
            await piece.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private ValueTask<byte[]?> ReadPieceAsync(BlobKey key, int number, CancellationToken cancellationToken) => WithConnectionAsync(
        async connection =>
        {
            using var command = Command(connection, "SELECT content FROM microblog.blob_piece WHERE key = $1 AND number = $2", key.Value, number);
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as byte[];
        },
        cancellationToken);

    private ValueTask<T> TransactAsync<T>(Func<NpgsqlConnection, ValueTask<T>> work, CancellationToken cancellationToken) => WithConnectionAsync(
        async connection =>
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using var ending = transaction.ConfigureAwait(false);
            var result = await work(connection).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return result;
        },
        cancellationToken);

    private ValueTask<T> WithConnectionAsync<T>(Func<NpgsqlConnection, ValueTask<T>> work, CancellationToken cancellationToken) => Talk.WithAsync(async () =>
    {
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        return await work(connection).ConfigureAwait(false);
    });

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private static long Moment(DateTimeOffset time) => time == DateTimeOffset.MaxValue ? long.MaxValue : time.ToUnixTimeMilliseconds();

    /// <summary>Reads piece after piece; a short one is the last.</summary>
    private sealed class PieceStream(Func<int, CancellationToken, ValueTask<byte[]?>> readAsync, byte[] first) : Stream
    {
        private byte[] piece = first;
        private int number;
        private int at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (at == PieceBytes)
            {
                piece = await readAsync(++number, cancellationToken).ConfigureAwait(false) ?? [];
                at = 0;
            }

            var count = Math.Min(buffer.Length, piece.Length - at);
            piece.AsMemory(at, count).CopyTo(buffer);
            at += count;
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
