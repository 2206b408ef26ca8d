using Microblog.Moderation;

namespace Microblog.Storage.InMemory;

internal sealed class InMemoryProfiles(InMemorySession session) : IProfileStore
{
    public ValueTask<Profile?> FindAsync(ProfileId id, CancellationToken cancellationToken) =>
        new(session.State.Profiles.GetValueOrDefault(id.Value));

    public ValueTask<Profile?> FindLocalAsync(string nickname, CancellationToken cancellationToken) =>
        new(All.FirstOrDefault(profile => profile.IsLocal && profile.Nickname == nickname));

    public ValueTask<Profile?> FindBySubjectAsync(string subject, CancellationToken cancellationToken) =>
        new(session.State.Subjects.TryGetValue(subject, out var id) && session.State.Profiles[id.Value] is { IsDeleted: false } found ? found : null);

    public ValueTask<Profile?> FindAsync(ProfileUri uri, SubscriptionId scope, CancellationToken cancellationToken) =>
        new(Find(uri, scope));

    public ValueTask<IReadOnlyList<Profile>> ListAsync(IReadOnlyCollection<ProfileUri> people, CancellationToken cancellationToken) =>
        new(people.Select(uri => Find(uri, default)).OfType<Profile>().Where(person => !((InMemoryTimelines)session.Timelines).IsHidden(person.Id)).ToList());

    public ValueTask<IReadOnlyList<Profile>> ListLocalAsync(ProfileId? before, int count, CancellationToken cancellationToken) =>
        new(All.Where(profile => profile.MayAct && (before is null || profile.Id.Value < before.Value.Value))
            .Reverse().Take(count).ToList());

    public ValueTask<ProfileCounts> CountAsync(ProfileId person, CancellationToken cancellationToken) => new(session.State.Counts.GetValueOrDefault(person));

    public ValueTask<IReadOnlyDictionary<ProfileId, ProfileCounts>> CountAsync(IReadOnlyCollection<ProfileId> people, CancellationToken cancellationToken) =>
        new(people.Distinct().Select(person => KeyValuePair.Create(person, session.State.Counts.GetValueOrDefault(person)))
            .Where(counted => counted.Value != default).ToDictionary());

    public ValueTask<AddProfileResult> AddLocalAsync(Profile profile, string subject, CancellationToken cancellationToken)
    {
        if (All.Any(other => other.IsLocal && string.Equals(other.Nickname, profile.Nickname, StringComparison.OrdinalIgnoreCase)))
            return new(AddProfileResult.NicknameTaken);
        if (session.State.Subjects.ContainsKey(subject))
            return new(AddProfileResult.SubjectHasProfile);
        if (session.State.Profiles.ContainsKey(profile.Id.Value) || Find(profile.Uri, default) is not null)
            throw new StoreException($"The number {profile.Id} or the identifier {profile.Uri} is taken.");
        session.State = session.State with
        {
            Profiles = session.State.Profiles.Add(profile.Id.Value, profile with { IsLocal = true, IsDeleted = false, Scope = default, Standing = StandingOf(profile.Uri) }),
            Subjects = session.State.Subjects.Add(subject, profile.Id),
        };
        return new(AddProfileResult.Added);
    }

    public ValueTask<ProfileId> SaveRemoteAsync(Profile profile, CancellationToken cancellationToken)
    {
        var known = Find(profile.Uri, profile.Scope);
        if (known is { IsLocal: true })
            throw new StoreException($"{profile.Uri} is a person of this node.");
        if (known is null && session.State.Profiles.ContainsKey(profile.Id.Value))
            throw new StoreException($"The number {profile.Id} is taken.");
        var saved = profile with { Id = known?.Id ?? profile.Id, IsLocal = false, Standing = StandingOf(profile.Uri) };
        Set(saved);
        return new(saved.Id);
    }

    public ValueTask<bool> UpdateAsync(Profile profile, CancellationToken cancellationToken)
    {
        if (session.State.Profiles.GetValueOrDefault(profile.Id.Value) is not { IsDeleted: false } known)
            return new(false);
        Set(profile with
        {
            Uri = known.Uri,
            Nickname = known.IsLocal ? known.Nickname : profile.Nickname,
            IsLocal = known.IsLocal,
            Scope = known.Scope,
            IsDeleted = false,
            Standing = known.Standing,
        });
        return new(true);
    }

    public ValueTask DeleteLocalAsync(ProfileId id, CancellationToken cancellationToken)
    {
        if (session.State.Profiles.GetValueOrDefault(id.Value) is not { IsLocal: true } known)
            return ValueTask.CompletedTask;
        Set(known with
        {
            IsDeleted = true,
            FullName = "",
            Bio = "",
            Location = "",
            Homepage = "",
            AvatarUrl = "",
            License = "",
        });
        var subjects = session.State.Subjects;
        session.State = session.State with
        {
            Subjects = known.MayAct ? subjects.RemoveRange(subjects.Where(pair => pair.Value == id).Select(pair => pair.Key)) : subjects,
            Jobs = session.State.Jobs.Add(new Job(Job.Leaving, id, default, 0, 0)),
        };
        ((InMemoryAttachments)session.Attachments).RemoveAll(id);
        ((InMemoryInvitations)session.Invitations).RemoveAll(id);
        ((InMemoryCredentials)session.Credentials).RemoveAll(id);
        return ValueTask.CompletedTask;
    }

    private Standing StandingOf(ProfileUri uri) => session.State.Standings.GetValueOrDefault(uri);

    private IEnumerable<Profile> All => session.State.Profiles.Values;

    private Profile? Find(ProfileUri uri, SubscriptionId scope) =>
        All.FirstOrDefault(profile => profile.Uri == uri && profile.Scope == scope);

    private void Set(Profile profile) =>
        session.State = session.State with { Profiles = session.State.Profiles.SetItem(profile.Id.Value, profile) };
}
