using System.Security.Cryptography;
using System.Text;
using Microblog.AspNetCore.Tests;

namespace Microblog.Federation.Tests.Provider;

/// <summary>What old services did in their own way when they sent something: docs/interop.md.</summary>
public sealed class HabitTests(ProviderNode node) : IClassFixture<ProviderNode>, IDisposable
{
    private readonly ForeignService service = new(node.Node);

    public void Dispose() => service.Dispose();

    [Fact]
    [Trait("Quirk", "Q14")]
    [Trait("Quirk", "Q42")]
    [Trait("Quirk", "Q62")]
    public async Task A_bridge_that_asks_by_GET_with_an_unescaped_version_and_posts_an_action_of_its_own_is_served()
    {
        var bob = await node.JoinAsync();
        var unescaped = new Field("omb_version", ForeignService.Version, HmacSigner.Encode(ForeignService.Version));
        Call ByGet(Call call) => call.Without("omb_version") with { Method = "GET", Fields = [unescaped, .. call.Fields.Where(f => f.Name != "omb_version")] };

        var asked = await service.SendAsync(ByGet(service.RequestToken(bob.Uri.Value, null)));
        Assert.Equal(200, asked.Status);
        var token = new TokenPair(asked.Form("oauth_token"), asked.Form("oauth_token_secret"));
        var page = await service.VisitAsync(bob.Nickname, [unescaped, .. ForeignService.Authorization(token.Token, bob, service.Alice, service.Callback).Where(f => f.Name != "omb_version")]);
        Assert.Equal(303, (await service.DecideAsync(bob.Nickname, page)).Status);
        var exchanged = await service.SendAsync(ByGet(service.AccessToken(token, null)));
        var grant = new ForeignGrant(new TokenPair(exchanged.Form("oauth_token"), exchanged.Form("oauth_token_secret")), bob, service.Alice);

        var notice = service.Notice(grant, "bridged").With("action", "postnotice");
        Assert.Equal(401, (await service.SendAsync(notice with { Wire = form => form.Replace("action=postnotice", "action=other", StringComparison.Ordinal) })).Status);
        Assert.Equal(200, (await service.SendAsync(notice)).Status);
        Assert.Equal(["bridged"], (await node.HeardAsync(bob)).Select(n => n.Content));
    }

