using System.Net;
using System.Text;
using Microblog.Moderation;
using Microblog.Omb.OAuth;
using Microblog.TwitterApi.Access;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.TwitterApi.Tests;

/// <summary>Requests that no client makes by chance.</summary>
public sealed class AwkwardRequestTests
{
    [Theory]
    [InlineData("\uFEFFd bob secret")]
    [InlineData("\u200Bd bob secret")]
    [InlineData("d\u200B bob secret")]
    [InlineData("d\u200Bbob secret")]
    [InlineData("d\u00A0bob\u2003secret")]
    [InlineData("d\r\nbob\r\nsecret")]
    [InlineData("\u0001d bob secret")]
    [InlineData("\u2060DM bob secret")]
    [InlineData("d\u00ADm bob secret")]
    [InlineData("d\uFE0F bob secret")]
    [InlineData("\uFF44 bob secret")]
    [InlineData("\uFF24\uFF2D bob secret")]
    [InlineData("\U000E0001d bob secret")]
    [InlineData("&#100; bob secret")]
    [InlineData("&#x200B;d bob secret")]
    [InlineData("d&nbsp;bob&nbsp;secret")]
    [InlineData("\u2800\u3164d bob secret")]
    public async Task However_a_letter_is_spelt_it_is_not_published(string text) // §9
    {
        await using var node = await StartAsync();
        using var answer = await node.PostAsync("statuses/update.json", "alice", ("status", text));
        Assert.Empty(await node.ReadAsync("statuses/user_timeline.json", "alice"));
        foreach (var letter in await node.ReadAsync("direct_messages.json", "bob"))
            Assert.Equal("secret", (string?)letter["text"]);
    }

    [Theory]
    [InlineData("dmitri bob said")]
    [InlineData("d")]
    [InlineData("D: bob said")]
    [InlineData("what d bob said")]
    public async Task What_is_no_letter_is_published(string text)
    {
        await using var node = await StartAsync();
        await node.WriteAsync("statuses/update.json", "alice", ("status", text));
        Assert.Equal(text, (string?)Assert.Single(await node.ReadAsync("statuses/user_timeline.json", "alice"))["text"]);
    }

