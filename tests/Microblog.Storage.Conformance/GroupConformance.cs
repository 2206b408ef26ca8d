namespace Microblog.Storage.Conformance;

/// <summary>Groups: their names, who is in them, and what goes to them.</summary>
public abstract class GroupConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task A_group_is_found_as_it_was_stored_by_its_number_and_each_of_its_names()
    {
        var alice = await AddLocalAsync("alice");
        var group = NewGroup(alice, "cats") with
        {
            Aliases = ["кошки", "γάτες", "猫", "बिल्ली", "𐐨𐐩"], FullName = "Cats", Description = "meow\nmeow", Location = "Köln", Homepage = "https://cats.example/",
        };

        Assert.Null(await AddAsync(group));

        var stored = group with { Counts = new GroupCounts(1, 0) };
        AssertSame(stored, await FindAsync(group.Id));
        foreach (var name in group.Aliases.Append("cats"))
            AssertSame(stored, await FindAsync(name));
        Assert.Null(await FindAsync("Cats"));
        Assert.Null(await FindAsync(""));
        Assert.Null(await FindAsync(new GroupId(group.Id.Value + 1)));
        Assert.Equal(GroupStanding.Admin, await StandingAsync(group, alice));
    }

    [Fact]
    public async Task A_name_belongs_to_one_group_whether_it_is_its_nickname_or_an_alias()
    {
        var alice = await AddLocalAsync("alice");
        await AddAsync(NewGroup(alice, "cats") with { Aliases = ["猫"] });

        Assert.Equal("cats", await AddAsync(NewGroup(alice, "cats")));
        Assert.Equal("猫", await AddAsync(NewGroup(alice, "dogs") with { Aliases = ["hund", "猫"] }));
        Assert.Equal("cats", await AddAsync(NewGroup(alice, "dogs") with { Aliases = ["cats"] }));
        Assert.Null(await FindAsync("dogs"));
        Assert.Null(await FindAsync("hund"));
        Assert.Null(await AddAsync(NewGroup(alice, "alice")));
    }

    [Fact]
    public async Task A_change_replaces_what_is_said_and_frees_the_aliases_that_are_gone_but_neither_name_nor_counts()
    {
        var alice = await AddLocalAsync("alice");
        var group = await AddedAsync(NewGroup(alice, "cats") with { Aliases = ["a1", "b1"], FullName = "Cats" });
        var other = await AddedAsync(NewGroup(alice, "dogs"));

        Assert.Null(await UpdateAsync(group with { Aliases = ["b1", "c1"], FullName = "", Description = "x", Nickname = "stolen", Counts = new GroupCounts(7, 7) }));

        AssertSame(group with { Aliases = ["b1", "c1"], FullName = "", Description = "x", Counts = new GroupCounts(1, 0) }, await FindAsync("c1"));
        Assert.Null(await FindAsync("a1"));
        Assert.Null(await FindAsync("stolen"));
        Assert.Equal("c1", await UpdateAsync(other with { Aliases = ["a1", "c1"] }));
        Assert.Null(await FindAsync("a1"));
        Assert.Null(await UpdateAsync(other with { Aliases = ["a1"] }));
        Assert.Equal(other.Id, (await FindAsync("a1"))!.Id);
        Assert.Null(await UpdateAsync(NewGroup(alice, "none") with { Aliases = ["z1"] }));
        Assert.Null(await FindAsync("z1"));
    }

    [Fact]
    public async Task Of_many_who_take_a_name_at_once_one_gets_it()
    {
        var alice = await AddLocalAsync("alice");

        var taken = await AtOnceAsync(8, number => Write(session =>
            session.Groups.AddAsync(NewGroup(alice, $"group{number}x") with { Aliases = ["猫"] }, None)));

        Assert.Single(taken, name => name is null);
        Assert.Equal(7, taken.Count(name => name == "猫"));
        Assert.Single(await ListAsync(GroupOrder.Newest));
    }

    [Fact]
    public async Task Members_are_counted_and_listed_with_the_admins_first_and_then_as_they_came()
    {
        var people = await PeopleAsync(6);
        var group = await AddedAsync(NewGroup(people[0], "cats"));
        foreach (var person in people.Skip(1))
            Assert.True(await SetAsync(group, person, GroupStanding.Member));
        Assert.False(await SetAsync(group, people[3], GroupStanding.Member));
        Assert.True(await SetAsync(group, people[4], GroupStanding.Admin));

        Assert.Equal(6, (await FindAsync(group.Id))!.Counts.Members);
        Profile[] expected = [people[0], people[4], people[1], people[2], people[3], people[5]];
        Assert.Equal(expected, await MembersAsync(group));
        for (var size = 1; size <= 6; size++)
        {
            var paged = new List<Profile>();
            MemberPlace? after = null;
            while (await PageAsync(group, after, size) is { Count: > 0 } page)
            {
                paged.AddRange(page.Select(member => member.Person));
                after = page[^1].Place;
            }

            Assert.Equal(expected, paged);
        }
    }

    [Fact]
    public async Task Whoever_leaves_and_comes_back_stands_last()
    {
        var people = await PeopleAsync(3);
        var group = await AddedAsync(NewGroup(people[0], "cats"));
        await SetAsync(group, people[1], GroupStanding.Member);
        await SetAsync(group, people[2], GroupStanding.Member);

        Assert.True(await SetAsync(group, people[1], GroupStanding.Stranger));
        Assert.False(await SetAsync(group, people[1], GroupStanding.Stranger));
        Assert.Equal(2, (await FindAsync(group.Id))!.Counts.Members);
        await SetAsync(group, people[1], GroupStanding.Member);

        Assert.Equal([people[0], people[2], people[1]], await MembersAsync(group));
    }

    [Fact]
    public async Task Whom_a_group_keeps_out_is_no_member_and_stands_in_a_list_apart()
    {
        var people = await PeopleAsync(4);
        var group = await AddedAsync(NewGroup(people[0], "cats"));
        await SetAsync(group, people[1], GroupStanding.Member);
        await SetAsync(group, people[2], GroupStanding.Blocked);

        Assert.True(await SetAsync(group, people[1], GroupStanding.Blocked));

        Assert.Equal(GroupStanding.Blocked, await StandingAsync(group, people[1]));
        Assert.Equal(1, (await FindAsync(group.Id))!.Counts.Members);
        Assert.Equal([people[0]], await MembersAsync(group));
        Assert.Equal([people[2], people[1]], await MembersAsync(group, blocked: true));
        var first = await Read(session => session.Groups.ListMembersAsync(group.Id, true, null, 1, None));
        Assert.Equal([people[1]], (await Read(session => session.Groups.ListMembersAsync(group.Id, true, first[0].Place, 9, None))).Select(member => member.Person));
        Assert.Empty(await MembershipsAsync(people[1]));
        Assert.True(await SetAsync(group, people[1], GroupStanding.Stranger));
        Assert.Equal((GroupStanding.Stranger, GroupStanding.Stranger), (await StandingAsync(group, people[1]), await StandingAsync(group, people[3])));
        Assert.Equal(1, (await FindAsync(group.Id))!.Counts.Members);
    }

    [Fact]
    public async Task Groups_are_listed_newest_first_or_biggest_first_page_by_page()
    {
        var people = await PeopleAsync(4);
        var groups = new List<Group>();
        foreach (var members in new[] { 1, 3, 2, 3, 1, 4 })
        {
            var group = await AddedAsync(NewGroup(people[0], $"g{groups.Count}"));
            foreach (var person in people.Skip(1).Take(members - 1))
                await SetAsync(group, person, GroupStanding.Member);
            groups.Add((await FindAsync(group.Id))!);
        }

        var newest = groups.Select(group => group.Id).Reverse().ToList();
        var biggest = new[] { 5, 3, 1, 2, 4, 0 }.Select(number => groups[number].Id).ToList();
        foreach (var (order, expected) in new[] { (GroupOrder.Newest, newest), (GroupOrder.Biggest, biggest) })
        {
            Assert.Equal(expected, (await ListAsync(order)).Select(group => group.Id));
            var paged = new List<Group>();
            while (await Read(session => session.Groups.ListAsync(order, paged.Count == 0 ? null : GroupPlace.Of(paged[^1]), 2, None)) is { Count: > 0 } page)
                paged.AddRange(page);
            Assert.Equal(expected, paged.Select(group => group.Id));
        }

        var mine = await MembershipsAsync(people[1]);
        Assert.Equal([groups[5].Id, groups[3].Id, groups[2].Id, groups[1].Id], mine.Select(membership => membership.Group.Id));
        Assert.All(mine, membership => Assert.False(membership.IsAdmin));
        Assert.All(await MembershipsAsync(people[0]), membership => Assert.True(membership.IsAdmin));
        Assert.Equal(
            [groups[2].Id], (await Read(session => session.Groups.ListOfAsync(people[1].Id, groups[3].Id, 1, None))).Select(membership => membership.Group.Id));
    }

    [Fact]
    public async Task Names_are_looked_up_for_their_members_only_in_the_order_asked_for()
    {
        var people = await PeopleAsync(2);
        var cats = await AddedAsync(NewGroup(people[0], "cats") with { Aliases = ["猫"] });
        var dogs = await AddedAsync(NewGroup(people[1], "dogs"));
        await SetAsync(dogs, people[0], GroupStanding.Member);
        await SetAsync(cats, people[1], GroupStanding.Blocked);
        string[] names = ["none", "猫", "dogs", "cats"];

        Assert.Equal(
            [new NamedGroup(cats.Id, "猫"), new NamedGroup(dogs.Id, "dogs"), new NamedGroup(cats.Id, "cats")],
            await Read(session => session.Groups.ListNamedAsync(people[0].Id, names, None)));
        Assert.Equal([new NamedGroup(dogs.Id, "dogs")], await Read(session => session.Groups.ListNamedAsync(people[1].Id, names, None)));
        Assert.Empty(await Read(session => session.Groups.ListNamedAsync(people[0].Id, [], None)));
    }

    [Fact]
    public async Task A_notice_goes_to_its_groups_and_once_to_each_members_home()
    {
        var people = await PeopleAsync(5);
        var (author, both, follower, one, stranger) = (people[0], people[1], people[2], people[3], people[4]);
        var cats = await AddedAsync(NewGroup(author, "cats"));
        var dogs = await AddedAsync(NewGroup(author, "dogs"));
        foreach (var group in new[] { cats, dogs })
            await SetAsync(group, both, GroupStanding.Member);
        await SetAsync(cats, follower, GroupStanding.Member);
        await SetAsync(dogs, one, GroupStanding.Member);
        await SaveAsync(LocalSubscription(follower, author));

        var notice = await PublishAsync(LocalNotice(author) with { Groups = [Named(dogs), Named(cats), new NamedGroup(cats.Id, "猫")] });

        foreach (var reader in new[] { author, both, follower, one })
            Assert.Equal([notice.Id], await HomeAsync(reader));
        Assert.Empty(await HomeAsync(stranger));
        Assert.Equal([notice.Id], await GroupAsync(cats));
        Assert.Equal([notice.Id], await GroupAsync(dogs));
        Assert.Equal((new GroupCounts(3, 1), new GroupCounts(3, 1)), ((await FindAsync(cats.Id))!.Counts, (await FindAsync(dogs.Id))!.Counts));
        Assert.Equal(notice.Groups, (await FindAsync(notice.Id))!.Notice.Groups);
    }

    [Fact]
    public async Task A_notice_does_not_go_to_a_group_that_its_author_is_not_in()
    {
        var people = await PeopleAsync(4);
        var cats = await AddedAsync(NewGroup(people[0], "cats"));
        await SetAsync(cats, people[1], GroupStanding.Blocked);
        await SetAsync(cats, people[2], GroupStanding.Member);

        await PublishAsync(LocalNotice(people[1]) with { Groups = [Named(cats)] });
        await PublishAsync(LocalNotice(people[3]) with { Groups = [Named(cats), new NamedGroup(new GroupId(7), "none")] });

        Assert.Empty(await GroupAsync(cats));
        Assert.Empty(await HomeAsync(people[2]));
        Assert.Equal(0, (await FindAsync(cats.Id))!.Counts.Notices);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(70)]
    [InlineData(1_000)]
    public async Task Members_beyond_the_first_get_the_notice_in_small_steps_and_each_once(int step)
    {
        var author = await AddLocalAsync("author");
        var people = await PeopleAsync(step == 1 ? 205 : 450);
        var (cats, dogs) = (await AddedAsync(NewGroup(author, "cats")), await AddedAsync(NewGroup(author, "dogs")));
        await FillAsync(cats, people);
        await FillAsync(dogs, people.Skip(people.Count / 2));
        foreach (var person in people.Take(3))
            await SaveAsync(LocalSubscription(person, author));

        var notice = await PublishAsync(LocalNotice(author) with { Groups = [Named(cats), Named(dogs)] });
        // Whoever comes later was no member then.
        var late = await AddLocalAsync("late");
        await SetAsync(cats, late, GroupStanding.Member);
        Assert.Empty(await HomeAsync(people[^1]));
        var steps = 0;
        while (await ContinueAsync(step))
            steps++;

        foreach (var person in people)
            Assert.Equal([notice.Id], await HomeAsync(person));
        Assert.Empty(await HomeAsync(late));
        if (step > 1)
            Assert.InRange(steps, 1, 20);
    }

    [Fact]
    public async Task A_notice_that_an_admin_takes_out_or_its_author_deletes_is_in_no_group_any_more_and_reaches_nobody_through_it()
    {
        var author = await AddLocalAsync("author");
        var people = await PeopleAsync(230);
        var (cats, dogs) = (await AddedAsync(NewGroup(author, "cats")), await AddedAsync(NewGroup(author, "dogs")));
        await FillAsync(cats, people);
        await SetAsync(dogs, people[0], GroupStanding.Member);
        var (first, second) = (await PublishAsync(LocalNotice(author) with { Groups = [Named(cats), Named(dogs)] }), await PublishAsync(LocalNotice(author) with { Groups = [Named(cats)] }));

        Assert.True(await Write(session => session.Groups.RemoveNoticeAsync(cats.Id, first.Id, None)));
        Assert.False(await Write(session => session.Groups.RemoveNoticeAsync(cats.Id, first.Id, None)));
        Assert.True(await DeleteAsync(second.Id));
        while (await ContinueAsync())
        {
        }

        Assert.Empty(await GroupAsync(cats));
        Assert.Equal([first.Id], await GroupAsync(dogs));
        Assert.Equal((0, 1), ((await FindAsync(cats.Id))!.Counts.Notices, (await FindAsync(dogs.Id))!.Counts.Notices));
        Assert.Empty(await HomeAsync(people[^1]));
        Assert.Equal([first.Id], await HomeAsync(people[1]));
        Assert.True(await DeleteAsync(first.Id));
        Assert.Equal((0, 0), ((await FindAsync(cats.Id))!.Counts.Notices, (await FindAsync(dogs.Id))!.Counts.Notices));
    }

    [Fact]
    public async Task A_change_of_the_text_leaves_a_notice_in_its_groups()
    {
        var alice = await AddLocalAsync("alice");
        var cats = await AddedAsync(NewGroup(alice, "cats"));
        var notice = await PublishAsync(LocalNotice(alice, "!cats hello") with { Groups = [Named(cats)] });

        Assert.True(await Write(session => session.Notices.EditAsync(
            notice with { Content = "hello", Groups = [], EditedAt = Clock.GetUtcNow() }, At(NewNoticeId()), None)));

        Assert.Equal([Named(cats)], (await FindAsync(notice.Id))!.Notice.Groups);
        Assert.Equal([notice.Id], await GroupAsync(cats));
    }

    [Fact]
    public async Task Whom_the_viewer_mutes_or_who_blocks_them_is_not_in_a_groups_timeline()
    {
        var people = await PeopleAsync(3);
        var cats = await AddedAsync(NewGroup(people[0], "cats"));
        await SetAsync(cats, people[1], GroupStanding.Member);
        var (one, other) = (await PublishAsync(LocalNotice(people[0]) with { Groups = [Named(cats)] }), await PublishAsync(LocalNotice(people[1]) with { Groups = [Named(cats)] }));

        await Write(session => session.Subscriptions.MuteAsync(people[2].Id, new Mute(people[0].Uri, Clock.GetUtcNow()), None));
        Assert.Equal([other.Id], await GroupAsync(cats, people[2].Id));
        await Write(session => session.Subscriptions.BlockAsync(people[1].Id, people[2].Uri, Clock.GetUtcNow(), None));
        Assert.Empty(await GroupAsync(cats, people[2].Id));
        Assert.Equal([other.Id, one.Id], await GroupAsync(cats));
    }

    [Fact]
    public async Task Whoever_leaves_the_node_leaves_every_group_and_the_member_who_came_first_takes_the_place_of_the_only_admin()
    {
        var people = await PeopleAsync(4);
        var (gone, old, young) = (people[0], people[1], people[2]);
        var orphan = await AddedAsync(NewGroup(gone, "orphan"));
        var shared = await AddedAsync(NewGroup(gone, "shared"));
        var alone = await AddedAsync(NewGroup(gone, "alone"));
        var theirs = await AddedAsync(NewGroup(young, "theirs"));
        var closed = await AddedAsync(NewGroup(young, "closed"));
        await SetAsync(orphan, people[3], GroupStanding.Blocked);
        foreach (var group in new[] { orphan, shared })
        {
            await SetAsync(group, old, GroupStanding.Member);
            await SetAsync(group, young, GroupStanding.Member);
        }

        await SetAsync(shared, young, GroupStanding.Admin);
        await SetAsync(theirs, gone, GroupStanding.Member);
        await SetAsync(closed, gone, GroupStanding.Blocked);

        await Write(session => session.Groups.EndAllAsync(gone.Id, None));

        Assert.Empty(await MembershipsAsync(gone));
        Assert.Equal([GroupStanding.Admin, GroupStanding.Member, GroupStanding.Stranger, GroupStanding.Blocked], await StandingsAsync(orphan, old, young, gone, people[3]));
        Assert.Equal([GroupStanding.Member, GroupStanding.Admin, GroupStanding.Stranger], await StandingsAsync(shared, old, young, gone));
        foreach (var (group, members) in new[] { (orphan, 2), (shared, 2), (alone, 0), (theirs, 1), (closed, 1) })
            Assert.Equal(members, (await FindAsync(group.Id))!.Counts.Members);
    }

    private Group NewGroup(Profile creator, string nickname)
    {
        using var id = Store.Ids.Draw();
        return new Group { Id = id.Group, Nickname = nickname, Creator = creator.Id };
    }

    private async Task<Group> AddedAsync(Group group)
    {
        Assert.Null(await AddAsync(group));
        return group;
    }

    private async Task<IReadOnlyList<Profile>> PeopleAsync(int count)
    {
        var people = Enumerable.Range(0, count).Select(number => LocalProfile($"p{number}")).ToList();
        await Write(async session =>
        {
            foreach (var person in people)
                Assert.Equal(AddProfileResult.Added, await session.Profiles.AddLocalAsync(person, person.Nickname, None));
            return true;
        });
        return people;
    }

    private async Task FillAsync(Group group, IEnumerable<Profile> people)
    {
        var places = people.Select(person => (person.Id, Position: At(NewNoticeId()))).ToList();
        await Write(async session =>
        {
            foreach (var (person, position) in places)
                await session.Groups.SetStandingAsync(group.Id, person, GroupStanding.Member, position, None);
            return true;
        });
    }

    private static NamedGroup Named(Group group) => new(group.Id, group.Nickname);

    private ValueTask<string?> AddAsync(Group group) => Write(session => session.Groups.AddAsync(group, None));

    private ValueTask<string?> UpdateAsync(Group group) => Write(session => session.Groups.UpdateAsync(group, None));

    private ValueTask<Group?> FindAsync(GroupId id) => Read(session => session.Groups.FindAsync(id, None));

    private ValueTask<Group?> FindAsync(string name) => Read(session => session.Groups.FindAsync(name, None));

    private ValueTask<IReadOnlyList<Group>> ListAsync(GroupOrder order) => Read(session => session.Groups.ListAsync(order, null, 200, None));

    private ValueTask<GroupStanding> StandingAsync(Group group, Profile person) => Read(session => session.Groups.FindStandingAsync(group.Id, person.Id, None));

    private async Task<IReadOnlyList<GroupStanding>> StandingsAsync(Group group, params Profile[] people)
    {
        var list = new List<GroupStanding>();
        foreach (var person in people)
            list.Add(await StandingAsync(group, person));
        return list;
    }

    private ValueTask<bool> SetAsync(Group group, Profile person, GroupStanding standing)
    {
        var position = At(NewNoticeId());
        return Write(session => session.Groups.SetStandingAsync(group.Id, person.Id, standing, position, None));
    }

    private ValueTask<IReadOnlyList<GroupMember>> PageAsync(Group group, MemberPlace? after, int count) =>
        Read(session => session.Groups.ListMembersAsync(group.Id, false, after, count, None));

    private async Task<IEnumerable<Profile>> MembersAsync(Group group, bool blocked = false) =>
        (await Read(session => session.Groups.ListMembersAsync(group.Id, blocked, null, 200, None))).Select(member => member.Person);

    private ValueTask<IReadOnlyList<Membership>> MembershipsAsync(Profile person) => Read(session => session.Groups.ListOfAsync(person.Id, null, 200, None));

    private async Task<NoticeId[]> GroupAsync(Group group, ProfileId viewer = default) =>
        IdsOf(await Read(session => session.Timelines.GroupAsync(group.Id, viewer, PageRequest.Newest(200), None)));

    private static void AssertSame(Group expected, Group? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Aliases, actual.Aliases);
        Assert.Equal(expected with { Aliases = [] }, actual with { Aliases = [] });
    }
}
