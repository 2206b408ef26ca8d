using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Microblog.Http;
using Microblog.Media;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class AttachmentTests : IAsyncLifetime
{
    private static readonly byte[] Gif = Pictures.Gif;

    private TestNode node = null!;
    private Profile alice = null!;
    private Profile bob = null!;

    public async Task InitializeAsync()
    {
        node = await TestNode.StartAsync(services: services => services.Configure<MicroblogOptions>(options =>
        {
            options.MaxAttachmentBytes = 64 * 1024;
            options.AttachmentQuotaBytes = 64 * 1024;
        }));
        alice = (await node.Node.JoinAsync("alice", "alice")).Value;
        bob = (await node.Node.JoinAsync("bob", "bob")).Value;
    }

    public async Task DisposeAsync() => await node.DisposeAsync();

    [Fact]
    public async Task One_form_brings_text_picture_and_description_and_everybody_sees_them()
    {
        var response = await PostAsync("alice", ("content", "look"), ("file1", Gif), ("description1", "a cat & <b>its</b> tail"));
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        var picture = Assert.Single((await NewestAsync()).Attachments);
        Assert.Equal(("image/gif", 6, 4, "a cat & <b>its</b> tail"), (picture.MediaType, picture.Width, picture.Height, picture.Description));

        var page = await (await GetAsync("/", "bob")).Content.ReadAsStringAsync() + await (await GetAsync("/alice", null)).Content.ReadAsStringAsync();
        Assert.Contains($"src=\"/attachment/{picture.Id}\" alt=\"a cat &amp; &lt;b&gt;its&lt;/b&gt; tail\" width=\"6\" height=\"4\"", page, StringComparison.Ordinal);

        var served = await GetAsync($"/attachment/{picture.Id}", null);
        var bytes = await served.Content.ReadAsByteArrayAsync();
        Assert.Equal(PictureCleaner.Clean(Gif).Value.Content.ToArray(), bytes);
        Assert.Equal("image/gif", served.Content.Headers.ContentType!.ToString());
        Assert.Equal(bytes.Length, served.Content.Headers.ContentLength);
        Assert.Equal("nosniff", Header(served, "X-Content-Type-Options"));
        Assert.Equal("default-src 'none'; sandbox", Header(served, "Content-Security-Policy"));
        Assert.Equal("cross-origin", Header(served, "Cross-Origin-Resource-Policy"));
        Assert.Equal("public, max-age=3600", Header(served, "Cache-Control"));
        Assert.Equal($"inline; filename=\"{picture.Id}.gif\"", served.Content.Headers.ContentDisposition!.ToString());

        using var again = new HttpRequestMessage(HttpMethod.Get, $"/attachment/{picture.Id}");
        again.Headers.Add("If-None-Match", served.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.NotModified, (await node.Client.SendAsync(again)).StatusCode);
        using var head = new HttpRequestMessage(HttpMethod.Head, $"/attachment/{picture.Id}");
        Assert.Equal(bytes.Length, (await node.Client.SendAsync(head)).Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("public", true, true)]
    [InlineData("unlisted", true, true)]
    [InlineData("followers", false, false)]
    [InlineData("direct", true, false)]
    public async Task A_picture_is_for_whoever_may_see_its_notice(string visibility, bool bobSees, bool everybodySees)
    {
        await PostAsync("alice", ("content", "@bob look"), ("visibility", visibility), ("file1", Gif));
        var address = $"/attachment/{(await NewestAsync()).Attachments[0].Id}";
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(address, "alice")).StatusCode);
        var bobs = await GetAsync(address, "bob");
        Assert.Equal(bobSees ? HttpStatusCode.OK : HttpStatusCode.NotFound, bobs.StatusCode);
        Assert.Equal(everybodySees ? HttpStatusCode.OK : HttpStatusCode.NotFound, (await GetAsync(address, null)).StatusCode);
        if (!everybodySees)
            Assert.True((await GetAsync(address, "alice")).Headers.CacheControl is { Private: true, NoCache: true, Public: false });
        await node.Node.BlockAsync(alice.Id, bob.Uri);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(address, "bob")).StatusCode);
    }

    [Fact]
    public async Task Without_a_script_a_picture_is_looked_at_described_and_left_out_before_it_is_published()
    {
        var preview = await PostAsync("alice", ("content", "look"), ("upload", "1"), ("file1", Gif), ("file2", Gif));
        var page = await preview.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, preview.StatusCode);
        Assert.Contains("enctype=\"multipart/form-data\"", page, StringComparison.Ordinal);
        var ids = Regex.Matches(page, "name=\"attachment[12]\" value=\"(\\d+)\"", RegexOptions.None, TimeSpan.FromSeconds(5)).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(2, ids.Count);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/attachment/" + ids[0], "alice")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/attachment/" + ids[0], "bob")).StatusCode);

        await PostAsync("alice", ("content", "look"), ("attachment1", ids[0]), ("description1", "one"), ("attachment2", ids[1]), ("remove2", "1"));
        var picture = Assert.Single((await NewestAsync()).Attachments);
        Assert.Equal((ids[0], "one"), (picture.Id.ToString(), picture.Description));
        // Nobody publishes another's upload, nor one twice.
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("bob", ("content", "mine"), ("attachment1", ids[0]))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("alice", ("content", "twice"), ("attachment1", ids[0]))).StatusCode);
    }

    [Fact]
    public async Task With_its_notice_a_picture_goes()
    {
        await PostAsync("alice", ("content", "look"), ("file1", Gif));
        var notice = await NewestAsync();
        await node.Node.DeleteAsync(alice.Id, notice.Id);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync($"/attachment/{notice.Attachments[0].Id}", "alice")).StatusCode);
    }

    [Theory]
    [InlineData("svg", "This is an SVG drawing")]
    [InlineData("html", "This is no picture that is known here")]
    [InlineData("cut", "damaged, or not complete")]
    [InlineData("bomb", "The picture measures 50000×50000")]
    [InlineData("large", "The picture is larger than 64 KiB")]
    public async Task A_file_that_is_not_what_it_says_is_refused_and_nothing_is_stored(string kind, string reason)
    {
        byte[] file = kind switch
        {
            "svg" => [.. "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"u8],
            "html" => [.. "<html><script>alert(1)</script>"u8],
            "cut" => Gif[..^4],
            "bomb" => [.. Gif[..6], 0x50, 0xC3, 0x50, 0xC3, .. Gif[10..]],
            _ => [.. Gif, .. new byte[70_000]],
        };
        var response = await PostAsync("alice", ("content", "my words"), ("file1", file));
        var page = WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
        Assert.Equal(kind == "large" ? HttpStatusCode.RequestEntityTooLarge : HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(reason, page, StringComparison.Ordinal);
        Assert.Contains("my words", page, StringComparison.Ordinal);
        await AssertNothingStoredAsync();
    }

    [Fact]
    public async Task What_is_two_kinds_of_file_is_stored_as_one()
    {
        await PostAsync("alice", ("content", "x"), ("file1", (byte[])[.. Gif, .. "PK\x3\x4<script>alert(1)</script>"u8]));
        var bytes = await (await GetAsync($"/attachment/{(await NewestAsync()).Attachments[0].Id}", null)).Content.ReadAsByteArrayAsync();
        Assert.DoesNotContain("script", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../../../etc/passwd")]
    [InlineData("..\\\\..\\\\windows\\\\win.ini")]
    [InlineData("a.html%00.gif")]
    [InlineData("x\\\"; name=\\\"content")]
    public async Task What_a_file_is_called_leads_nowhere(string name)
    {
        var body = Form("alice", ("content", "look")) + $"--b\r\nContent-Disposition: form-data; name=\"file1\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n";
        var response = await SendAsync("alice", [.. Encoding.UTF8.GetBytes(body), .. Gif, .. "\r\n--b--\r\n"u8]);
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        var notice = await NewestAsync();
        Assert.Equal("look", notice.Content);
        Assert.Equal("image/gif", Assert.Single(notice.Attachments).MediaType);
    }

    [Fact]
    public async Task Ten_gigabytes_are_refused_before_they_are_sent()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, node.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /notice HTTP/1.1\r\nHost: x\r\n{TestNode.UserHeader}: alice\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 10737418240\r\n\r\n--b"));
        using var reader = new StreamReader(stream);
        Assert.Contains("413", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
        await AssertNothingStoredAsync();
    }

    [Fact]
    public async Task Whoever_is_not_signed_in_sends_nothing_that_is_read()
    {
        var response = await SendAsync(null, [.. Encoding.UTF8.GetBytes(Form("alice", ("content", "x")) + "--b--\r\n")]);
        Assert.NotEqual(HttpStatusCode.SeeOther, response.StatusCode);
        await AssertNothingStoredAsync();
    }

    [Fact]
    public async Task A_file_without_the_token_before_it_is_refused()
    {
        var response = await SendAsync("alice", [.. "--b\r\nContent-Disposition: form-data; name=\"file1\"; filename=\"x\"\r\n\r\n"u8, .. Gif, .. "\r\n--b--\r\n"u8]);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        await AssertNothingStoredAsync();
    }

    [Theory]
    [InlineData("many")]
    [InlineData("header")]
    [InlineData("cut")]
    [InlineData("other")]
    [InlineData("nul")]
    [InlineData("files")]
    [InlineData("boundary")]
    public async Task A_form_that_is_no_form_is_refused_and_nothing_is_stored(string kind)
    {
        var start = Form("alice", ("content", "x")) + File("file1");
        byte[] begun = [.. Encoding.UTF8.GetBytes(start), .. Gif, .. "\r\n"u8];
        byte[] body = kind switch
        {
            "many" => [.. begun, .. Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n", 500)) + "--b--\r\n")],
            "header" => [.. begun, .. Encoding.ASCII.GetBytes("--b\r\nContent-Disposition: form-data; name=\"x\"\r\nX: " + new string('x', 20_000) + "\r\n\r\n\r\n--b--\r\n")],
            "cut" => begun,
            "other" => [.. begun, .. "--c--\r\n"u8],
            "nul" => [.. begun, .. "--b\r\nContent-Disposition: form-data; name=\"seealso\"\r\n\r\n\0\r\n--b--\r\n"u8],
            "files" => [.. begun, .. Enumerable.Range(2, 9).SelectMany(n => (byte[])[.. Encoding.UTF8.GetBytes(File("file" + n)), .. Gif, .. "\r\n"u8]), .. "--b--\r\n"u8],
            _ => begun,
        };
        var response = await SendAsync("alice", body, kind == "boundary" ? "multipart/form-data" : "multipart/form-data; boundary=b");
        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge });
        await AssertNothingStoredAsync();
    }

    [Fact]
    public async Task The_quota_is_kept_and_what_goes_makes_room()
    {
        // 64 KiB in charges of 4 KiB each.
        for (var number = 0; number < 4; number++)
            Assert.Equal(HttpStatusCode.SeeOther, (await PostAsync("alice", ("content", "x"), ("file1", Gif), ("file2", Gif), ("file3", Gif), ("file4", Gif))).StatusCode);
        var refused = await PostAsync("alice", ("content", "x"), ("file1", Gif));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("there is no room for this one", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await PostAsync("bob", ("content", "x"), ("file1", Gif))).StatusCode);
        await node.Node.DeleteAsync(alice.Id, (await NewestAsync("alice")).Id);
        Assert.Equal(HttpStatusCode.SeeOther, (await PostAsync("alice", ("content", "x"), ("file1", Gif))).StatusCode);
    }

    [Fact]
    public async Task A_description_is_counted_as_people_see_it()
    {
        var family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";
        var fits = string.Concat(Enumerable.Repeat(family, Attachment.MaxDescription));
        Assert.Equal(HttpStatusCode.SeeOther, (await PostAsync("alice", ("content", "x"), ("file1", Gif), ("description1", fits))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("alice", ("content", "x"), ("file1", Gif), ("description1", fits + "x"))).StatusCode);
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(",", response.Headers.GetValues(name));

    private static string File(string field) => $"--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"x.gif\"\r\nContent-Type: image/gif\r\n\r\n";

    private async Task AssertNothingStoredAsync()
    {
        Assert.Empty(await node.Node.HomeAsync(alice.Id, PageRequest.Newest(9)));
        Assert.Equal(0, await node.Node.ReadAsync((session, ct) => session.Attachments.MeasureAsync(alice.Id, ct)));
    }

    private async Task<Notice> NewestAsync(string nickname = "alice") =>
        (await node.Node.HomeAsync(nickname == "alice" ? alice.Id : bob.Id, PageRequest.Newest(1)))[0].Notice;

    private async Task<HttpResponseMessage> GetAsync(string path, string? user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (user is not null)
            request.Headers.Add(TestNode.UserHeader, user);
        return await node.Client.SendAsync(request);
    }

    private Task<HttpResponseMessage> PostAsync(string user, params (string Name, object Value)[] fields)
    {
        using var body = new MemoryStream();
        body.Write(Encoding.UTF8.GetBytes(Form(user, [.. fields.Where(f => f.Value is string).Select(f => (f.Name, (string)f.Value))])));
        foreach (var (name, value) in fields.Where(f => f.Value is byte[]))
        {
            body.Write(Encoding.UTF8.GetBytes(File(name)));
            body.Write((byte[])value);
            body.Write("\r\n"u8);
        }

        body.Write("--b--\r\n"u8);
        return SendAsync(user, body.ToArray());
    }

    private string Form(string user, params (string Name, string Value)[] fields) => string.Concat(
        fields.Prepend((ForgeryTokens.Field, node.Token(user, "/notice"))).Select(f => $"--b\r\nContent-Disposition: form-data; name=\"{f.Item1}\"\r\n\r\n{f.Item2}\r\n"));

    private async Task<HttpResponseMessage> SendAsync(string? user, byte[] body, string type = "multipart/form-data; boundary=b")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/notice") { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (user is not null)
            request.Headers.Add(TestNode.UserHeader, user);
        return await node.Client.SendAsync(request);
    }
}
