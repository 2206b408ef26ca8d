namespace Microblog.Storage.Sqlite;

internal sealed class SqliteGroups(SqliteSession session) : IGroupStore
{
    private const string Columns = "g.id, g.nickname, g.aliases, g.full_name, g.description, g.location, g.homepage, g.creator, g.members, g.notices";
    private const int ColumnCount = 10;

    private const string Select = "SELECT " + Columns + " FROM microblog_group g ";

    public ValueTask<Group?> FindAsync(GroupId id, CancellationToken cancellationToken) => new(Find(id));

    public ValueTask<Group?> FindAsync(string name, CancellationToken cancellationToken) => new(One(session.Use(
        Select + "WHERE g.id = (SELECT group_id FROM microblog_group_name WHERE name = ?1)").Bind(1, name)));

    public ValueTask<IReadOnlyList<Group>> ListAsync(GroupOrder order, GroupPlace? after, int count, CancellationToken cancellationToken)
    {
        using var rows = order == GroupOrder.Newest
            ? session.Use(Select + "WHERE g.id < ?1 ORDER BY g.id DESC LIMIT ?2")
            : session.Use(Select + "WHERE (g.members, g.id) < (?3, ?1) ORDER BY g.members DESC, g.id DESC LIMIT ?2").Bind(3, after?.Members ?? int.MaxValue);
        rows.Bind(1, after?.Id.Value ?? long.MaxValue).Bind(2, count);
        var list = new List<Group>();
        while (rows.Step())
            list.Add(Read(rows));
        return new(list);
    }

    public ValueTask<IReadOnlyList<Membership>> ListOfAsync(ProfileId person, GroupId? before, int count, CancellationToken cancellationToken)
    {
        using var rows = session.Use(
            "SELECT " + Columns + ", m.standing, m.position FROM microblog_group_member m CROSS JOIN microblog_group g ON g.id = m.group_id "
            + "WHERE m.person = ?1 AND m.group_id < ?2 AND m.standing >= 2 ORDER BY m.group_id DESC LIMIT ?3")
            .Bind(1, person.Value).Bind(2, before?.Value ?? long.MaxValue).Bind(3, count);
        var list = new List<Membership>();
        while (rows.Step())
        {
            var place = Place(rows, ColumnCount);
            list.Add(new Membership(Read(rows), place.Standing == GroupStanding.Admin, place.Since));
        }

        return new(list);
    }

    public ValueTask<IReadOnlyList<NamedGroup>> ListNamedAsync(ProfileId person, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var list = new List<NamedGroup>();
        foreach (var name in names)
        {
            var group = session.Use(
                """
                SELECT m.group_id FROM microblog_group_name x CROSS JOIN microblog_group_member m ON m.group_id = x.group_id AND m.person = ?2
                WHERE x.name = ?1 AND m.standing >= 2
                """).Bind(1, name).Bind(2, person.Value).RunScalar();
            if (group is { } id)
                list.Add(new NamedGroup(new GroupId(id), name));
        }

        return new(list);
    }

    public ValueTask<GroupStanding> FindStandingAsync(GroupId group, ProfileId person, CancellationToken cancellationToken) => new(FindPlace(group, person).Standing);

    public ValueTask<IReadOnlyList<GroupMember>> ListMembersAsync(
        GroupId group, bool blocked, MemberPlace? after, int count, CancellationToken cancellationToken) => new(ListMembers(group, blocked, after, count));

    public ValueTask<string?> AddAsync(Group group, CancellationToken cancellationToken)
    {
        if (Taken(group) is { } taken)
            return new(taken);
        Bind(
            session.Use(
                """
                INSERT INTO microblog_group (id, aliases, full_name, description, location, homepage, nickname, creator, members, notices)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 0)
                """),
            group).Bind(7, group.Nickname).Bind(8, group.Creator.Value).Run();
        AddNames(group);
        session.Use("INSERT INTO microblog_group_member (group_id, person, standing, position) VALUES (?1, ?2, ?3, ?1)")
            .Bind(1, group.Id.Value).Bind(2, group.Creator.Value).Bind(3, (int)GroupStanding.Admin).Run();
        return new(default(string));
    }

