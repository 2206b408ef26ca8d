namespace Microblog.Storage.Sqlite;

internal sealed class SqliteAttachments(SqliteSession session) : IAttachmentStore
{
    public ValueTask<StoredAttachment?> FindAsync(AttachmentId id, CancellationToken cancellationToken)
    {
        using var row = session.Use("SELECT owner, notice, blob, media_type, size, width, height, description FROM microblog_attachment WHERE id = ?1")
            .Bind(1, id.Value);
        return new(row.Step() ? Read(id, row) : null);
    }

    public ValueTask<long> MeasureAsync(ProfileId owner, CancellationToken cancellationToken) =>
        new(session.Use("SELECT coalesce(sum(max(size, ?2)), 0) FROM microblog_attachment WHERE owner = ?1")
            .Bind(1, owner.Value).Bind(2, IAttachmentReader.LeastCharge).RunScalar() ?? 0);

    public ValueTask<IReadOnlyList<BlobKey>> FindNamedAsync(IReadOnlyList<BlobKey> keys, CancellationToken cancellationToken) =>
        new([.. keys.Where(key => session.Use("SELECT 1 FROM microblog_attachment WHERE blob = ?1 LIMIT 1").Bind(1, key.Value).RunScalar() is not null)]);

    public ValueTask AddAsync(Attachment attachment, ProfileId owner, CancellationToken cancellationToken)
    {
        Insert(attachment, owner, default);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> DescribeAsync(AttachmentId id, ProfileId owner, string description, CancellationToken cancellationToken) =>
        new(session.Use("UPDATE microblog_attachment SET description = ?3 WHERE id = ?1 AND owner = ?2 AND notice = 0")
            .Bind(1, id.Value).Bind(2, owner.Value).Bind(3, description).Run() > 0);

    public ValueTask<bool> AttachAsync(IReadOnlyList<AttachmentId> ids, ProfileId owner, NoticeId notice, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            if (session.Use("SELECT 1 FROM microblog_attachment WHERE id = ?1 AND owner = ?2 AND notice = 0")
                .Bind(1, id.Value).Bind(2, owner.Value).RunScalar() is null)
                return new(false);
        }

        foreach (var id in ids)
            session.Use("UPDATE microblog_attachment SET notice = ?2 WHERE id = ?1").Bind(1, id.Value).Bind(2, notice.Value).Run();
        return new(true);
    }

    public ValueTask<bool> RemoveAsync(AttachmentId id, ProfileId owner, CancellationToken cancellationToken) =>
        new(session.Use("DELETE FROM microblog_attachment WHERE id = ?1 AND owner = ?2 AND notice = 0").Bind(1, id.Value).Bind(2, owner.Value).Run() > 0);

    public ValueTask<int> PruneAsync(DateTimeOffset before, int count, CancellationToken cancellationToken) =>
        new(session.Use(
            """
            DELETE FROM microblog_attachment WHERE id IN (SELECT id FROM microblog_attachment INDEXED BY microblog_attachment_loose
                WHERE notice = 0 AND id < ?1 ORDER BY id LIMIT ?2)
            """).Bind(1, IdSource.FirstAt(before)).Bind(2, count).Run());

    public void Insert(Attachment attachment, ProfileId owner, NoticeId notice) => session.Use(
        """
        INSERT INTO microblog_attachment (id, owner, notice, blob, media_type, size, width, height, description)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """)
        .Bind(1, attachment.Id.Value).Bind(2, owner.Value).Bind(3, notice.Value).Bind(4, attachment.Blob.Value).Bind(5, attachment.MediaType)
        .Bind(6, attachment.Size).Bind(7, attachment.Width).Bind(8, attachment.Height).Bind(9, attachment.Description).Run();

    /// <summary>Removes all that a person has, also from their notices.</summary>
    public void RemoveAll(ProfileId owner)
    {
        session.Use("UPDATE microblog_notice SET attachments = '' WHERE id IN (SELECT notice FROM microblog_attachment WHERE owner = ?1)")
            .Bind(1, owner.Value).Run();
        session.Use("DELETE FROM microblog_attachment WHERE owner = ?1").Bind(1, owner.Value).Run();
    }

    private static StoredAttachment Read(AttachmentId id, SqliteStatement row) => new(
        new Attachment
        {
            Id = id,
            Blob = BlobKey.Parse(row.Text(2)),
            MediaType = row.Text(3),
            Size = row.Int32(4),
            Width = row.Int32(5),
            Height = row.Int32(6),
            Description = row.Text(7),
        },
        new ProfileId(row.Int64(0)),
        new NoticeId(row.Int64(1)));
}
