namespace Microblog.Storage.InMemory;

internal sealed class InMemoryGroups(InMemorySession session) : IGroupStore
{
    public ValueTask<Group?> FindAsync(GroupId id, CancellationToken cancellationToken) => new(session.State.Groups.GetValueOrDefault(id.Value));

    public ValueTask<Group?> FindAsync(string name, CancellationToken cancellationToken) =>
        new(session.State.GroupNames.TryGetValue(name, out var id) ? session.State.Groups[id.Value] : null);

    public ValueTask<IReadOnlyList<Group>> ListAsync(GroupOrder order, GroupPlace? after, int count, CancellationToken cancellationToken) => new(
        session.State.Groups.Values
            .OrderByDescending(group => order == GroupOrder.Biggest ? group.Counts.Members : 0).ThenByDescending(group => group.Id.Value)
            .Where(group => after is not { } place
                || (order == GroupOrder.Biggest ? (group.Counts.Members, group.Id.Value).CompareTo((place.Members, place.Id.Value)) < 0 : group.Id.Value < place.Id.Value))
            .Take(count).ToList());

    public ValueTask<IReadOnlyList<Membership>> ListOfAsync(ProfileId person, GroupId? before, int count, CancellationToken cancellationToken) => new(
        session.State.Members
            .Where(pair => pair.Key.Person == person && pair.Value.Standing >= GroupStanding.Member && pair.Key.Group.Value < (before?.Value ?? long.MaxValue))
            .OrderByDescending(pair => pair.Key.Group.Value).Take(count)
            .Select(pair => new Membership(session.State.Groups[pair.Key.Group.Value], pair.Value.Standing == GroupStanding.Admin, pair.Value.Since))
            .ToList());

    public ValueTask<IReadOnlyList<NamedGroup>> ListNamedAsync(ProfileId person, IReadOnlyList<string> names, CancellationToken cancellationToken) => new(
        names.Where(session.State.GroupNames.ContainsKey).Select(name => new NamedGroup(session.State.GroupNames[name], name))
            .Where(named => IsMember(named.Id, person)).ToList());

    public ValueTask<GroupStanding> FindStandingAsync(GroupId group, ProfileId person, CancellationToken cancellationToken) =>
        new(session.State.Members.GetValueOrDefault((group, person)).Standing);

    public ValueTask<IReadOnlyList<GroupMember>> ListMembersAsync(
        GroupId group, bool blocked, MemberPlace? after, int count, CancellationToken cancellationToken) => new(
        session.State.Members.Where(pair => pair.Key.Group == group && pair.Value.Standing == GroupStanding.Blocked == blocked)
            .OrderByDescending(pair => pair.Value.Standing).ThenBy(pair => pair.Value.Position)
            .Where(pair => after is not { } place || pair.Value.Standing < place.Standing
                || (pair.Value.Standing == place.Standing && pair.Value.Position > place.Position))
            .Take(count).Select(pair => new GroupMember(session.State.Profiles[pair.Key.Person.Value], pair.Value)).ToList());

    public ValueTask<string?> AddAsync(Group group, CancellationToken cancellationToken)
    {
        if (Taken(group) is { } taken)
            return new(taken);
        if (session.State.Groups.ContainsKey(group.Id.Value))
            throw new StoreException($"The number {group.Id} is taken.");
        Set(group with { Counts = new GroupCounts(1, 0) });
        session.State = session.State with
        {
            GroupNames = session.State.GroupNames.SetItem(group.Nickname, group.Id),
            Members = session.State.Members.Add((group.Id, group.Creator), new MemberPlace(GroupStanding.Admin, new TimelinePosition(group.Id.Value))),
        };
        return new(default(string));
    }

    public ValueTask<string?> UpdateAsync(Group group, CancellationToken cancellationToken)
    {
        if (!session.State.Groups.TryGetValue(group.Id.Value, out var known))
            return new(default(string));
        var wanted = group with { Nickname = known.Nickname, Creator = known.Creator, Counts = known.Counts };
        if (Taken(wanted) is { } taken)
            return new(taken);
        session.State = session.State with { GroupNames = session.State.GroupNames.RemoveRange(known.Aliases.Where(alias => alias != known.Nickname)) };
        Set(wanted);
        return new(default(string));
    }

