namespace Microblog.Storage.Postgres;

internal sealed class PostgresAttachments(PostgresSession session) : IAttachmentStore
{
    public ValueTask<StoredAttachment?> FindAsync(AttachmentId id, CancellationToken cancellationToken) =>
        session.Sql("SELECT owner, notice, blob, media_type, size, width, height, description, id FROM microblog.attachment WHERE id = $1" + session.Lock)
            .Bind(id.Value).FindAsync<StoredAttachment>(Read);

    public async ValueTask<long> MeasureAsync(ProfileId owner, CancellationToken cancellationToken) =>
        await session.Sql("SELECT coalesce(sum(greatest(size, $2)), 0)::bigint FROM microblog.attachment WHERE owner = $1")
            .Bind(owner.Value).Bind((long)IAttachmentReader.LeastCharge).ScalarAsync().ConfigureAwait(false) ?? 0;

    public async ValueTask<IReadOnlyList<BlobKey>> FindNamedAsync(IReadOnlyList<BlobKey> keys, CancellationToken cancellationToken) =>
        await session.Sql("SELECT key FROM unnest($1::text[]) AS key WHERE EXISTS (SELECT FROM microblog.attachment WHERE blob = key)")
            .Bind([.. keys.Select(key => key.Value)]).ListAsync(static row => BlobKey.Parse(row.Text(0))).ConfigureAwait(false);

    public ValueTask AddAsync(Attachment attachment, ProfileId owner, CancellationToken cancellationToken)
    {
        InsertLater(attachment, owner, default);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> DescribeAsync(AttachmentId id, ProfileId owner, string description, CancellationToken cancellationToken) =>
        await session.Sql("UPDATE microblog.attachment SET description = $3 WHERE id = $1 AND owner = $2 AND notice = 0")
            .Bind(id.Value).Bind(owner.Value).Bind(description).RunAsync().ConfigureAwait(false) > 0;

    public async ValueTask<bool> AttachAsync(IReadOnlyList<AttachmentId> ids, ProfileId owner, NoticeId notice, CancellationToken cancellationToken)
    {
        long[] numbers = [.. ids.Select(id => id.Value)];
        var found = await session.Sql(
            "SELECT id FROM microblog.attachment WHERE id = ANY ($1) AND owner = $2 AND notice = 0 ORDER BY id FOR NO KEY UPDATE")
            .Bind(numbers).Bind(owner.Value).ListAsync(static row => row.Int64(0)).ConfigureAwait(false);
        if (found.Count != ids.Count)
            return false;
        session.Sql("UPDATE microblog.attachment SET notice = $2 WHERE id = ANY ($1)").Bind(numbers).Bind(notice.Value).Later();
        return true;
    }

    public async ValueTask<bool> RemoveAsync(AttachmentId id, ProfileId owner, CancellationToken cancellationToken) =>
        await session.Sql("DELETE FROM microblog.attachment WHERE id = $1 AND owner = $2 AND notice = 0")
            .Bind(id.Value).Bind(owner.Value).RunAsync().ConfigureAwait(false) > 0;

    // Several processes sweep, and none waits for another.
    public ValueTask<int> PruneAsync(DateTimeOffset before, int count, CancellationToken cancellationToken) =>
        session.Sql(
            """
            DELETE FROM microblog.attachment WHERE id IN (SELECT id FROM microblog.attachment
                WHERE notice = 0 AND id < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
            """).Bind(IdSource.FirstAt(before)).Bind(count).RunAsync();

    public void InsertLater(Attachment attachment, ProfileId owner, NoticeId notice) => session.Sql(
        """
        INSERT INTO microblog.attachment (id, owner, notice, blob, media_type, size, width, height, description)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """)
        .Bind(attachment.Id.Value).Bind(owner.Value).Bind(notice.Value).Bind(attachment.Blob.Value).Bind(attachment.MediaType)
        .Bind((long)attachment.Size).Bind((long)attachment.Width).Bind((long)attachment.Height).Bind(attachment.Description).Later();

    /// <summary>Removes all that a person has, also from their notices.</summary>
    public void RemoveAllLater(ProfileId owner) => session.Sql(
        """
        WITH gone AS (DELETE FROM microblog.attachment WHERE owner = $1 RETURNING notice)
        UPDATE microblog.notice SET attachments = '' WHERE id IN (SELECT notice FROM gone WHERE notice <> 0)
        """).Bind(owner.Value).Later();

    private static StoredAttachment Read(PostgresRow row) => new(
        new Attachment
        {
            Id = new AttachmentId(row.Int64(8)),
            Blob = BlobKey.Parse(row.Text(2)),
            MediaType = row.Text(3),
            Size = (int)row.Int64(4),
            Width = (int)row.Int64(5),
            Height = (int)row.Int64(6),
            Description = row.Text(7),
        },
        new ProfileId(row.Int64(0)),
        new NoticeId(row.Int64(1)));
}
