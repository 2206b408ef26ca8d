namespace Microblog.Storage.Postgres;

#pragma warning disable CS9113
internal sealed class PostgresProfiles(PostgresSession session) : IProfileStore
{
    public ValueTask<Profile?> FindAsync(ProfileId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Profile?> FindLocalAsync(string nickname, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Profile?> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Profile?> FindAsync(ProfileUri uri, SubscriptionId scope, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Profile>> ListLocalAsync(ProfileId? before, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<AddProfileResult> AddLocalAsync(Profile profile, string subject, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ProfileId> SaveRemoteAsync(Profile profile, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> UpdateAsync(Profile profile, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DeleteLocalAsync(ProfileId id, CancellationToken cancellationToken) => throw new NotSupportedException();
}
