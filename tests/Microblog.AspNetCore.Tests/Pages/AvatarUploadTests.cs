using System.Net;
using System.Net.Sockets;
using System.Text;
using Microblog.Http;
using Microblog.Media;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class AvatarUploadTests : IAsyncLifetime
{
    private static readonly byte[] Gif = Pictures.Gif;

    private TestNode node = null!;
    private Profile alice = null!;

    public async Task InitializeAsync()
    {
        node = await TestNode.StartAsync();
        alice = await node.JoinAsync("alice");
    }

    public async Task DisposeAsync() => await node.DisposeAsync();

    [Fact]
    public async Task A_picture_is_uploaded_with_the_settings_shown_everywhere_and_removed_again()
    {
        await node.PublishAsync(alice, "hello");
        var saved = await PostAsync([("bio", "b")], Gif);
        Assert.Equal("/settings?saved=1", saved.Headers.Location?.OriginalString);
        var address = await AddressAsync("/alice");
        Assert.StartsWith($"/user/{alice.Id}/avatar?v=", address, StringComparison.Ordinal);
        Assert.Equal(address, await AddressAsync("/"));

        using var served = await node.GetAsync(address);
        Assert.Equal(PictureCleaner.Clean(Gif).Value.Content.ToArray(), await served.Content.ReadAsByteArrayAsync());
        Assert.Equal("image/gif", served.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", served.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("default-src 'none'; sandbox", served.Headers.GetValues("Content-Security-Policy").Single());
        using var exact = await node.GetAsync($"/user/{alice.Id}/avatar/96");
        Assert.Equal("image/png", exact.Content.Headers.ContentType!.ToString());
        Assert.Equal("b", (await node.Node.FindProfileAsync(alice.Id))!.Bio);

        // Whoever chooses nothing keeps it: browsers send an empty file without a name.
        await PostAsync([("bio", "c")], [], name: "");
        Assert.Equal(address, await AddressAsync("/alice"));
        await PostAsync([("remove_picture", "1")], [], name: "");
        Assert.Equal($"/user/{alice.Id}/avatar", await AddressAsync("/alice"));
        await AssertDrawnAsync();
    }

    [Fact]
    public async Task Another_picture_has_another_address()
    {
        await PostAsync([], Gif);
        var first = await AddressAsync("/alice");
        await PostAsync([], [.. Gif[..13], 0xFF, .. Gif[14..]]);
        Assert.NotEqual(first, await AddressAsync("/alice"));
    }

    [Theory]
    [InlineData("empty", "The file is empty")]
    [InlineData("svg", "This is an SVG drawing")]
    [InlineData("html", "This is no picture that is known here")]
    [InlineData("heic", "This is a HEIC picture")]
    [InlineData("cut", "damaged, or not complete")]
    [InlineData("bomb", "The picture measures 50000×50000")]
    [InlineData("wide", "The picture measures 1025×4")]
    [InlineData("large", "The picture is larger than 512 KiB")]
    public async Task A_file_that_is_no_such_picture_is_refused_and_nothing_changes(string kind, string reason)
    {
        byte[] file = kind switch
        {
            "empty" => [],
            "svg" => [.. "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"u8],
            "html" => [.. "<html><script>alert(1)</script>"u8],
            "heic" => [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0],
            "cut" => Gif[..^4],
            "bomb" => [.. Gif[..6], 0x50, 0xC3, 0x50, 0xC3, .. Gif[10..]],
            "wide" => [.. Gif[..6], 1, 4, .. Gif[8..]],
            _ => [.. Gif, .. new byte[512 * 1024]],
        };
        var response = await PostAsync([("bio", "my words")], file);
        Assert.Equal(kind == "large" ? HttpStatusCode.RequestEntityTooLarge : HttpStatusCode.BadRequest, response.StatusCode);
        var page = WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
        Assert.Contains(reason, page, StringComparison.Ordinal);
        Assert.Contains("my words", page, StringComparison.Ordinal);
        await AssertDrawnAsync();
        Assert.Equal(alice, await node.Node.FindProfileAsync(alice.Id));
    }

    [Fact]
    public async Task What_is_two_kinds_of_file_is_kept_as_one()
    {
        await PostAsync([], [.. Gif, .. "PK\x3\x4<script>alert(1)</script>"u8]);
        var kept = Encoding.Latin1.GetString(await node.Client.GetByteArrayAsync($"/user/{alice.Id}/avatar"));
        Assert.DoesNotContain("script", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", kept, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../../../etc/passwd")]
    [InlineData("..\\\\..\\\\windows\\\\win.ini")]
    [InlineData("a.html%00.gif")]
    [InlineData("x\\\"; name=\\\"bio")]
    public async Task What_a_file_is_called_leads_nowhere(string name)
    {
        Assert.Equal(HttpStatusCode.SeeOther, (await PostAsync([("bio", "b")], Gif, name)).StatusCode);
        using var served = await node.GetAsync($"/user/{alice.Id}/avatar");
        Assert.Equal("image/gif", served.Content.Headers.ContentType!.ToString());
        Assert.Equal("b", (await node.Node.FindProfileAsync(alice.Id))!.Bio);
    }

    [Fact]
    public async Task Two_files_are_one_too_many()
    {
        var body = Form(("bio", "b")) + File("x") + "x\r\n" + File("y") + "y\r\n--b--\r\n";
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync(Encoding.UTF8.GetBytes(body))).StatusCode);
        Assert.Equal(alice, await node.Node.FindProfileAsync(alice.Id));
    }

    [Fact]
    public async Task A_file_without_the_token_before_it_is_refused()
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync([.. Encoding.UTF8.GetBytes(File("x")), .. Gif, .. "\r\n--b--\r\n"u8])).StatusCode);
        await AssertDrawnAsync();
    }

    [Fact]
    public async Task Ten_gigabytes_are_refused_before_they_are_sent()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, node.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /settings HTTP/1.1\r\nHost: x\r\n{TestNode.UserHeader}: alice\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 10737418240\r\n\r\n--b"));
        using var reader = new StreamReader(stream);
        Assert.Contains("413", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_picture_of_somebody_who_left_is_gone()
    {
        await PostAsync([], Gif);
        await node.Node.LeaveAsync(alice.Id);
        foreach (var path in new[] { $"/user/{alice.Id}/avatar", $"/user/{alice.Id}/avatar/96" })
        {
            using var response = await node.GetAsync(path);
            Assert.Equal(HttpStatusCode.Gone, response.StatusCode);
        }

        Assert.Null(await node.Node.ReadAsync((session, ct) => session.Avatars.FindAsync(alice.Id, ct)));
    }

    private async Task AssertDrawnAsync() =>
        Assert.Equal(Identicon.Create(alice.Uri.Value), await node.Client.GetByteArrayAsync($"/user/{alice.Id}/avatar"));

    private async Task<string> AddressAsync(string path)
    {
        var page = await node.ReadAsync(path);
        var start = page.IndexOf("class=\"avatar\" src=\"", StringComparison.Ordinal) + "class=\"avatar\" src=\"".Length;
        return page[start..page.IndexOf('"', start)];
    }

    private static string File(string name) => $"--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"{name}\"\r\nContent-Type: image/gif\r\n\r\n";

    private string Form(params (string Name, string Value)[] fields) => string.Concat(
        fields.Prepend((ForgeryTokens.Field, node.Token("alice", "/settings"))).Select(f => $"--b\r\nContent-Disposition: form-data; name=\"{f.Item1}\"\r\n\r\n{f.Item2}\r\n"));

    private Task<HttpResponseMessage> PostAsync((string Name, string Value)[] fields, byte[] file, string name = "x.gif") =>
        SendAsync([.. Encoding.UTF8.GetBytes(Form(fields) + File(name)), .. file, .. "\r\n--b--\r\n"u8]);

    private async Task<HttpResponseMessage> SendAsync(byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/settings") { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        return await node.SendAsync(request, "alice");
    }
}