    public ValueTask<string?> UpdateAsync(Group group, CancellationToken cancellationToken)
    {
        if (Find(group.Id) is not { } known)
            return new(default(string));
        if (Taken(group with { Nickname = known.Nickname }) is { } taken)
            return new(taken);
        Bind(
            session.Use("UPDATE microblog_group SET aliases = ?2, full_name = ?3, description = ?4, location = ?5, homepage = ?6 WHERE id = ?1"),
            group).Run();
        foreach (var alias in known.Aliases)
            session.Use("DELETE FROM microblog_group_name WHERE name = ?1").Bind(1, alias).Run();
        AddNames(group with { Nickname = known.Nickname });
        return new(default(string));
    }

    public ValueTask<bool> SetStandingAsync(
        GroupId group, ProfileId person, GroupStanding standing, TimelinePosition position, CancellationToken cancellationToken)
    {
        var before = FindPlace(group, person);
        if (before.Standing == standing || Find(group) is null)
            return new(false);
        Set(group, person, before, standing, position);
        return new(true);
    }

    public ValueTask EndAllAsync(ProfileId person, CancellationToken cancellationToken)
    {
        var places = new List<(GroupId Group, MemberPlace Place)>();
        using (var rows = session.Use("SELECT group_id, standing, position FROM microblog_group_member WHERE person = ?1").Bind(1, person.Value))
        {
            while (rows.Step())
                places.Add((new GroupId(rows.Int64(0)), Place(rows, 1)));
        }

        foreach (var (group, place) in places)
        {
            Set(group, person, place, GroupStanding.Stranger, default);
            // Admins come first.
            if (place.Standing == GroupStanding.Admin && ListMembers(group, blocked: false, null, 1) is [{ Place.Standing: GroupStanding.Member } oldest])
                Set(group, oldest.Person.Id, oldest.Place, GroupStanding.Admin, default);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveNoticeAsync(GroupId group, NoticeId notice, CancellationToken cancellationToken)
    {
        session.Use("DELETE FROM microblog_job WHERE notice = ?1 AND group_id = ?2").Bind(1, notice.Value).Bind(2, group.Value).Run();
        return new(Remove(group, notice));
    }

    /// <summary>Adds a notice to a group if its author is a member.</summary>
    public bool Add(GroupId group, Notice notice)
    {
        if (FindPlace(group, notice.Author).Standing < GroupStanding.Member)
            return false;
        session.Use("INSERT INTO microblog_group_notice (group_id, notice) VALUES (?1, ?2)").Bind(1, group.Value).Bind(2, notice.Id.Value).Run();
        Count(group, "notices", 1);
        return true;
    }

    public bool Remove(GroupId group, NoticeId notice)
    {
        var wasThere = session.Use("DELETE FROM microblog_group_notice WHERE group_id = ?1 AND notice = ?2").Bind(1, group.Value).Bind(2, notice.Value).Run() > 0;
        if (wasThere)
            Count(group, "notices", -1);
        return wasThere;
    }

    // Admins and members each lie in their order; a page may end with the ones and begin with the others.
    private List<GroupMember> ListMembers(GroupId group, bool blocked, MemberPlace? after, int count)
    {
        var (first, last) = blocked ? (GroupStanding.Blocked, GroupStanding.Blocked) : (GroupStanding.Admin, GroupStanding.Member);
        var list = new List<GroupMember>();
        for (var standing = after?.Standing ?? first; standing >= last && list.Count < count; standing--)
        {
            using var rows = session.Use(
                "SELECT " + ProfileRow.Columns + ", m.standing, m.position FROM microblog_group_member m CROSS JOIN microblog_profile p ON p.id = m.person "
                + "WHERE m.group_id = ?1 AND m.standing = ?2 AND m.position > ?3 ORDER BY m.position LIMIT ?4")
                .Bind(1, group.Value).Bind(2, (int)standing).Bind(3, standing == after?.Standing ? after.Value.Position.Value : 0).Bind(4, count - list.Count);
            while (rows.Step())
                list.Add(new GroupMember(ProfileRow.Read(rows, 0), Place(rows, ProfileRow.Count)));
        }

        return list;
    }

    private void Set(GroupId group, ProfileId person, MemberPlace before, GroupStanding standing, TimelinePosition position)
    {
        var (wasMember, isMember) = (before.Standing >= GroupStanding.Member, standing >= GroupStanding.Member);
        if (standing == GroupStanding.Stranger)
            session.Use("DELETE FROM microblog_group_member WHERE group_id = ?1 AND person = ?2").Bind(1, group.Value).Bind(2, person.Value).Run();
        else
        {
            session.Use("INSERT OR REPLACE INTO microblog_group_member (group_id, person, standing, position) VALUES (?1, ?2, ?3, ?4)")
                .Bind(1, group.Value).Bind(2, person.Value).Bind(3, (int)standing).Bind(4, wasMember && isMember ? before.Position.Value : position.Value).Run();
        }

        if (wasMember != isMember)
            Count(group, "members", isMember ? 1 : -1);
    }

    private MemberPlace FindPlace(GroupId group, ProfileId person)
    {
        using var row = session.Use("SELECT standing, position FROM microblog_group_member WHERE group_id = ?1 AND person = ?2")
            .Bind(1, group.Value).Bind(2, person.Value);
        return row.Step() ? Place(row, 0) : default;
    }

    private string? Taken(Group group) => group.Aliases.Prepend(group.Nickname).FirstOrDefault(name =>
        session.Use("SELECT 1 FROM microblog_group_name WHERE name = ?1 AND group_id <> ?2").Bind(1, name).Bind(2, group.Id.Value).RunScalar() is not null);

    private void AddNames(Group group)
    {
        foreach (var name in group.Aliases.Prepend(group.Nickname))
            session.Use("INSERT OR REPLACE INTO microblog_group_name (name, group_id) VALUES (?1, ?2)").Bind(1, name).Bind(2, group.Id.Value).Run();
    }

    private void Count(GroupId group, string column, int more) =>
        session.Use(string.Intern($"UPDATE microblog_group SET {column} = {column} + ?2 WHERE id = ?1")).Bind(1, group.Value).Bind(2, more).Run();

    private Group? Find(GroupId id) => One(session.Use(Select + "WHERE g.id = ?1").Bind(1, id.Value));

    private static Group? One(SqliteStatement row)
    {
        using (row)
            return row.Step() ? Read(row) : null;
    }

    private static SqliteStatement Bind(SqliteStatement statement, Group group) => statement
        .Bind(1, group.Id.Value).Bind(2, NoticeRow.Join(group.Aliases)).Bind(3, group.FullName).Bind(4, group.Description)
        .Bind(5, group.Location).Bind(6, group.Homepage);

    private static MemberPlace Place(SqliteStatement row, int first) =>
        new((GroupStanding)row.Int32(first), new TimelinePosition(row.Int64(first + 1)));

    private static Group Read(SqliteStatement row) => new()
    {
        Id = new GroupId(row.Int64(0)),
        Nickname = row.Text(1),
        Aliases = row.Text(2) is { Length: > 0 } aliases ? aliases.Split(' ') : [],
        FullName = row.Text(3),
        Description = row.Text(4),
        Location = row.Text(5),
        Homepage = row.Text(6),
        Creator = new ProfileId(row.Int64(7)),
        Counts = new GroupCounts(row.Int32(8), row.Int32(9)),
    };
}
