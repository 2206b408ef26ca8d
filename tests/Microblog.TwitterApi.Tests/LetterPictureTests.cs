using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Newtonsoft.Json.Linq;

namespace Microblog.TwitterApi.Tests;

/// <summary>A picture that comes with a letter goes with it, or nothing does.</summary>
public sealed class LetterPictureTests : IAsyncLifetime
{
    // Six pixels by four.
    private static readonly byte[] Gif =
        [.. "GIF89a"u8, 6, 0, 4, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C, 0, 0, 0, 0, 6, 0, 4, 0, 0, 2, 3, 0x84, 0x8F, 0x05, 0, 0x3B];

    private ApiNode node = null!;

    public async Task InitializeAsync()
    {
        node = await ApiNode.StartAsync(api => api.AcceptCommands = true);
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        await node.JoinAsync("carol");
        await node.Node.SubscribeAsync(alice.Id, "bob");
        await node.Node.SubscribeAsync(bob.Id, "alice");
    }

    public async Task DisposeAsync() => await node.DisposeAsync();

    [Theory]
    [InlineData("statuses/update.json", "status", "d bob look")]
    [InlineData("statuses/update_with_media.json", "status", "dm bob look")]
    [InlineData("direct_messages/new.json", "text", "look")]
    public async Task A_file_that_comes_along_goes_with_the_letter(string path, string field, string text)
    {
        using var answer = await UploadAsync(path, Gif, (field, text), ("user", "bob"));
        await ApiNode.JsonAsync(answer);
        await CheckAsync("look");
    }

    [Theory]
    [InlineData("statuses/update.json", "status", "d bob look")]
    [InlineData("direct_messages/new.json", "text", "look")]
    public async Task So_does_what_was_uploaded_before(string path, string field, string text)
    {
        await node.WriteAsync(path, "alice", (field, text), ("user", "bob"), ("media_ids", await UploadAsync()));
        await CheckAsync("look");
    }

    [Fact]
    public async Task So_does_what_only_the_address_in_the_text_names()
    {
        var address = $"{node.Root}attachment/{await UploadAsync()}";
        await node.WriteAsync("statuses/update.json", "alice", ("status", "d bob look " + address));
        await CheckAsync("look " + address);
    }

    [Fact]
    public async Task So_does_what_an_event_attaches()
    {
        using var answer = await SendEventAsync(new JObject { ["type"] = "media", ["media"] = new JObject { ["id"] = await UploadAsync() } });
        await ApiNode.JsonAsync(answer);
        await CheckAsync("look");
        var sent = (await node.ReadAsync("direct_messages/events/list.json", "bob"))["events"]![0]!["message_create"]!["message_data"]!;
        Assert.StartsWith(node.Root + "attachment/", (string?)sent["attachment"]!["media"]!["media_url_https"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("statuses/update.json", "status", "d bob look")]
    [InlineData("direct_messages/new.json", "text", "look")]
    public async Task What_is_no_picture_or_nobodys_is_refused_and_nothing_is_sent(string path, string field, string text)
    {
        using var noPicture = await UploadAsync(path, "no picture"u8.ToArray(), (field, text), ("user", "bob"));
        Assert.Equal(HttpStatusCode.BadRequest, noPicture.StatusCode);
        var others = await UploadAsync("carol");
        foreach (var (ids, status) in new[]
        {
            ("x", HttpStatusCode.BadRequest), ("1,x", HttpStatusCode.BadRequest), ("1", HttpStatusCode.Forbidden), (others, HttpStatusCode.Forbidden),
            (string.Join(',', Enumerable.Range(1, 50)), HttpStatusCode.Forbidden),
        })
            Assert.Equal(status, (await node.PostAsync(path, "alice", (field, text), ("user", "bob"), ("media_ids", ids))).StatusCode);
        Assert.Empty(await node.ReadAsync("direct_messages.json", "bob"));
        Assert.Empty(await node.ReadAsync("statuses/public_timeline.json"));
    }

    [Fact]
    public async Task Of_two_files_none_is_dropped_and_nothing_is_sent()
    {
        var form = new MultipartFormDataContent { { new StringContent("d bob look"), "status" } };
        foreach (var name in new[] { "media", "media2" })
            form.Add(new ByteArrayContent(Gif), name, "picture.gif");
        using var answer = await node.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(node.Root, "api/statuses/update.json")) { Content = form }, "alice");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(await node.ReadAsync("direct_messages.json", "bob"));
        Assert.Empty(await node.ReadAsync("statuses/public_timeline.json"));
    }

