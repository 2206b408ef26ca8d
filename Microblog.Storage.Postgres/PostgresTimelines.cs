namespace Microblog.Storage.Postgres;

#pragma warning disable CS9113
internal sealed class PostgresTimelines(PostgresSession session) : ITimelineReader
{
    public ValueTask<EntryPage> HomeAsync(ProfileId owner, PageRequest page, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<EntryPage> PublicAsync(ProfileId viewer, PageRequest page, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<EntryPage> ProfileAsync(ProfileId author, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<EntryPage> MentionsAsync(ProfileId person, PageRequest page, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<EntryPage> ConversationAsync(NoticeId conversation, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<EntryPage> TagAsync(string tag, ProfileId viewer, PageRequest page, CancellationToken cancellationToken) => throw new NotSupportedException();
}
