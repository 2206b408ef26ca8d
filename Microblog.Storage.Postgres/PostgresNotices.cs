namespace Microblog.Storage.Postgres;

#pragma warning disable CS9113
internal sealed class PostgresNotices(PostgresSession session) : INoticeStore
{
    public ValueTask<TimelineEntry?> FindAsync(NoticeId id, ProfileId viewer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Notice>> FindAsync(NoticeUri uri, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask PublishAsync(Notice notice, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ReceiveResult> ReceiveAsync(Notice notice, ProfileId listener, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> ContinueAsync(int count, TimelinePosition position, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> DeleteAsync(NoticeId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask RecordOriginAsync(NoticeId id, string replyToUri, bool isProven, CancellationToken cancellationToken) => throw new NotSupportedException();
}