    [Theory]
    [InlineData("statuses/public_timeline.json?count=200&page=")]
    [InlineData("statuses/user_timeline/alice.xml?page=")]
    [InlineData("favorites/alice.json?page=")]
    [InlineData("statuses/followers/alice.json?page=")]
    [InlineData("friends/ids/alice.json?page=")]
    [InlineData("statusnet/groups/list_all.json?page=")]
    [InlineData("statusnet/groups/membership/cats.json?page=")]
    [InlineData("search.json?q=hello&page=")]
    [InlineData("users/search.json?q=alice&page=")]
    public async Task A_page_beyond_all_numbers_is_empty(string path)
    {
        await using var node = await StartAsync();
        await node.WriteAsync("statusnet/groups/create.json", "alice", ("nickname", "cats"));
        var notice = await node.WriteAsync("statuses/update.json", "alice", ("status", "hello"));
        await node.WriteAsync($"favorites/create/{notice["id"]}.json", "alice");
        await node.Services.IndexAsync();
        // The second of them times 20 is a little more than nothing in 64 bits.
        foreach (var page in new[] { long.MaxValue, (1L << 62) + 1, 922337203685477581 })
        {
            using var answer = await node.GetAsync(path + page, "alice");
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
            Assert.DoesNotContain("\"text\":\"hello\"", text, StringComparison.Ordinal);
            Assert.DoesNotContain("\"nickname\":\"cats\"", text, StringComparison.Ordinal);
            Assert.DoesNotContain("\"screen_name\":", text, StringComparison.Ordinal);
            Assert.DoesNotContain("page=-", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{\"event\":1}")]
    [InlineData("{\"event\":null}")]
    [InlineData("{\"event\":[]}")]
    [InlineData("{\"event\":{\"message_create\":\"x\"}}")]
    [InlineData("{\"event\":{\"message_create\":{\"target\":[],\"message_data\":7}}}")]
    [InlineData("{\"event\":{\"message_create\":{\"target\":{\"recipient_id\":\"bob\"},\"message_data\":{\"text\":\"a\\u0000b\"}}}}")]
    [InlineData("{\"event\":{\"message_create\":{\"target\":{\"recipient_id\":\"a\\u0000b@x\"},\"message_data\":{\"text\":\"ab\"}}}}")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("")]
    public async Task An_event_of_another_shape_is_refused(string body)
    {
        await using var node = await StartAsync();
        using var answer = await node.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, new Uri(node.Root, "api/1.1/direct_messages/events/new.json"))
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            },
            "alice");
        Assert.InRange((int)answer.StatusCode, 400, 499);
        Assert.Empty(await node.ReadAsync("direct_messages.json", "bob"));
    }

    [Theory]
    [InlineData("statuses/show/1%2F2.json")]
    [InlineData("statuses/show/%2e%2e%2f1.json")]
    [InlineData("statusnet/tags/timeline/%01.rss")]
    [InlineData("statusnet/tags/timeline/%0D%0AX-Evil:%201.atom")]
    [InlineData("statusnet/tags/timeline/%F0%9F%90%88.atom")]
    [InlineData("statusnet/tags/timeline/%ED%A0%80.rss")]
    [InlineData("search.atom?q=a%01b")]
    [InlineData("search.atom?q=%0D%0ASet-Cookie:x")]
    [InlineData("users/profile_image/%0D%0A.json")]
    [InlineData("statusnet/groups/show/%0D%0A.xml")]
    [InlineData("users/show/alice%0D%0A.xml")]
    [InlineData("statuses//show/1.json")]
    [InlineData("1.1/1.1/statuses/public_timeline.json")]
    [InlineData("account/rate_limit_status.xml")]
    [InlineData("application/rate_limit_status.xml")]
    [InlineData("statuses/show/.json")]
    [InlineData(".json")]
    [InlineData("%2E%2E/%2E%2E/home.json")]
    public async Task No_path_leads_to_a_fault(string path)
    {
        await using var node = await StartAsync();
        foreach (var method in new[] { "GET", "HEAD", "OPTIONS", "DELETE", "POST" })
        {
            using var answer = await node.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(node.Root, "api/" + path)), "alice");
            Assert.InRange((int)answer.StatusCode, 200, 499);
            Assert.False(answer.Headers.Contains("X-Evil"));
            Assert.False(answer.Headers.Contains("Set-Cookie"));
        }
    }

    [Fact]
    public async Task A_programs_name_is_not_cut_within_a_character()
    {
        await using var node = await StartAsync();
        var name = new string('a', NoticeSource.MaxName - 1);
        var notice = await node.WriteAsync("statuses/update.json", "alice", ("status", "hello"), ("source", name + "🐈"));
        Assert.Equal(name, (string?)notice["source"]);
        var repeat = await node.WriteAsync($"statuses/retweet/{notice["id"]}.json", "bob", ("source", name + "🐈"));
        Assert.Equal(name, (string?)repeat["source"]);
    }

    [Fact]
    public async Task An_answer_to_a_repeat_is_for_no_more_people_than_what_was_repeated()
    {
        await using var node = await StartAsync();
        var alice = (await node.Node.FindLocalAsync("alice"))!;
        var notice = await node.PublishAsync(alice, "hello", Visibility.Unlisted);
        var repeat = await node.WriteAsync($"statuses/retweet/{notice.Id}.json", "bob");
        await node.WriteAsync("statuses/update.json", "bob", ("status", "hallo"), ("in_reply_to_status_id", (string)repeat["id_str"]!));
        Assert.DoesNotContain("hallo", (await node.ReadAsync("statuses/public_timeline.json")).Select(status => (string?)status["text"]));
    }

    [Fact]
    public async Task An_answer_to_number_0_answers_nothing()
    {
        await using var node = await StartAsync();
        var notice = await node.WriteAsync("statuses/update.json", "alice", ("status", "hello"), ("in_reply_to_status_id", "0"));
        Assert.Null((long?)notice["in_reply_to_status_id"]);
        Assert.Equal(HttpStatusCode.NotFound, (await node.PostAsync("statuses/update.json", "alice", ("status", "hallo"), ("in_reply_to_status_id", "x"))).StatusCode);
    }

    [Fact]
    public async Task Of_somebody_who_was_suspended_no_mention_tells_more_than_the_text()
    {
        await using var node = await StartAsync();
        var bob = (await node.Node.FindLocalAsync("bob"))!;
        await node.Node.UpdateProfileAsync(bob.Id, new ProfileChanges { FullName = "Robert the Rude" });
        await node.WriteAsync("statuses/update.json", "alice", ("status", "hello @bob"));
        Assert.Contains("Robert the Rude", (await node.ReadAsync("statuses/user_timeline/alice.json")).ToString(), StringComparison.Ordinal);
        await node.Services.GetRequiredService<NodeModeration>().JudgeAsync("operator", bob.Uri, Standing.Suspended, "rude");
        Assert.DoesNotContain("Robert the Rude", (await node.ReadAsync("statuses/user_timeline/alice.json")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_approves_followers_follows_unseen_by_all_whom_they_did_not_let_in() // decision 0013
    {
        await using var node = await StartAsync();
        var carol = await node.JoinAsync("carol");
        await node.Node.SubscribeAsync(carol.Id, "alice");
        var bob = (await node.Node.FindLocalAsync("bob"))!;
        await node.Node.UpdateProfileAsync(bob.Id, new ProfileChanges { ApprovesFollowers = true });
        foreach (var path in new[] { "statuses/followers/alice.json", "followers/list.json?screen_name=alice" })
        {
            foreach (var (reader, isSeen) in new[] { (null, false), ("carol", false), ("alice", true), ("bob", true) })
                Assert.Equal(isSeen, (await node.ReadAsync(path, reader)).ToString().Contains("\"screen_name\": \"bob\"", StringComparison.Ordinal));
        }

        Assert.Equal([carol.Id.Value], (await node.ReadAsync("followers/ids/alice.json")).Select(id => (long)id));
        Assert.Equal(HttpStatusCode.Forbidden, (await node.GetAsync("friendships/exists.json?user_a=bob&user_b=alice", "carol")).StatusCode);
    }

    [Fact]
    public async Task A_command_that_came_is_not_carried_out_again_when_the_process_has_forgotten_it()
    {
        await using var node = await ApiNode.StartAsync(api => api.AcceptCommands = true);
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        var keys = await node.LetInAsync(alice);
        var address = new Uri(node.Root, "api/statuses/update.json");
        var signed = new OAuthSigner(keys[0], keys[1]).Sign(
            "POST", address, [new("status", "follow bob")], new TokenCredentials(keys[2], keys[3]), RequestStamp.Fresh(node.Clock.GetUtcNow()));
        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        await node.WriteAsync("friendships/destroy/bob.json", "alice");
        var seen = node.Services.GetRequiredService<SeenNonces>();
        for (var i = 0; i < 100_001; i++)
            seen.Add(new OAuthNonce("other", "other", 1, $"{i}", node.Clock.GetUtcNow()));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync());
        Assert.Empty(await node.ReadAsync("friends/ids/alice.json"));

        async Task<HttpStatusCode> AskAsync()
        {
            using var answer = await node.Client.PostAsync(address, new StringContent(signed.Form, Encoding.ASCII, "application/x-www-form-urlencoded"));
            return answer.StatusCode;
        }
    }

    private static async Task<ApiNode> StartAsync()
    {
        var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        await node.Node.SubscribeAsync(alice.Id, "bob");
        await node.Node.SubscribeAsync(bob.Id, "alice");
        return node;
    }
}
