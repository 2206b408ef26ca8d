namespace Microblog.Storage.Postgres;

internal sealed class PostgresGroups(PostgresSession session) : IGroupStore
{
    private const string Columns = "g.id, g.nickname, g.aliases, g.full_name, g.description, g.location, g.homepage, g.creator, g.members, g.notices";
    private const int ColumnCount = 10;

    private const string Select = "SELECT " + Columns + " FROM microblog.group g ";

    public ValueTask<Group?> FindAsync(GroupId id, CancellationToken cancellationToken) =>
        session.Sql(Select + "WHERE g.id = $1" + session.Lock).Bind(id.Value).FindAsync<Group>(Read);

    public ValueTask<Group?> FindAsync(string name, CancellationToken cancellationToken) => session.Sql(
        Select + "WHERE g.id = (SELECT group_id FROM microblog.group_name WHERE name = $1)" + session.Lock).Bind(name).FindAsync<Group>(Read);

    public async ValueTask<IReadOnlyList<Group>> ListAsync(GroupOrder order, GroupPlace? after, int count, CancellationToken cancellationToken) => await (
        order == GroupOrder.Newest
            ? session.Sql(Select + "WHERE g.id < $1 ORDER BY g.id DESC LIMIT $2").Bind(after?.Id.Value ?? long.MaxValue).Bind(count)
            : session.Sql(Select + "WHERE (g.members, g.id) < ($3, $1) ORDER BY g.members DESC, g.id DESC LIMIT $2")
                .Bind(after?.Id.Value ?? long.MaxValue).Bind(count).Bind(after?.Members ?? int.MaxValue))
        .ListAsync(Read).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Membership>> ListOfAsync(ProfileId person, GroupId? before, int count, CancellationToken cancellationToken) =>
        await session.Sql(
            "SELECT " + Columns + ", m.standing, m.position FROM microblog.group_member m JOIN microblog.group g ON g.id = m.group_id "
            + "WHERE m.person = $1 AND m.group_id < $2 AND m.standing >= 2 ORDER BY m.group_id DESC LIMIT $3")
            .Bind(person.Value).Bind(before?.Value ?? long.MaxValue).Bind(count)
            .ListAsync(static row => ReadMembership(Read(row), Place(row, ColumnCount))).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<NamedGroup>> ListNamedAsync(ProfileId person, IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        await session.Sql(
            """
            SELECT m.group_id, x.name FROM unnest($2::text[]) WITH ORDINALITY AS w (name, place) JOIN microblog.group_name x ON x.name = w.name
            JOIN microblog.group_member m ON m.group_id = x.group_id AND m.person = $1 WHERE m.standing >= 2 ORDER BY w.place
            """).Bind(person.Value).Bind(names).ListAsync(static row => new NamedGroup(new GroupId(row.Int64(0)), row.Text(1))).ConfigureAwait(false);

    public async ValueTask<GroupStanding> FindStandingAsync(GroupId group, ProfileId person, CancellationToken cancellationToken) =>
        (await FindPlaceAsync(group, person).ConfigureAwait(false)).Standing;

    public async ValueTask<IReadOnlyList<GroupMember>> ListMembersAsync(
        GroupId group, bool blocked, MemberPlace? after, int count, CancellationToken cancellationToken)
    {
        // Admins and members each lie in their order; a page may end with the ones and begin with the others.
        const string Part =
            "(SELECT " + PostgresProfileRow.Columns + ", m.standing AS place, m.position FROM microblog.group_member m JOIN microblog.profile p ON p.id = m.person "
            + "WHERE m.group_id = $1 AND m.standing = {0} AND ($2 > {0} OR ($2 = {0} AND m.position > $3)) ORDER BY m.position LIMIT $4)";
        var last = after ?? new MemberPlace(blocked ? GroupStanding.Blocked : GroupStanding.Admin, default);
        var list = blocked
            ? Part.Replace("{0}", "1", StringComparison.Ordinal)
            : Part.Replace("{0}", "3", StringComparison.Ordinal) + " UNION ALL " + Part.Replace("{0}", "2", StringComparison.Ordinal);
        return await session.Sql("SELECT * FROM (" + list + ") AS merged ORDER BY place DESC, position LIMIT $4")
            .Bind(group.Value).Bind((int)last.Standing).Bind(last.Position.Value).Bind(count)
            .ListAsync(static row => new GroupMember(PostgresProfileRow.Read(row, 0), Place(row, PostgresProfileRow.Count))).ConfigureAwait(false);
    }

    // Whoever takes a name between this question and the insert breaks a constraint here, and the work asks again.
    public async ValueTask<string?> AddAsync(Group group, CancellationToken cancellationToken)
    {
        if (await FindTakenAsync(group).ConfigureAwait(false) is { } taken)
            return taken;
        Bind(
            session.Sql(
                """
                INSERT INTO microblog.group (id, aliases, full_name, description, location, homepage, nickname, creator, members, notices)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 0)
                """),
            group).Bind(group.Nickname).Bind(group.Creator.Value).Later();
        AddNames(group, [group.Nickname, .. AliasesOf(group)]);
        session.Sql("INSERT INTO microblog.group_member (group_id, person, standing, position) VALUES ($1, $2, $3, $1)")
            .Bind(group.Id.Value).Bind(group.Creator.Value).Bind((int)GroupStanding.Admin).Later();
        return null;
    }

    public async ValueTask<string?> UpdateAsync(Group group, CancellationToken cancellationToken)
    {
        if (await FindAsync(group.Id, cancellationToken).ConfigureAwait(false) is not { } known)
            return null;
        var changed = group with { Nickname = known.Nickname };
        if (await FindTakenAsync(changed).ConfigureAwait(false) is { } taken)
            return taken;
        Bind(
            session.Sql("UPDATE microblog.group SET aliases = $2, full_name = $3, description = $4, location = $5, homepage = $6 WHERE id = $1"),
            group).Later();
        session.Sql("DELETE FROM microblog.group_name WHERE name = ANY ($1)").Bind(AliasesOf(known)).Later();
        AddNames(changed, AliasesOf(changed));
        return null;
    }

    public async ValueTask<bool> SetStandingAsync(
        GroupId group, ProfileId person, GroupStanding standing, TimelinePosition position, CancellationToken cancellationToken)
    {
        var before = await FindPlaceAsync(group, person).ConfigureAwait(false);
        if (before.Standing == standing)
            return false;
        var (wasMember, isMember) = (before.Standing >= GroupStanding.Member, standing >= GroupStanding.Member);
        if (standing == GroupStanding.Stranger)
            session.Sql("DELETE FROM microblog.group_member WHERE group_id = $1 AND person = $2").Bind(group.Value).Bind(person.Value).Later();
        else
        {
            session.Sql(
                """
                INSERT INTO microblog.group_member (group_id, person, standing, position) VALUES ($1, $2, $3, $4)
                ON CONFLICT (group_id, person) DO UPDATE SET standing = excluded.standing, position = excluded.position
                """)
                .Bind(group.Value).Bind(person.Value).Bind((int)standing).Bind(wasMember && isMember ? before.Position.Value : position.Value).Later();
        }

        if (wasMember != isMember)
            session.Sql("UPDATE microblog.group SET members = members + $2 WHERE id = $1").Bind(group.Value).Bind(isMember ? 1 : -1).Later();
        return true;
    }

    public async ValueTask EndAllAsync(ProfileId person, CancellationToken cancellationToken)
    {
        var places = await session.Sql(
            """
            SELECT g.id, m.standing FROM microblog.group_member m JOIN microblog.group g ON g.id = m.group_id
            WHERE m.person = $1 ORDER BY g.id FOR NO KEY UPDATE OF g
            """).Bind(person.Value).ListAsync(static row => (Group: row.Int64(0), Standing: (GroupStanding)row.Int32(1))).ConfigureAwait(false);
        session.Sql("DELETE FROM microblog.group_member WHERE person = $1").Bind(person.Value).Later();
        session.Sql("UPDATE microblog.group SET members = members - 1 WHERE id = ANY ($1)")
            .Bind(GroupsOf(GroupStanding.Member, GroupStanding.Admin)).Later();
        // Admins come first: where one is left, nothing changes.
        session.Sql(
            """
            UPDATE microblog.group_member m SET standing = 3 FROM unnest($1::bigint[]) AS g (id) CROSS JOIN LATERAL (
                SELECT person FROM microblog.group_member WHERE group_id = g.id AND standing >= 2 ORDER BY standing DESC, position LIMIT 1) first
            WHERE m.group_id = g.id AND m.person = first.person AND m.standing = 2
            """).Bind(GroupsOf(GroupStanding.Admin)).Later();

        long[] GroupsOf(params GroupStanding[] standings) => [.. places.Where(place => standings.Contains(place.Standing)).Select(place => place.Group)];
    }

    public async ValueTask<bool> RemoveNoticeAsync(GroupId group, NoticeId notice, CancellationToken cancellationToken)
    {
        session.Sql("DELETE FROM microblog.job WHERE notice = $1 AND group_id = $2").Bind(notice.Value).Bind(group.Value).Later();
        return await Removal(group, notice).RunAsync().ConfigureAwait(false) > 0;
    }

    /// <summary>Adds a notice to a group; whether its author is a member is the caller's question.</summary>
    public void AddLater(GroupId group, NoticeId notice) => session.Sql(
        """
        WITH added AS (INSERT INTO microblog.group_notice (group_id, notice) VALUES ($1, $2))
        UPDATE microblog.group SET notices = notices + 1 WHERE id = $1
        """).Bind(group.Value).Bind(notice.Value).Later();

    public void RemoveLater(GroupId group, NoticeId notice) => Removal(group, notice).Later();

    private PostgresCommand Removal(GroupId group, NoticeId notice) => session.Sql(
        """
        WITH gone AS (DELETE FROM microblog.group_notice WHERE group_id = $1 AND notice = $2 RETURNING group_id)
        UPDATE microblog.group SET notices = notices - 1 WHERE id = (SELECT group_id FROM gone)
        """).Bind(group.Value).Bind(notice.Value);

    private async ValueTask<MemberPlace> FindPlaceAsync(GroupId group, ProfileId person) =>
        (await session.Sql("SELECT standing, position FROM microblog.group_member WHERE group_id = $1 AND person = $2" + session.Lock)
            .Bind(group.Value).Bind(person.Value).ListAsync(static row => Place(row, 0)).ConfigureAwait(false)).FirstOrDefault();

    private async ValueTask<string?> FindTakenAsync(Group group) =>
        (await session.Sql(
            """
            SELECT w.name FROM unnest($1::text[]) WITH ORDINALITY AS w (name, place) JOIN microblog.group_name x ON x.name = w.name
            WHERE x.group_id <> $2 ORDER BY w.place LIMIT 1
            """).Bind([group.Nickname, .. group.Aliases]).Bind(group.Id.Value).ListAsync(static row => row.Text(0)).ConfigureAwait(false)).FirstOrDefault();

    private void AddNames(Group group, string[] names) =>
        session.Sql("INSERT INTO microblog.group_name (name, group_id) SELECT name, $2 FROM unnest($1::text[]) AS name")
            .Bind(names).Bind(group.Id.Value).Later();

    private static string[] AliasesOf(Group group) => [.. group.Aliases.Where(alias => alias != group.Nickname).Distinct(StringComparer.Ordinal)];

    private static PostgresCommand Bind(PostgresCommand command, Group group) => command
        .Bind(group.Id.Value).Bind(PostgresNoticeRow.Join(group.Aliases)).Bind(group.FullName).Bind(group.Description)
        .Bind(group.Location).Bind(group.Homepage);

    private static MemberPlace Place(PostgresRow row, int first) =>
        new((GroupStanding)row.Int32(first), new TimelinePosition(row.Int64(first + 1)));

    private static Membership ReadMembership(Group group, MemberPlace place) => new(group, place.Standing == GroupStanding.Admin, place.Since);

    private static Group Read(PostgresRow row) => new()
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
