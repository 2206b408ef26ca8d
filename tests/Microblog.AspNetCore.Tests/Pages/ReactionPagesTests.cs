using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microblog.Storage;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class ReactionPagesTests
{
    [Fact]
    public async Task A_favourite_is_marked_and_unmarked_from_a_list_which_comes_back()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        var notice = await node.PublishAsync(alice, "behold");
        Assert.Contains("action=\"/favourite/add\"", await node.ReadAsync("/", "bob"), StringComparison.Ordinal);

        using var marked = await node.PostAsync("/favourite/add", "bob", ("id", $"{notice.Id}"), ("back", $"/#notice-{notice.Id}"));

        Assert.Equal(HttpStatusCode.SeeOther, marked.StatusCode);
        Assert.Equal($"/#notice-{notice.Id}", marked.Headers.Location!.OriginalString);
        var list = await node.ReadAsync("/", "bob");
        Assert.Contains("action=\"/favourite/remove\"", list, StringComparison.Ordinal);
        Assert.Contains("aria-pressed=\"true\"", list, StringComparison.Ordinal);
        Assert.Contains("1 favourite", await node.ReadAsync("/"), StringComparison.Ordinal);
        Assert.Contains("behold", await node.ReadAsync("/bob/favourites"), StringComparison.Ordinal);
        Assert.Contains("Favourite of", await node.ReadAsync($"/notice/{notice.Id}"), StringComparison.Ordinal);

        using var unmarked = await node.PostAsync("/favourite/remove", "bob", ("id", $"{notice.Id}"));
        Assert.Equal($"/notice/{notice.Id}", unmarked.Headers.Location!.OriginalString);
        Assert.DoesNotContain("behold", await node.ReadAsync("/bob/favourites"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/home")]
    [InlineData("/tag/x")]
    [InlineData("/group/cats")]
    [InlineData("/alice")]
    [InlineData("/bob/favourites")]
    [InlineData("/notifications")]
    [InlineData("/search?q=behold")]
    [InlineData("/conversation/{0}")]
    [InlineData("/notice/{0}")]
    [InlineData("/notice/{0}/history")]
    public async Task Every_page_shows_people_what_they_did_to_a_notice_and_not_what_others_did(string address)
    {
        await using var node = await TestNode.StartAsync();
        var (alice, bob, carol) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"), await node.JoinAsync("carol"));
        await node.Node.SubscribeAsync(carol.Id, "alice");
        await node.Node.CreateGroupAsync(alice.Id, "cats", new GroupDetails());
        var notice = await node.PublishAsync(alice, "behold #x !cats @bob @carol");
        Assert.True(await node.Node.FavouriteAsync(bob.Id, notice.Id));
        var repeat = (await node.Node.RepeatAsync(bob.Id, notice.Id)).Value;
        address = string.Format(CultureInfo.InvariantCulture, address, notice.Id);

        var (his, hers) = (await node.ReadAsync(address, "bob"), await node.ReadAsync(address, "carol"));

        Assert.Contains("action=\"/favourite/remove\"", his, StringComparison.Ordinal);
        Assert.Contains($"<input type=\"hidden\" name=\"id\" value=\"{repeat.Id}\"", his, StringComparison.Ordinal);
        Assert.DoesNotContain("action=\"/favourite/add\"", his, StringComparison.Ordinal);
        Assert.DoesNotContain("action=\"/repeat\"", his, StringComparison.Ordinal);
        Assert.Contains("action=\"/favourite/add\"", hers, StringComparison.Ordinal);
        Assert.Contains("action=\"/repeat\"", hers, StringComparison.Ordinal);
        Assert.DoesNotContain("aria-pressed=\"true\"", hers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_favourite_marked_among_what_was_found_leads_back_there()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var notice = await node.PublishAsync(alice, "behold");
        var back = Regex.Match(await node.ReadAsync("/search?q=%22behold%22", "alice"), "name=\"back\" value=\"([^\"]+)\"").Groups[1].Value;

        using var marked = await node.PostAsync("/favourite/add", "alice", ("id", $"{notice.Id}"), ("back", WebUtility.HtmlDecode(back)));

        Assert.Equal($"/search?q=%22behold%22#notice-{notice.Id}", marked.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("/a\r\nSet-Cookie: x=y")]
    [InlineData("javascript:alert(1)")]
    public async Task Nobody_is_led_away_from_this_site(string back)
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var notice = await node.PublishAsync(alice, "behold");

        using var marked = await node.PostAsync("/favourite/add", "alice", ("id", $"{notice.Id}"), ("back", back));

        Assert.Equal($"/notice/{notice.Id}", marked.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_repeat_shows_what_it_repeats_and_who_did_and_is_taken_back_by_the_same_button()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        var notice = await node.PublishAsync(alice, "behold");

        using var done = await node.PostAsync("/repeat", "bob", ("id", $"{notice.Id}"));
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        var home = await node.ReadAsync("/home", "bob");
        Assert.Contains("Repeated by", home, StringComparison.Ordinal);
        Assert.DoesNotContain("RT @alice", home, StringComparison.Ordinal);
        using var again = await node.PostAsync("/repeat", "bob", ("id", $"{notice.Id}"));
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);

        var repeat = (await node.Node.HomeAsync(bob.Id, PageRequest.Newest(1)))[0].Notice;
        Assert.Contains($"<input type=\"hidden\" name=\"id\" value=\"{repeat.Id}\"", home, StringComparison.Ordinal);
        using var back = await node.PostAsync("/notice/delete", "bob", ("id", $"{repeat.Id}"), ("back", "/home"));
        Assert.Equal("/home", back.Headers.Location!.OriginalString);
        Assert.DoesNotContain("behold", await node.ReadAsync("/home", "bob"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_behind_a_warning_is_closed_until_it_is_asked_for()
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");

        using var response = await node.PostAsync("/notice", "alice", ("content", "the butler did it"), ("warning", "spoiler <b>"), ("language", "en"));

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        var page = await node.ReadAsync("/");
        Assert.Contains("<details class=\"warning\"><summary dir=\"auto\">spoiler &lt;b&gt;</summary>", page, StringComparison.Ordinal);
        Assert.Contains("lang=\"en\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_notice_is_changed_by_its_author_and_what_it_said_can_be_read()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        var notice = await node.PublishAsync(alice, "hello wrold");
        Assert.Contains("hello wrold", await node.ReadAsync($"/notice/{notice.Id}/edit", "alice"), StringComparison.Ordinal);
        using var foreign = await node.GetAsync($"/notice/{notice.Id}/edit", "bob");
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        using var forged = await node.PostAsync("/notice/edit", "bob", ("id", $"{notice.Id}"), ("content", "mine"));
        Assert.Equal(HttpStatusCode.NotFound, forged.StatusCode);
        using var empty = await node.PostAsync("/notice/edit", "alice", ("id", $"{notice.Id}"), ("content", " "));
        Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);

        using var done = await node.PostAsync("/notice/edit", "alice", ("id", $"{notice.Id}"), ("content", "hello world"));

        Assert.Equal($"/notice/{notice.Id}", done.Headers.Location!.OriginalString);
        Assert.Contains("hello world", await node.ReadAsync("/"), StringComparison.Ordinal);
        Assert.Contains(">changed</a>", await node.ReadAsync("/"), StringComparison.Ordinal);
        Assert.Contains("hello wrold", await node.ReadAsync($"/notice/{notice.Id}/history"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_history_of_what_somebody_may_not_see_is_not_theirs_to_see()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        var notice = await node.PublishAsync(alice, "secret", Visibility.Followers);
        await node.Node.EditAsync(alice.Id, notice.Id, new NoticeDraft { Content = "more secret" });

        using var response = await node.GetAsync($"/notice/{notice.Id}/history", "bob");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("secret", await node.ReadAsync($"/notice/{notice.Id}/history", "alice"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_find_what_they_are_told_and_say_how_far_they_have_read()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        Assert.Contains("Nothing has happened yet.", await node.ReadAsync("/notifications", "alice"), StringComparison.Ordinal);
        var notice = await node.PublishAsync(alice, "behold");
        await node.Node.SubscribeAsync(bob.Id, "alice");
        await node.Node.FavouriteAsync(bob.Id, notice.Id);
        await node.Node.RepeatAsync(bob.Id, notice.Id);
        await node.PublishAsync(bob, "@alice nice");

        var page = await node.ReadAsync("/notifications", "alice");
        Assert.Contains("follows you.", page, StringComparison.Ordinal);
        Assert.Contains("likes what you wrote:", page, StringComparison.Ordinal);
        Assert.Contains("repeated what you wrote:", page, StringComparison.Ordinal);
        Assert.Contains("nice", page, StringComparison.Ordinal);
        Assert.Equal(4, Count(page, "class=\"told new\""));

        var newest = (await node.Node.NotificationsAsync(alice.Id, PageRequest.Newest(1)))[0].Position;
        using var read = await node.PostAsync("/notifications/read", "alice", ("position", $"{newest}"));
        Assert.Equal(0, Count(await node.ReadAsync("/notifications", "alice"), "class=\"told new\""));
    }

    [Fact]
    public async Task Somebody_is_muted_for_a_day_from_their_page_and_unmuted_from_the_list()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        await node.PublishAsync(bob, "noise");
        Assert.Contains("action=\"/mutes/add\"", await node.ReadAsync("/bob", "alice"), StringComparison.Ordinal);

        using var muted = await node.PostAsync("/mutes/add", "alice", ("uri", bob.Uri.Value), ("hours", "24"), ("back", "/bob"));

        Assert.Equal("/bob", muted.Headers.Location!.OriginalString);
        Assert.DoesNotContain("noise", await node.ReadAsync("/", "alice"), StringComparison.Ordinal);
        Assert.Contains("noise", await node.ReadAsync("/bob", "alice"), StringComparison.Ordinal);
        var mute = Assert.Single(await node.Node.ReadAsync((session, ct) => session.Subscriptions.ListMutesAsync(alice.Id, 9, ct)));
        Assert.Equal(TimeSpan.FromHours(24), mute.Until - mute.At);
        Assert.Contains("action=\"/mutes/remove\"", await node.ReadAsync("/blocks", "alice"), StringComparison.Ordinal);
        using var unmuted = await node.PostAsync("/mutes/remove", "alice", ("uri", bob.Uri.Value));
        Assert.Contains("noise", await node.ReadAsync("/", "alice"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Direct_notices_have_a_page_of_their_own()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        await node.JoinAsync("carol");
        await node.PublishAsync(alice, "@bob psst", Visibility.Direct);
        await node.PublishAsync(alice, "@bob loud");

        Assert.Contains("psst", await node.ReadAsync("/direct", "alice"), StringComparison.Ordinal);
        Assert.Contains("psst", await node.ReadAsync("/direct", "bob"), StringComparison.Ordinal);
        Assert.DoesNotContain("loud", await node.ReadAsync("/direct", "bob"), StringComparison.Ordinal);
        Assert.DoesNotContain("psst", await node.ReadAsync("/direct", "carol"), StringComparison.Ordinal);
    }

    private static int Count(string page, string text) => page.Split(text).Length - 1;
}
