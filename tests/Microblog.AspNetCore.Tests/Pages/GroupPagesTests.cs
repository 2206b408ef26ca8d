using System.Net;
using Microblog.Storage;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class GroupPagesTests
{
    [Fact]
    public async Task Somebody_creates_a_group_and_others_join_write_and_leave()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        await node.JoinAsync("bob");

        using var created = await node.PostAsync(
            "/groups/create", "alice", ("nickname", "Cats"), ("fullname", "The cats"), ("description", "a\r\nb"), ("aliases", "!кошки, 猫"), ("homepage", "https://cats.example/"));
        Assert.Equal("/group/cats", created.Headers.Location!.OriginalString);
        var group = (await node.Node.FindGroupAsync("cats"))!;
        Assert.Equal(["кошки", "猫"], group.Aliases);
        Assert.Equal("a\nb", group.Description);
        var page = await node.ReadAsync("/group/cats", "bob");
        Assert.Contains("action=\"/groups/join\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("action=\"/notice\"", page, StringComparison.Ordinal);
        using var joined = await node.PostAsync("/groups/join", "bob", ("group", group.Id.ToString()));
        Assert.Equal("/group/cats", joined.Headers.Location!.OriginalString);
        Assert.Contains("!cats </textarea>", await node.ReadAsync("/group/cats", "bob"), StringComparison.Ordinal);

        using var written = await node.PostAsync("/notice", "bob", ("content", "hello !猫 and !dogs"));

        foreach (var (path, user) in new[] { ("/home", "alice"), ("/group/cats", "alice"), ("/group/cats", "carol") })
        {
            var html = await node.ReadAsync(path, user);
            Assert.Contains($"<a href=\"/groups/{group.Id}\">!&#x732B;</a> and !dogs", html, StringComparison.Ordinal);
        }

        using var left = await node.PostAsync("/groups/leave", "bob", ("group", group.Id.ToString()));
        Assert.Equal("/group/cats", left.Headers.Location!.OriginalString);
        Assert.Contains("1 member, 1 notice<", await node.ReadAsync("/groups"), StringComparison.Ordinal);
        using var again = await node.PostAsync("/groups/leave", "bob", ("group", group.Id.ToString()));
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
    }

    [Fact]
    public async Task A_group_is_found_by_its_aliases_and_its_number()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var group = (await node.Node.CreateGroupAsync(alice.Id, "cats", new GroupDetails { Aliases = ["кошки"] })).Value;

        foreach (var path in new[] { "/group/" + Uri.EscapeDataString("КОШКИ"), "/group/CATS", $"/groups/{group.Id}" })
        {
            using var response = await node.GetAsync(path);
            Assert.Equal("/group/cats", response.Headers.Location!.OriginalString);
        }

        using var members = await node.GetAsync("/group/" + Uri.EscapeDataString("кошки") + "/members");
        Assert.Equal("/group/cats/members", members.Headers.Location!.OriginalString);
        foreach (var path in new[] { "/group/dogs", "/group/dogs/members", "/groups/7", "/groups/x", "/group/%F0%9F%98%80" })
        {
            using var response = await node.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task An_admin_makes_others_admins_keeps_people_out_and_takes_notices_out()
    {
        await using var node = await TestNode.StartAsync();
        var (alice, bob, carol) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"), await node.JoinAsync("carol"));
        var group = (await node.Node.CreateGroupAsync(alice.Id, "cats", new())).Value;
        foreach (var person in new[] { bob, carol })
            await node.Node.JoinGroupAsync(person.Id, group.Id);
        var notice = await node.PublishAsync(carol, "!cats buy");
        (string, string) its = ("group", group.Id.ToString());

        Assert.DoesNotContain("/groups/block", await node.ReadAsync("/group/cats/members", "bob"), StringComparison.Ordinal);
        Assert.DoesNotContain("/groups/remove", await node.ReadAsync("/group/cats", "bob"), StringComparison.Ordinal);
        using var strange = await node.PostAsync("/groups/remove", "bob", its, ("notice", notice.Id.ToString()));
        Assert.Equal(HttpStatusCode.BadRequest, strange.StatusCode);
        using var promoted = await node.PostAsync("/groups/promote", "alice", its, ("person", bob.Id.ToString()));
        Assert.Equal("/group/cats/members", promoted.Headers.Location!.OriginalString);
        Assert.Contains("/groups/remove", await node.ReadAsync("/group/cats", "bob"), StringComparison.Ordinal);
        using var removed = await node.PostAsync("/groups/remove", "bob", its, ("notice", notice.Id.ToString()));
        Assert.DoesNotContain("!cats buy", await node.ReadAsync("/group/cats"), StringComparison.Ordinal);
        using var blocked = await node.PostAsync("/groups/block", "bob", its, ("person", carol.Id.ToString()));
        Assert.Equal("/group/cats/members", blocked.Headers.Location!.OriginalString);

        Assert.Contains("keeps you out", await node.ReadAsync("/group/cats", "carol"), StringComparison.Ordinal);
        using var refused = await node.PostAsync("/groups/join", "carol", its);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("keeps you out", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("/groups/unblock", await node.ReadAsync("/group/cats/members", "alice"), StringComparison.Ordinal);
        Assert.DoesNotContain("Kept out", await node.ReadAsync("/group/cats/members", "carol"), StringComparison.Ordinal);
        using var unblocked = await node.PostAsync("/groups/unblock", "alice", its, ("person", carol.Id.ToString()));
        using var joined = await node.PostAsync("/groups/join", "carol", its);
        Assert.Equal(HttpStatusCode.SeeOther, joined.StatusCode);
    }

    [Fact]
    public async Task Only_admins_change_what_is_said_and_a_refusal_shows_what_was_typed()
    {
        await using var node = await TestNode.StartAsync();
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        var group = (await node.Node.CreateGroupAsync(alice.Id, "cats", new GroupDetails { Aliases = ["felines"] })).Value;
        await node.Node.JoinGroupAsync(bob.Id, group.Id);
        (string, string) its = ("group", group.Id.ToString());

        using var page = await node.GetAsync("/group/cats/settings", "bob");
        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        using var strange = await node.PostAsync("/groups/settings", "bob", its, ("fullname", "mine"));
        Assert.Equal(HttpStatusCode.Forbidden, strange.StatusCode);
        Assert.Contains("value=\"felines\"", await node.ReadAsync("/group/cats/settings", "alice"), StringComparison.Ordinal);
        using var refused = await node.PostAsync("/groups/settings", "alice", its, ("fullname", "typed"), ("aliases", "a-b"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var html = await refused.Content.ReadAsStringAsync();
        Assert.Contains("letters, digits and underscores", html, StringComparison.Ordinal);
        Assert.Contains("value=\"typed\"", html, StringComparison.Ordinal);
        Assert.Contains("value=\"a-b\"", html, StringComparison.Ordinal);
        Assert.Equal("", (await node.Node.FindGroupAsync("cats"))!.FullName);

        using var saved = await node.PostAsync("/groups/settings", "alice", its, ("fullname", "Cats"));
        Assert.Equal("/group/cats", saved.Headers.Location!.OriginalString);
        Assert.Null(await node.Node.FindGroupAsync("felines"));
        using var taken = await node.PostAsync("/groups/create", "bob", ("nickname", "cats"), ("fullname", "mine"));
        Assert.Equal(HttpStatusCode.BadRequest, taken.StatusCode);
        Assert.Contains("called cats already", await taken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_longest_form_of_any_script_is_taken()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        var family = string.Concat(Enumerable.Repeat("👨‍👩‍👧‍👦", 500));
        using var created = await node.PostAsync(
            "/groups/create", "alice", ("nickname", "cats"), ("description", family), ("fullname", family[..(255 * 11)]),
            ("aliases", string.Join(' ', Enumerable.Range(0, 10).Select(number => number + string.Concat(Enumerable.Repeat("𐐨", 63))))));
        Assert.Equal(HttpStatusCode.SeeOther, created.StatusCode);
        Assert.Equal(family, (await node.Node.FindGroupAsync("cats"))!.Description);
    }

    [Fact]
    public async Task Lists_lead_on_page_by_page_without_a_gap()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var groups = new List<Group>();
        for (var number = 0; number < 45; number++)
            groups.Add((await node.Node.CreateGroupAsync(alice.Id, $"g{number}x", new())).Value);
        var people = new List<Profile>();
        for (var number = 0; number < 44; number++)
        {
            people.Add(await node.JoinAsync($"p{number}x"));
            await node.Node.JoinGroupAsync(people[^1].Id, groups[7].Id);
        }

        foreach (var path in new[] { "/groups", "/groups?by=members", "/groups/mine" })
            Assert.Equal(groups.Select(group => group.Nickname).Order(), (await FollowAsync(node, path, "/group/")).Order());
        Assert.Equal("g7x", (await FollowAsync(node, "/groups?by=members", "/group/"))[0]);
        Assert.Equal("g44x", (await FollowAsync(node, "/groups", "/group/"))[0]);
        Assert.Equal(
            people.Select(person => person.Nickname).Prepend("alice"), (await FollowAsync(node, "/group/g7x/members", "class=\"person\" href=\"/")).Where(name => name != "group"));
    }

    private static async Task<List<string>> FollowAsync(TestNode node, string path, string mark)
    {
        var found = new List<string>();
        for (string? next = path; next is not null;)
        {
            var html = await node.ReadAsync(next, "alice");
            var main = html[html.IndexOf("<ul class=\"people\">", StringComparison.Ordinal)..html.IndexOf("</main>", StringComparison.Ordinal)];
            found.AddRange(main.Split(mark).Skip(1).Select(part => part[..part.IndexOfAny(['"', '/', '?'])]));
            var at = main.IndexOf("rel=\"next\" href=\"", StringComparison.Ordinal);
            next = at < 0 ? null : WebUtility.HtmlDecode(main[(at + 17)..main.IndexOf('"', at + 17)]);
            if (next is not null && mark == "/group/")
                found.RemoveAll(name => next.StartsWith($"/group/{name}/", StringComparison.Ordinal));
        }

        return found;
    }
}
