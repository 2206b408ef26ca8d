using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Archive;
using Microblog.Groups;
using Microblog.Moderation;
using Microblog.Storage;
using Microblog.Testing;
using Microblog.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Core.Tests.Groups;

/// <summary>Groups through the façade: who may do what, and which notices go where.</summary>
public sealed class GroupTests : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly MicroblogNode node;
    private readonly FakeTimeProvider clock = new();

    public GroupTests()
    {
        services = InMemoryNode.Create(clock, options =>
        {
            options.MaxNoticeLength = 100_000;
            options.ReservedNicknames.Add("house");
        });
        node = services.GetRequiredService<MicroblogNode>();
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();

    [Fact]
    public async Task A_creator_is_the_first_member_and_an_admin_and_may_have_the_groups_name_themself()
    {
        var cats = await JoinAsync("cats");

        var group = (await node.CreateGroupAsync(
            cats.Id, " Cats ", new GroupDetails { FullName = " The cats ", Description = "a\nb", Aliases = ["!Кошки", "кошки", "cats"] })).Value;

        Assert.Equal(("cats", "The cats", "a\nb", cats.Id), (group.Nickname, group.FullName, group.Description, group.Creator));
        Assert.Equal(["кошки"], group.Aliases);
        Assert.Equal(group.Id, (await node.FindGroupAsync("!КОШКИ"))!.Id);
        Assert.Equal(group.Id, (await node.FindGroupAsync("Cats"))!.Id);
        Assert.Equal(GroupStanding.Admin, await StandingAsync(group, cats));
        Assert.Equal(clock.GetUtcNow(), group.CreatedAt);
    }

    [Theory]
    [InlineData("", "Choose")]
    [InlineData("c ats", "letters a to z")]
    [InlineData("кошки", "letters a to z")]
    [InlineData("42", "letter")]
    [InlineData("admin", "reserved")]
    [InlineData("house", "reserved")]
    public async Task A_name_that_cannot_be_is_refused(string name, string reason)
    {
        var alice = await JoinAsync("alice");

        Assert.Contains(reason, (await node.CreateGroupAsync(alice.Id, name, new())).Problem, StringComparison.Ordinal);
        Assert.Empty(await ListAsync());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("!", "empty")]
    [InlineData("a b", "letters")]
    [InlineData("!!a", "letters")]
    [InlineData("a-b", "letters")]
    [InlineData("a\u0000b", "letters")]
    [InlineData("a\u0007b", "letters")]
    [InlineData("a\u202Eb", "letters")]
    [InlineData("a\u2066b", "letters")]
    [InlineData("a\u200Fb", "letters")]
    [InlineData("a\u200Bb", "letters")]
    [InlineData("a\uFEFFb", "letters")]
    [InlineData("a🙂", "letters")]
    [InlineData("42", "letter")]
    [InlineData("a\u3164", "does not show")]
    [InlineData("a\uFE0F", "does not show")]
    [InlineData("a\u034Fb", "does not show")]
    [InlineData("ADMIN", "reserved")]
    [InlineData("house", "reserved")]
    public async Task An_alias_that_would_mislead_is_refused(string alias, string reason)
    {
        var alice = await JoinAsync("alice");

        Assert.Contains(reason, (await node.CreateGroupAsync(alice.Id, "cats", new GroupDetails { Aliases = [alias] })).Problem, StringComparison.Ordinal);
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Half_a_character_is_no_alias()
    {
        var alice = await JoinAsync("alice");
        foreach (var alias in new[] { "a\uD83D", "\uDE42a", "\uD801" })
            Assert.NotNull((await node.CreateGroupAsync(alice.Id, "cats", new GroupDetails { Aliases = [alias] })).Problem);
    }

    [Fact]
    public async Task Names_of_every_script_may_be_64_characters_long_and_ten()
    {
        var alice = await JoinAsync("alice");
        string[] scripts = ["a", "ж", "λ", "क", "猫", "ア", "한", "ع", "ש", "𐐨"];
        string[] aliases = [.. scripts.Select(letter => string.Concat(Enumerable.Repeat(letter, 64)))];

        var group = (await node.CreateGroupAsync(alice.Id, "cats", new GroupDetails { Aliases = aliases })).Value;

        foreach (var alias in aliases)
        {
            Assert.Equal(group.Id, (await node.FindGroupAsync(alias))!.Id);
            Assert.Equal([new NamedGroup(group.Id, alias)], (await PublishAsync(alice, $"hello !{alias}.")).Groups);
            Assert.Contains("at most 64", (await node.UpdateGroupAsync(alice.Id, group.Id, new GroupDetails { Aliases = [alias + alias[..^(alias.Length - alias.Length / 64)]] })).Problem, StringComparison.Ordinal);
        }

        Assert.Contains("at most 10", (await node.UpdateGroupAsync(alice.Id, group.Id, new GroupDetails { Aliases = [.. aliases, "b"] })).Problem, StringComparison.Ordinal);
        Assert.Equal(10, (await node.FindGroupAsync("cats"))!.Aliases.Count);
    }

    [Fact]
    public void Every_alias_that_is_taken_is_found_in_a_text()
    {
        var text = Gen.Frequency((1, ArbMap.Default.GeneratorFor<string>().Select(s => s ?? "")), (2, Gen.Elements("a", "猫", "\u0301", "_", "7", "𐐨", "\u202E", "!").ListOf().Select(string.Concat)));
        Prop.ForAll(Arb.From(text), typed => !GroupName.TryParseAlias(typed, out var alias, out _)
                || NoticeText.Split($"to !{alias}!") is [_, { Kind: TextPartKind.Group } part, _] && part.Value == alias)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    public static TheoryData<string, GroupDetails> BadDetails => new()
    {
        { "full name", new() { FullName = new string('x', GroupLimits.FullName + 1) } },
        { "full name", new() { FullName = "a\nb" } },
        { "full name", new() { FullName = "a\u202Eb" } },
        { "full name", new() { FullName = "a\u2028b" } },
        { "full name", new() { FullName = "a\0b" } },
        { "description", new() { Description = string.Concat(Enumerable.Repeat("e\u0301", GroupLimits.Description + 1)) } },
        { "description", new() { Description = "a\u0007b" } },
        { "description", new() { Description = "a\u2067b" } },
        { "description", new() { Description = "a\uD83D" } },
        { "location", new() { Location = new string('x', GroupLimits.Location + 1) } },
        { "location", new() { Location = "a\tb" } },
        { "homepage", new() { Homepage = "javascript:alert(1)" } },
        { "homepage", new() { Homepage = "https://a.example/" + new string('x', GroupLimits.Address) } },
    };

    [Theory]
    [MemberData(nameof(BadDetails))]
    public async Task Details_that_cannot_be_shown_are_refused_and_change_nothing(string field, GroupDetails details)
    {
        var alice = await JoinAsync("alice");
        var group = (await node.CreateGroupAsync(alice.Id, "cats", new GroupDetails { FullName = "before" })).Value;

        Assert.Contains(field, (await node.UpdateGroupAsync(alice.Id, group.Id, details)).Problem, StringComparison.Ordinal);
        Assert.Contains(field, (await node.CreateGroupAsync(alice.Id, "dogs", details)).Problem, StringComparison.Ordinal);
        Assert.Equal("before", Assert.Single(await ListAsync()).FullName);
    }

    [Fact]
    public async Task The_longest_details_of_any_script_are_kept()
    {
        var alice = await JoinAsync("alice");
        var details = new GroupDetails
        {
            FullName = new string('猫', GroupLimits.FullName),
            Description = string.Concat(Enumerable.Repeat("👨‍👩‍👧", GroupLimits.Description)),
            Location = "می\u200Cخواهم",
            Homepage = "https://cats.example/",
        };

        var group = (await node.CreateGroupAsync(alice.Id, "cats", details)).Value;

        Assert.Equal((details.FullName, details.Description, details.Location, details.Homepage), (group.FullName, group.Description, group.Location, group.Homepage));
    }

    [Fact]
    public async Task A_name_that_another_group_has_is_refused()
    {
        var alice = await JoinAsync("alice");
        var cats = await CreateAsync(alice, "cats", "猫");

        Assert.Contains("cats", (await node.CreateGroupAsync(alice.Id, "cats", new())).Problem, StringComparison.Ordinal);
        Assert.Contains("猫", (await node.CreateGroupAsync(alice.Id, "dogs", new GroupDetails { Aliases = ["猫"] })).Problem, StringComparison.Ordinal);
        var dogs = await CreateAsync(alice, "dogs");
        Assert.Contains("cats", (await node.UpdateGroupAsync(alice.Id, dogs.Id, new GroupDetails { Aliases = ["cats"] })).Problem, StringComparison.Ordinal);
        Assert.Equal(cats.Id, (await node.FindGroupAsync("cats"))!.Id);
    }

    [Fact]
    public async Task Only_an_admin_changes_a_group_and_decides_about_its_people()
    {
        var (alice, bob, carol) = (await JoinAsync("alice"), await JoinAsync("bob"), await JoinAsync("carol"));
        var group = await CreateAsync(alice, "cats");
        await node.JoinGroupAsync(bob.Id, group.Id);
        var notice = await PublishAsync(alice, "!cats");

        foreach (var stranger in new[] { bob.Id, carol.Id, default, new ProfileId(7) })
        {
            Outcome<Group>[] outcomes =
            [
                await node.UpdateGroupAsync(stranger, group.Id, new GroupDetails { FullName = "mine" }),
                await node.MakeGroupAdminAsync(stranger, group.Id, bob.Id),
                await node.BlockFromGroupAsync(stranger, group.Id, carol.Id),
                await node.UnblockFromGroupAsync(stranger, group.Id, carol.Id),
                await node.RemoveFromGroupAsync(stranger, group.Id, notice.Id),
            ];
            Assert.All(outcomes, outcome => Assert.Contains("Only an admin", outcome.Problem, StringComparison.Ordinal));
        }

        Assert.Equal(("", 2, 1), ((await node.FindGroupAsync("cats"))!.FullName, (await node.FindGroupAsync("cats"))!.Counts.Members, (await node.FindGroupAsync("cats"))!.Counts.Notices));
        Assert.Equal(2, (await node.MakeGroupAdminAsync(alice.Id, group.Id, bob.Id)).Value.Counts.Members);
        Assert.Equal("theirs", (await node.UpdateGroupAsync(bob.Id, group.Id, new GroupDetails { FullName = "theirs" })).Value.FullName);
        Assert.NotNull((await node.MakeGroupAdminAsync(bob.Id, group.Id, carol.Id)).Problem);
    }

    [Fact]
    public async Task Nobody_joins_what_is_not_there_or_without_a_profile()
    {
        var (alice, gone) = (await JoinAsync("alice"), await JoinAsync("gone"));
        var group = await CreateAsync(alice, "cats");
        await node.LeaveAsync(gone.Id);

        Assert.NotNull((await node.JoinGroupAsync(alice.Id, new GroupId(7))).Problem);
        Assert.NotNull((await node.JoinGroupAsync(gone.Id, group.Id)).Problem);
        Assert.NotNull((await node.JoinGroupAsync(new ProfileId(7), group.Id)).Problem);
        Assert.NotNull((await node.CreateGroupAsync(gone.Id, "dogs", new())).Problem);
        Assert.NotNull((await node.BlockFromGroupAsync(alice.Id, group.Id, gone.Id)).Problem);
        Assert.NotNull((await node.LeaveGroupAsync(alice.Id, new GroupId(7))).Problem);
        Assert.Equal(1, (await node.JoinGroupAsync(alice.Id, group.Id)).Value.Counts.Members);
    }

    [Fact]
    public async Task Who_is_suspended_can_do_nothing_with_groups_but_leave_them()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var (group, others) = (await CreateAsync(alice, "cats"), await CreateAsync(bob, "dogs"));
        await node.JoinGroupAsync(bob.Id, group.Id);
        await services.GetRequiredService<NodeModeration>().JudgeAsync("@root", alice.Uri, Standing.Suspended, "");

        foreach (var outcome in new[]
        {
            await node.CreateGroupAsync(alice.Id, "birds", new()),
            await node.JoinGroupAsync(alice.Id, others.Id),
            await node.UpdateGroupAsync(alice.Id, group.Id, new()),
            await node.MakeGroupAdminAsync(alice.Id, group.Id, bob.Id),
            await node.BlockFromGroupAsync(alice.Id, group.Id, bob.Id),
        })
            Assert.Contains("suspended", outcome.Problem, StringComparison.Ordinal);
        Assert.Null((await node.BlockFromGroupAsync(bob.Id, others.Id, alice.Id)).Problem);
        Assert.Equal(GroupStanding.Member, await StandingAsync(group, bob));
        await node.LeaveAsync(alice.Id);
        Assert.Equal(GroupStanding.Admin, await StandingAsync(group, bob));
    }

    [Fact]
    public async Task The_only_admin_cannot_leave_the_others_alone()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var group = await CreateAsync(alice, "cats");
        await node.JoinGroupAsync(bob.Id, group.Id);

        Assert.Contains("only admin", (await node.LeaveGroupAsync(alice.Id, group.Id)).Problem, StringComparison.Ordinal);
        await node.MakeGroupAdminAsync(alice.Id, group.Id, bob.Id);
        Assert.Equal(1, (await node.LeaveGroupAsync(alice.Id, group.Id)).Value.Counts.Members);
        Assert.NotNull((await node.LeaveGroupAsync(alice.Id, group.Id)).Problem);
    }

    [Fact]
    public async Task A_group_that_everybody_left_belongs_to_whoever_takes_it_up_and_its_name_stays_taken()
    {
        var (alice, bob, carol) = (await JoinAsync("alice"), await JoinAsync("bob"), await JoinAsync("carol"));
        var group = await CreateAsync(alice, "cats");
        Assert.Equal(0, (await node.LeaveGroupAsync(alice.Id, group.Id)).Value.Counts.Members);

        Assert.NotNull((await node.CreateGroupAsync(bob.Id, "cats", new())).Problem);
        await node.JoinGroupAsync(bob.Id, group.Id);
        await node.JoinGroupAsync(carol.Id, group.Id);

        Assert.Equal((GroupStanding.Admin, GroupStanding.Member), (await StandingAsync(group, bob), await StandingAsync(group, carol)));
    }

    [Fact]
    public async Task Whom_a_group_keeps_out_can_neither_join_nor_write_to_it_until_an_admin_lets_them()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var group = await CreateAsync(alice, "cats");
        await node.JoinGroupAsync(bob.Id, group.Id);
        var before = await PublishAsync(bob, "!cats one");

        Assert.Equal(1, (await node.BlockFromGroupAsync(alice.Id, group.Id, bob.Id)).Value.Counts.Members);

        Assert.Contains("keeps you out", (await node.JoinGroupAsync(bob.Id, group.Id)).Problem, StringComparison.Ordinal);
        Assert.Empty((await PublishAsync(bob, "!cats two")).Groups);
        Assert.Equal([before.Id], await GroupAsync(group));
        Assert.NotNull((await node.BlockFromGroupAsync(alice.Id, group.Id, alice.Id)).Problem);
        await node.UnblockFromGroupAsync(alice.Id, group.Id, bob.Id);
        Assert.NotNull((await node.UnblockFromGroupAsync(alice.Id, group.Id, bob.Id)).Problem);
        Assert.Equal(GroupStanding.Stranger, await StandingAsync(group, bob));
        Assert.Equal(2, (await node.JoinGroupAsync(bob.Id, group.Id)).Value.Counts.Members);
    }

    [Fact]
    public async Task A_notice_goes_to_the_groups_it_names_of_which_its_author_is_a_member()
    {
        var (alice, bob, carol) = (await JoinAsync("alice"), await JoinAsync("bob"), await JoinAsync("carol"));
        var (cats, dogs) = (await CreateAsync(alice, "cats", "猫"), await CreateAsync(carol, "dogs"));
        await node.JoinGroupAsync(bob.Id, cats.Id);

        var notice = await PublishAsync(alice, "!猫 and !CATS and !dogs and !none and !alice");

        Assert.Equal([new NamedGroup(cats.Id, "猫"), new NamedGroup(cats.Id, "cats")], notice.Groups);
        Assert.Equal([notice.Id], await HomeAsync(bob));
        Assert.Empty(await HomeAsync(carol));
        Assert.Equal([notice.Id], await GroupAsync(cats));
        Assert.Empty(await GroupAsync(dogs));
        Assert.Equal(notice.Groups, (await node.FindNoticeAsync(notice.Id, default))!.Notice.Groups);
    }

    [Theory]
    [InlineData(Visibility.Public, true)]
    [InlineData(Visibility.Unlisted, true)]
    [InlineData(Visibility.Followers, false)]
    [InlineData(Visibility.Direct, false)]
    public async Task Only_what_everybody_may_see_goes_to_a_group(Visibility visibility, bool goes)
    {
        var (alice, bob, carol) = (await JoinAsync("alice"), await JoinAsync("bob"), await JoinAsync("carol"));
        var cats = await CreateAsync(alice, "cats");
        await node.JoinGroupAsync(bob.Id, cats.Id);

        var notice = await PublishAsync(alice, "!cats @carol", visibility);

        Assert.Equal(goes, notice.Groups.Count > 0);
        Assert.Equal(goes, (await GroupAsync(cats, alice.Id)).Length > 0);
        Assert.Equal(goes, (await HomeAsync(bob)).Length > 0);
        Assert.Equal(visibility != Visibility.Followers, (await HomeAsync(carol)).Length > 0);
    }

    [Fact]
    public async Task A_repeat_goes_to_no_group_and_a_change_neither_in_nor_out()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var cats = await CreateAsync(alice, "cats");
        await node.JoinGroupAsync(bob.Id, cats.Id);
        var (inside, outside) = (await PublishAsync(alice, "!cats"), await PublishAsync(alice, "hello"));

        Assert.Empty((await node.RepeatAsync(bob.Id, inside.Id)).Value.Groups);
        Assert.Single((await node.EditAsync(alice.Id, inside.Id, new NoticeDraft { Content = "hello" })).Value.Groups);
        Assert.Empty((await node.EditAsync(alice.Id, outside.Id, new NoticeDraft { Content = "!cats" })).Value.Groups);

        Assert.Equal([inside.Id], await GroupAsync(cats));
    }

    [Fact]
    public async Task A_notice_goes_to_ten_groups_and_a_text_of_thousands_of_names_costs_no_more()
    {
        var alice = await JoinAsync("alice");
        var groups = new List<Group>();
        for (var number = 0; number < 12; number++)
            groups.Add(await CreateAsync(alice, $"g{number}"));

        var many = await PublishAsync(alice, string.Join(' ', groups.Select(group => $"!{group.Nickname}")));
        var buried = await PublishAsync(alice, string.Concat(Enumerable.Range(0, 10_000).Select(number => $"!x{number} ")) + "!g0");

        Assert.Equal(groups.Take(10).Select(group => group.Id), many.Groups.Select(group => group.Id));
        Assert.Empty(buried.Groups);
    }

    [Fact]
    public async Task An_admin_takes_a_notice_out_and_it_stays_its_authors()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var cats = await CreateAsync(alice, "cats");
        await node.JoinGroupAsync(bob.Id, cats.Id);
        var notice = await PublishAsync(bob, "!cats buy");

        Assert.Equal(0, (await node.RemoveFromGroupAsync(alice.Id, cats.Id, notice.Id)).Value.Counts.Notices);

        Assert.NotNull((await node.RemoveFromGroupAsync(alice.Id, cats.Id, notice.Id)).Problem);
        Assert.Empty(await GroupAsync(cats));
        Assert.NotNull(await node.FindNoticeAsync(notice.Id, default));
        Assert.Equal([notice.Id], await HomeAsync(alice));
    }

    [Fact]
    public async Task Whoever_leaves_the_node_leaves_their_groups_to_the_member_who_came_first()
    {
        var (alice, bob, carol) = (await JoinAsync("alice"), await JoinAsync("bob"), await JoinAsync("carol"));
        var cats = await CreateAsync(alice, "cats");
        await node.JoinGroupAsync(carol.Id, cats.Id);
        await node.JoinGroupAsync(bob.Id, cats.Id);

        Assert.True(await node.LeaveAsync(alice.Id));

        Assert.Equal((GroupStanding.Stranger, GroupStanding.Member, GroupStanding.Admin), (await StandingAsync(cats, alice), await StandingAsync(cats, bob), await StandingAsync(cats, carol)));
        Assert.Equal(2, (await node.FindGroupAsync("cats"))!.Counts.Members);
    }

    [Fact]
    public async Task An_archive_names_the_groups_and_an_import_says_that_it_joined_none()
    {
        var alice = await JoinAsync("alice");
        await CreateAsync(alice, "cats");
        await PublishAsync(alice, "!cats");
        using var file = new MemoryStream();
        await services.GetRequiredService<AccountArchive>().ExportAsync(alice, file);

        using (var zip = new ZipArchive(new MemoryStream(file.ToArray())))
        {
            using var lines = new StreamReader(zip.GetEntry("groups/000001.jsonl")!.Open(), Encoding.UTF8);
            var since = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal($$"""{"nickname":"cats","url":"https://here.example/group/cats","admin":true,"since":"{{since}}"}""" + "\n", await lines.ReadToEndAsync());
        }

        var other = new Archive.ArchiveNode();
        other.Clock.Advance(TimeSpan.FromDays(1));
        file.Position = 0;
        var imported = await other.Archive.ImportAsync(file, new AccountImport("1"));
        Assert.Equal(["groups/000001.jsonl"], imported.LeftOut);
        Assert.Equal(1, imported.Notices);
    }

    private async Task<Profile> JoinAsync(string nickname) => (await node.JoinAsync(nickname, nickname)).Value;

    private async Task<Group> CreateAsync(Profile creator, string nickname, params string[] aliases) =>
        (await node.CreateGroupAsync(creator.Id, nickname, new GroupDetails { Aliases = aliases })).Value;

    private async Task<Notice> PublishAsync(Profile author, string content, Visibility visibility = Visibility.Public) =>
        (await node.PublishAsync(author.Id, new NoticeDraft { Content = content, Visibility = visibility })).Value;

    private Task<IReadOnlyList<Group>> ListAsync() => node.ReadAsync((session, ct) => session.Groups.ListAsync(GroupOrder.Newest, null, 99, ct));

    private Task<GroupStanding> StandingAsync(Group group, Profile person) =>
        node.ReadAsync((session, ct) => session.Groups.FindStandingAsync(group.Id, person.Id, ct));

    private async Task<NoticeId[]> GroupAsync(Group group, ProfileId viewer = default) =>
        [.. (await node.GroupTimelineAsync(group.Id, viewer, PageRequest.Newest(99))).Select(entry => entry.Notice.Id)];

    private async Task<NoticeId[]> HomeAsync(Profile person) => [.. (await node.HomeAsync(person.Id, PageRequest.Newest(99))).Select(entry => entry.Notice.Id)];
}