    public ValueTask<bool> SetStandingAsync(
        GroupId group, ProfileId person, GroupStanding standing, TimelinePosition position, CancellationToken cancellationToken)
    {
        var before = session.State.Members.GetValueOrDefault((group, person));
        if (before.Standing == standing || !session.State.Groups.ContainsKey(group.Value))
            return new(false);
        var place = new MemberPlace(standing, before.Standing >= GroupStanding.Member && standing >= GroupStanding.Member ? before.Position : position);
        session.State = session.State with
        {
            Members = standing == GroupStanding.Stranger
                ? session.State.Members.Remove((group, person))
                : session.State.Members.SetItem((group, person), place),
        };
        Count(group, new GroupCounts((standing >= GroupStanding.Member ? 1 : 0) - (before.Standing >= GroupStanding.Member ? 1 : 0), 0));
        return new(true);
    }

    public async ValueTask EndAllAsync(ProfileId person, CancellationToken cancellationToken)
    {
        foreach (var (key, place) in session.State.Members.Where(pair => pair.Key.Person == person).ToList())
        {
            await SetStandingAsync(key.Group, person, GroupStanding.Stranger, default, cancellationToken).ConfigureAwait(false);
            if (place.Standing != GroupStanding.Admin)
                continue;
            // Admins come first.
            var next = await ListMembersAsync(key.Group, blocked: false, null, 1, cancellationToken).ConfigureAwait(false);
            if (next is [{ Place.Standing: GroupStanding.Member } oldest])
                await SetStandingAsync(key.Group, oldest.Person.Id, GroupStanding.Admin, default, cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask<bool> RemoveNoticeAsync(GroupId group, NoticeId notice, CancellationToken cancellationToken)
    {
        session.State = session.State with { Jobs = session.State.Jobs.RemoveAll(job => job.Notice == notice && job.Group == group) };
        return new(Remove(group, notice));
    }

    /// <summary>Those of a notice's groups that its author is a member of, each once: where it goes.</summary>
    public IReadOnlyList<GroupId> GroupsOf(Notice notice) =>
        [.. notice.Groups.Select(named => named.Id).Distinct().Where(group => IsMember(group, notice.Author))];

    public void Add(GroupId group, NoticeId notice)
    {
        session.State = session.State with { GroupNotices = session.State.GroupNotices.Add((group, notice)) };
        Count(group, new GroupCounts(0, 1));
    }

    public bool Remove(GroupId group, NoticeId notice)
    {
        if (!session.State.GroupNotices.Contains((group, notice)))
            return false;
        session.State = session.State with { GroupNotices = session.State.GroupNotices.Remove((group, notice)) };
        Count(group, new GroupCounts(0, -1));
        return true;
    }

    /// <summary>The members between two places, in their order.</summary>
    public IReadOnlyList<(ProfileId Person, long Place)> Members(GroupId group, long after, long through) =>
        [.. session.State.Members.Where(pair => pair.Key.Group == group && pair.Value.Standing >= GroupStanding.Member)
            .Select(pair => (pair.Key.Person, Place: pair.Value.Position.Value)).Where(member => member.Place > after && member.Place <= through)
            .OrderBy(member => member.Place)];

    private bool IsMember(GroupId group, ProfileId person) => session.State.Members.GetValueOrDefault((group, person)).Standing >= GroupStanding.Member;

    private string? Taken(Group group) => group.Aliases.Prepend(group.Nickname)
        .FirstOrDefault(name => session.State.GroupNames.TryGetValue(name, out var other) && other != group.Id);

    private void Set(Group group) => session.State = session.State with
    {
        Groups = session.State.Groups.SetItem(group.Id.Value, group),
        GroupNames = session.State.GroupNames.SetItems(group.Aliases.Select(alias => KeyValuePair.Create(alias, group.Id))),
    };

    private void Count(GroupId id, GroupCounts more)
    {
        var group = session.State.Groups[id.Value];
        var counts = new GroupCounts(group.Counts.Members + more.Members, group.Counts.Notices + more.Notices);
        session.State = session.State with { Groups = session.State.Groups.SetItem(id.Value, group with { Counts = counts }) };
    }
}