    [Theory]
    [InlineData("http://Good.Example/index.php?action=userbyid&id=7", "http://good.example/index.php?action=userbyid&id=7")]
    [InlineData("http://good.example/user/7", "https://good.example/user/7")]
    [InlineData("http://good.example/user/%7e", "http://good.example/user/~")]
    [InlineData("http://good.example:80/user/7", "http://good.example/user/7")]
    [Trait("Quirk", "Q22")]
    public async Task An_identifier_is_kept_as_it_is_written_and_one_that_only_means_the_same_is_another(string identifier, string alike)
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob, new Listenee(identifier, "https://good.example/alice"));
        Assert.Equal(identifier, (await node.FollowedAsync(bob)).Single().Other.Uri.Value);
        Assert.Equal(200, (await service.PostAsync(grant, "mine")).Status);
        Assert.Equal(400, (await service.PostAsync(grant with { Listenee = grant.Listenee with { Uri = alike } }, "not mine")).Status);
        Assert.Equal(["mine"], (await node.HeardAsync(bob)).Select(n => n.Content));
    }

    [Fact]
    [Trait("Quirk", "Q23")]
    public async Task A_service_with_one_identifier_for_all_and_hashes_for_notices_is_heard()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob, new Listenee(service.Root, service.Root + "alice"));
        foreach (var text in new[] { "good morning", "lunch", "good morning" })
            Assert.Equal(200, (await service.PostAsync(grant, text, HashOf(text))).Status);
        Assert.Equal(["lunch", "good morning"], (await node.HeardAsync(bob)).Select(n => n.Content));

        // Who says the same is somebody else.
        using var other = new ForeignService(node.Node, "https://other.example/");
        var another = await other.SubscribeAsync(bob, new Listenee(other.Root, other.Root + "eve", "eve"));
        Assert.Equal(200, (await other.PostAsync(another, "lunch", HashOf("lunch"))).Status);
        Assert.Equal(["lunch", "lunch", "good morning"], (await node.HeardAsync(bob)).Select(n => n.Content));

        // As long as the MD5 that they take.
        static string HashOf(string text) => "noserub://" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
    }

    [Theory]
    [InlineData("good.example")]
    [InlineData("https://good.example/user/1")]
    [Trait("Quirk", "Q24")]
    [Trait("Quirk", "Q57")]
    public async Task A_bare_host_or_a_persons_identifier_serves_as_a_key_and_no_other_key_for_its_token(string key)
    {
        var bob = await node.JoinAsync();
        using var odd = new ForeignService(node.Node, key);
        var alice = new Listenee("https://good.example/user/1", "https://good.example/alice");
        var token = await odd.GetRequestTokenAsync(bob, "https://good.example/done");
        var back = await odd.DecideAsync(bob.Nickname, await odd.VisitAsync(bob.Nickname, ForeignService.Authorization(token.Token, bob, alice)));
        var access = await odd.SendAsync(odd.AccessToken(token, back.Returned("oauth_verifier")));
        var grant = new ForeignGrant(new TokenPair(access.Form("oauth_token"), access.Form("oauth_token_secret")), bob, alice);
        Assert.Equal(200, (await odd.PostAsync(grant, "hello")).Status);
        Assert.Equal(401, (await service.PostAsync(grant, "by another")).Status);
        Assert.Equal(["hello"], (await node.HeardAsync(bob)).Select(n => n.Content));
    }

    [Theory]
    [InlineData("omb_listenee", "good.example/user/1")]
    [InlineData("omb_notice", "good.example/notice/1")]
    [Trait("Quirk", "Q24")]
    public async Task An_identifier_without_its_scheme_is_refused(string name, string value)
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(await service.SubscribeAsync(bob), "whose?").With(name, value);
        Assert.Equal(400, (await service.SendAsync(call)).Status);
        Assert.Empty(await node.HeardAsync(bob));
    }

    [Theory]
    [InlineData("al_ice")]
    [InlineData("al-ice")]
    [InlineData("al.ice")]
    [InlineData("ALICE")]
    [InlineData("12345")]
    [InlineData("älice")]
    [Trait("Quirk", "Q26")]
    public async Task A_nickname_that_nobody_here_could_have_is_shown_as_it_is(string nickname)
    {
        var bob = await node.JoinAsync();
        await service.SubscribeAsync(bob, service.Alice with { Nickname = nickname });
        var page = await service.BrowseAsync(bob.Nickname, "following");
        Assert.Equal(nickname + "@good.example", (await node.FollowedAsync(bob)).Single().Other.Address);
        Assert.Contains(nickname + "@good.example", System.Net.WebUtility.HtmlDecode(page.Body), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Quirk", "Q86")]
    public async Task A_notice_by_HTTP_1_0_is_taken_and_the_connection_closed()
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(await service.SubscribeAsync(bob), "old");
        var form = service.SignedForm(call);
        var answer = await RawHttp.SendAsync(
            node.Node.BaseUri.Port, $"POST /{call.Path} HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {form.Length}\r\n\r\n{form}");
        Assert.Matches("^HTTP/1\\.[01] 200 ", answer);
        Assert.EndsWith("\r\n\r\nomb_version=http://openmicroblogging.org/protocol/0.1", answer, StringComparison.Ordinal);
        Assert.Equal(["old"], (await node.HeardAsync(bob)).Select(n => n.Content));
    }

    [Fact]
    [Trait("Quirk", "Q85")]
    public async Task A_sender_that_asks_before_it_sends_the_body_is_told_to_go_on()
    {
        var bob = await node.JoinAsync();
        var call = service.Notice(await service.SubscribeAsync(bob), new string('x', 2_000));
        var form = service.SignedForm(call);
        using var socket = await RawHttp.ConnectAsync(node.Node.BaseUri.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /{call.Path} HTTP/1.1\r\nHost: any\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {form.Length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"));
        var first = new byte[25];
        for (var read = 0; read < first.Length;)
            read += await socket.ReceiveAsync(first.AsMemory(read)) is var more and > 0 ? more : throw new EndOfStreamException();
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Encoding.ASCII.GetString(first));

        await socket.SendAsync(Encoding.ASCII.GetBytes(form));
        Assert.StartsWith("HTTP/1.1 200 ", await RawHttp.ReadToEndAsync(socket), StringComparison.Ordinal);
        Assert.Equal(new string('x', 2_000), (await node.HeardAsync(bob)).Single().Content);
    }

    [Fact]
    [Trait("Quirk", "Q8")]
    [Trait("Quirk", "Q85")]
    public async Task Headers_have_a_space_after_the_colon_addresses_redirect_by_303_and_endpoints_never()
    {
        var bob = await node.JoinAsync();
        var port = node.Node.BaseUri.Port;
        var page = await RawHttp.SendAsync(port, $"GET {new Uri(bob.Url).AbsolutePath} HTTP/1.0\r\n\r\n");
        Assert.Contains($"\r\nX-XRDS-Location: {node.Node.BaseUri}", page, StringComparison.Ordinal);
        var identifier = await RawHttp.SendAsync(port, $"GET {new Uri(bob.Uri.Value).AbsolutePath} HTTP/1.0\r\n\r\n");
        Assert.Matches("^HTTP/1\\.[01] 303 ", identifier);
        Assert.Contains("\r\nLocation: ", identifier, StringComparison.Ordinal);

        string[] endpoints = [ForeignService.RequestTokenPath, ForeignService.AccessTokenPath, $"omb/{bob.Id}/notice", $"omb/{bob.Id}/profile"];
        foreach (var path in endpoints.SelectMany(path => new[] { path, path + "/", path.ToUpperInvariant(), "/" + path }))
            Assert.InRange((await service.Wire.SendFormAsync(path, "x=1")).Status, 400, 499);
    }
}