    [Fact]
    public async Task An_event_that_attaches_anything_else_is_refused()
    {
        foreach (var attachment in new JToken[] { "text", new JObject { ["type"] = "location" }, new JObject { ["type"] = "media", ["media"] = new JArray() }, new JArray() })
        {
            using var answer = await SendEventAsync(attachment);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        using var none = await SendEventAsync(JValue.CreateNull());
        await ApiNode.JsonAsync(none);
        Assert.Single(await node.ReadAsync("direct_messages.json", "bob"));
    }

    [Fact]
    public async Task A_letter_that_may_not_be_sent_leaves_no_picture_in_a_notice()
    {
        using var answer = await UploadAsync("statuses/update.json", Gif, ("status", "d carol look"));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Empty(await node.ReadAsync("statuses/user_timeline.json", "alice"));
        Assert.Empty(await node.ReadAsync("direct_messages.json", "carol"));
    }

    [Fact]
    public async Task A_text_with_a_picture_is_no_command()
    {
        using var answer = await UploadAsync("statuses/update.json", Gif, ("status", "follow carol"));
        var status = await ApiNode.JsonAsync(answer);
        Assert.Equal("follow carol", (string?)status["text"]);
        Assert.Single(status["entities"]!["media"]!);
        Assert.False((bool)(await node.ReadAsync("users/show/carol.json", "alice"))["following"]!);
    }

    // Both see it, by the API and in a browser; nobody else does, and nothing was published.
    private async Task CheckAsync(string text)
    {
        var letter = Assert.Single(await node.ReadAsync("direct_messages.json", "bob"));
        Assert.Equal(text, (string?)letter["text"]);
        var address = (string)Assert.Single(letter["attachments"]!)["url"]!;
        Assert.Equal(address, (string?)Assert.Single(letter["entities"]!["media"]!)["media_url"]);
        Assert.Contains(
            $"<enclosure url=\"{address}\" mimetype=\"image/gif\"",
            await (await node.GetAsync("direct_messages/sent.xml", "alice")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var (user, status) in new[]
        {
            ("alice", HttpStatusCode.OK), ("bob", HttpStatusCode.OK), ("carol", HttpStatusCode.NotFound), ("", HttpStatusCode.NotFound),
        })
        {
            var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.TryAddWithoutValidation(ApiNode.UserHeader, user);
            Assert.Equal(status, (await node.Client.SendAsync(request)).StatusCode);
        }

        Assert.Empty(await node.ReadAsync("statuses/public_timeline.json"));
        Assert.Empty(await node.ReadAsync("statuses/user_timeline/alice.json"));
    }

    private async Task<string> UploadAsync(string nickname = "alice")
    {
        using var answer = await UploadAsync("media/upload.json", Gif, nickname);
        return (string)(await ApiNode.JsonAsync(answer))["media_id_string"]!;
    }

    private Task<HttpResponseMessage> UploadAsync(string path, byte[] file, params (string Name, string Value)[] fields) => UploadAsync(path, file, "alice", fields);

    private Task<HttpResponseMessage> UploadAsync(string path, byte[] file, string nickname, params (string Name, string Value)[] fields)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("image/gif");
        var form = new MultipartFormDataContent { { content, "media", "picture.gif" } };
        foreach (var (name, value) in fields)
            form.Add(new StringContent(value), name);
        return node.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(node.Root, "api/" + path)) { Content = form }, nickname);
    }

    private async Task<HttpResponseMessage> SendEventAsync(JToken attachment)
    {
        var bob = (string)(await node.ReadAsync("users/show/bob.json"))["id_str"]!;
        var body = new JObject
        {
            ["event"] = new JObject
            {
                ["type"] = "message_create",
                ["message_create"] = new JObject
                {
                    ["target"] = new JObject { ["recipient_id"] = bob },
                    ["message_data"] = new JObject { ["text"] = "look", ["attachment"] = attachment },
                },
            },
        };
        return await node.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, new Uri(node.Root, "api/1.1/direct_messages/events/new.json"))
            {
                Content = new StringContent(body.ToString(), Encoding.UTF8, "application/json"),
            },
            "alice");
    }
}
