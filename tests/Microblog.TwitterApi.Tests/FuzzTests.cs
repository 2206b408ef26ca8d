using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Microblog.TwitterApi.Wire;
using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json.Linq;

namespace Microblog.TwitterApi.Tests;

/// <summary>Every parameter of every method, with whatever somebody may send.</summary>
public sealed class FuzzTests
{
    private static readonly string[] Names =
    [
        "id", "user_id", "screen_name", "count", "page", "since_id", "max_id", "since", "cursor", "status", "in_reply_to_status_id", "source", "lat", "long",
        "media_ids", "text", "user", "user_a", "user_b", "source_id", "source_screen_name", "target_id", "target_screen_name", "group_id", "group_name", "nickname",
        "full_name", "homepage", "description", "location", "aliases", "name", "url", "q", "rpp", "lang", "lite", "skip_status", "email", "size", "callback",
    ];

    private static readonly string[] Awkward =
    [
        "", "0", "-1", "1", "2", "9007199254740993", "9223372036854775807", "9223372036854775808", "99999999999999999999999999", "1e5", "0x10", "٣", "+1", " 1 ",
        "true", "null", "[]", "{}", "alice", "ALICE", "@bob", "bob@elsewhere.example", "#cats", "!group", "d bob hello", "a\u0001b", "\u202Eabc", "\uFFFF", "é", "日本語",
        "<script>alert(1)</script>", "&amp;&lt;", "&#0;", "&#xD800;", "'; drop table notice; --", "../../etc/passwd", "%", "%2", "\"", "from:", "\"\"\"", "a*b*", "https://",
    ];

    [Fact]
    public async Task Whatever_is_sent_is_answered_in_the_clients_own_format_and_never_by_a_fault_of_ours()
    {
        await using var node = await ApiNode.StartAsync(api => api.RequestsPerHour = null);
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        await node.Node.SubscribeAsync(alice.Id, "bob");
        await node.Node.SubscribeAsync(bob.Id, "alice");
        var notice = await node.PublishAsync(bob, "hello #cats @alice");
        var value = Gen.OneOf(
            Gen.Elements(Awkward), Gen.Elements(alice.Id.ToString(), bob.Id.ToString(), notice.Id.ToString()),
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get), Gen.Choose(int.MinValue, int.MaxValue).Select(number => $"{number}"));
        var pairs = Gen.Zip(Gen.Elements(Names), value).ListOf().Select(list => list.Take(6).ToList());
        foreach (var endpoint in node.Services.GetRequiredService<ApiMap>().Endpoints)
        {
            foreach (var format in new[] { "json", "xml", "rss", "atom" }.Where(format => endpoint.Formats.HasFlag(ApiFormat.Of(format))))
            {
                foreach (var fields in pairs.Sample(6))
                    await AskAsync(endpoint, format, fields);
            }
        }

        async Task AskAsync(ApiEndpoint endpoint, string format, List<(string Name, string Value)> fields)
        {
            var before = await CountAsync();
            var id = endpoint.NeedsId || (endpoint.TakesId && fields.Count % 2 == 0) ? "/" + Uri.EscapeDataString(InPath(fields.LastOrDefault().Value ?? "x")) : "";
            using var answer = endpoint.IsWrite
                ? await node.PostAsync($"{endpoint.Path}{id}.{format}", "alice", [.. fields.Select(field => (field.Name, Whole(field.Value)))])
                : await node.GetAsync(
                    $"{endpoint.Path}{id}.{format}?{string.Join('&', fields.Select(field => $"{field.Name}={Uri.EscapeDataString(Whole(field.Value))}"))}", "alice");
            var text = await answer.Content.ReadAsStringAsync();
            var told = $"{endpoint.Path}{id}.{format} {string.Join(", ", fields)}: {(int)answer.StatusCode} {text}";
            Assert.True(answer.StatusCode is not HttpStatusCode.InternalServerError, told);
            if (answer.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.MovedPermanently)
                return;
            Assert.True(IsReadable(answer, text), told);
            if (!answer.IsSuccessStatusCode)
                Assert.True(before == await CountAsync(), told);
        }

        async Task<(ProfileCounts, string)> CountAsync() =>
            (await node.Node.CountsAsync(alice.Id), (await node.Node.FindProfileAsync(alice.Id))! is var profile ? $"{profile.FullName} {profile.Bio} {profile.Homepage} {profile.Location}" : "");
    }

    [Fact]
    public async Task What_is_no_form_is_refused_before_anything_happens()
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");
        foreach (var (type, body) in new[]
        {
            ("multipart/form-data", "x"), ("multipart/form-data; boundary=x", "--x\r\n\r\nstatus"), ("multipart/form-data; boundary=x", "--y"),
            ("application/x-www-form-urlencoded", "status=a%00b"), ("application/x-www-form-urlencoded", "status=" + new string('a', 200_000)),
            ("application/json", "{\"status\":\"hello\"}"), ("text/plain", "status=hello"),
        })
        {
            var content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body));
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            using var answer = await node.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(node.Root, "api/statuses/update.json")) { Content = content }, "alice");
            Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{type} {(int)answer.StatusCode}");
            Assert.True(IsReadable(answer, await answer.Content.ReadAsStringAsync()), type);
        }

        Assert.Empty((JArray)await node.ReadAsync("statuses/user_timeline.json", "alice"));
    }

    private static bool IsReadable(HttpResponseMessage answer, string text)
    {
        try
        {
            if (answer.Content.Headers.ContentType?.MediaType is "application/json")
                JToken.Parse(text);
            else
                System.Xml.Linq.XDocument.Parse(text);
            return true;
        }
        catch (Exception e) when (e is Newtonsoft.Json.JsonException or System.Xml.XmlException)
        {
            return false;
        }
    }

    // A NUL in a path the web server refuses by itself.
    private static string InPath(string text) => Whole(text).Replace("\0", "", StringComparison.Ordinal);

    // Half a character cannot be sent as UTF-8.
    private static string Whole(string text) => string.Concat(text.EnumerateRunes());
}
