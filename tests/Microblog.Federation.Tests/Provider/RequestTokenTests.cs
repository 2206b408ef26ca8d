using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Federation.Tests.Provider;

public sealed class RequestTokenTests(ProviderNode node) : IClassFixture<ProviderNode>
{
    [Fact]
    [Trait("Clause", "OMB-22")]
    [Trait("Clause", "OAUTH-30")]
    [Trait("Clause", "OAUTH-32")]
    [Trait("Clause", "OAUTH-40")]
    [Trait("Quirk", "Q34")]
    public async Task A_request_token_comes_as_a_form_with_the_version()
    {
        using var service = new ForeignService(node.Node);
        var bob = await node.JoinAsync();
        var reply = await service.SendAsync(service.RequestToken(bob.Uri.Value, service.Callback));
        Assert.Equal(200, reply.Status);
        Assert.Equal("application/x-www-form-urlencoded", reply.Header("Content-Type"));
        Assert.Equal("no-store", reply.Header("Cache-Control"));
        Assert.Matches("^[A-Za-z0-9]{22,32}$", reply.Form("oauth_token"));
        Assert.Matches("^[A-Za-z0-9]{22,32}$", reply.Form("oauth_token_secret"));
        Assert.Equal(ForeignService.Version, reply.Form("omb_version"));
        Assert.Equal("true", reply.Form("oauth_callback_confirmed"));

        var other = await service.SendAsync(service.RequestToken(bob.Uri.Value, callback: null));
        Assert.Equal(200, other.Status);
        Assert.DoesNotContain("oauth_callback_confirmed", other.Body, StringComparison.Ordinal);
        Assert.NotEqual(reply.Form("oauth_token"), other.Form("oauth_token"));
        Assert.NotEqual(reply.Form("oauth_token_secret"), other.Form("oauth_token_secret"));
    }

    [Theory]
    [InlineData("GET", "Query")]
    [InlineData("GET", "Header")]
    [InlineData("POST", "Body")]
    [InlineData("POST", "Header")]
    [InlineData("POST", "Query")]
    [Trait("Clause", "OMB-23")]
    [Trait("Clause", "OAUTH-13")]
    [Trait("Quirk", "Q40")]
    [Trait("Quirk", "Q42")]
    public async Task Parameters_may_stand_in_header_body_and_query_of_either_method(string method, string placement)
    {
        using var service = new ForeignService(node.Node);
        var bob = await node.JoinAsync();
        var call = service.RequestToken(bob.Uri.Value, service.Callback) with { Method = method, Placement = Enum.Parse<Placement>(placement) };
        Assert.Equal(200, (await service.SendAsync(call)).Status);
    }

    [Theory]
    [InlineData("https://good.example/")]
    [InlineData("good.example")]
    [InlineData("a key of no shape & = % +")]
    [InlineData("tag:good.example,2008:ключ")]
    [Trait("Clause", "OAUTH-31")]
    [Trait("Quirk", "Q24")]
    [Trait("Quirk", "Q57")]
    public async Task Any_key_is_taken_with_the_empty_secret(string key)
    {
        using var service = new ForeignService(node.Node, key);
        Assert.Equal(200, (await service.SendAsync(service.RequestToken((await node.JoinAsync()).Uri.Value, service.Callback))).Status);
    }

    [Fact]
    [Trait("Clause", "OAUTH-31")]
    public async Task A_key_with_an_agreed_secret_is_taken_only_with_that()
    {
        await using var strict = await ProviderNode.StartAsync(o => o.Consumers["https://partner.example/"] = new Omb.OAuth.OAuthConsumer("s3cret"));
        using var service = new ForeignService(strict.Node, "https://partner.example/");
        var call = service.RequestToken((await strict.JoinAsync()).Uri.Value, service.Callback);
        var forged = await service.SendAsync(call);
        Assert.Equal((401, "signature_invalid"), (forged.Status, forged.Problem));
        Assert.Equal(200, (await service.SendAsync(call with { ConsumerSecret = "s3cret" })).Status);
    }

    [Theory]
    [InlineData("omb_version", null)]
    [InlineData("omb_version", "")]
    [InlineData("omb_version", "http://openmicroblogging.org/protocol/0.1/")]
    [InlineData("omb_version", "https://openmicroblogging.org/protocol/0.1")]
    [InlineData("omb_version", "HTTP://openmicroblogging.org/protocol/0.1")]
    [InlineData("omb_version", "http://openmicroblogging.org/protocol/1.0")]
    [Trait("Clause", "OMB-20")]
    [Trait("Quirk", "Q62")]
    public async Task Another_version_or_none_is_refused(string name, string? value) => await RefusesAsync(name, value);

    [Theory]
    [InlineData("omb_listener", null)]
    [InlineData("omb_listener", "")]
    [InlineData("omb_listener", "bob")]
    [InlineData("omb_listener", "https://good.example/user/1")]
    [InlineData("omb_listener", "tag:nobody")]
    [Trait("Clause", "OMB-21")]
    public async Task A_listener_who_is_nobody_here_is_refused(string name, string? value) => await RefusesAsync(name, value);

    [Theory]
    [InlineData("omb_version")]
    [InlineData("omb_listener")]
    [Trait("Clause", "OMB-20")]
    [Trait("Clause", "OMB-21")]
    public async Task A_repeated_parameter_is_refused(string name)
    {
        using var service = new ForeignService(node.Node);
        var reply = await service.SendAsync(service.RequestToken((await node.JoinAsync()).Uri.Value, null).Twice(name));
        Assert.Equal(400, reply.Status);
        Assert.Contains(name, reply.Body, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OMB-21")]
    [Trait("Quirk", "Q22")]
    public async Task The_listener_is_compared_byte_for_byte()
    {
        using var service = new ForeignService(node.Node);
        var bob = await node.JoinAsync();
        foreach (var near in new[] { bob.Uri.Value.ToUpperInvariant(), bob.Uri.Value + "/", bob.Url, bob.Uri.Value.Replace("http:", "https:", StringComparison.Ordinal) })
            Assert.Equal(400, (await service.SendAsync(service.RequestToken(near, null))).Status);
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("ftp://good.example/")]
    [InlineData("https://user@good.example/")]
    [InlineData("https://good.example/#fragment")]
    [InlineData("//good.example/")]
    [InlineData("")]
    [Trait("Clause", "OAUTH-36")]
    public async Task A_callback_that_no_browser_should_open_is_refused(string callback)
    {
        using var service = new ForeignService(node.Node);
        var reply = await service.SendAsync(service.RequestToken((await node.JoinAsync()).Uri.Value, callback));
        Assert.Equal((400, "parameter_rejected"), (reply.Status, reply.Problem));
        Assert.Empty(reply.Form("oauth_token"));
    }

    [Fact]
    [Trait("Clause", "OAUTH-30")]
    [Trait("Clause", "OAUTH-60")]
    [Trait("Clause", "OAUTH-61")]
    [Trait("Clause", "OAUTH-62")]
    public async Task A_wrong_signature_gets_no_token_but_the_reason_in_header_and_body()
    {
        using var service = new ForeignService(node.Node);
        var call = service.RequestToken((await node.JoinAsync()).Uri.Value, null) with { ConsumerSecret = "guess" };
        var reply = await service.SendAsync(call);
        Assert.Equal((401, "signature_invalid"), (reply.Status, reply.Problem));
        Assert.Empty(reply.Form("oauth_token"));
        Assert.StartsWith($"OAuth realm=\"{node.Node.BaseUri}\"", reply.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Contains("oauth_problem=\"signature_invalid\"", reply.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OAUTH-37")]
    [Trait("Quirk", "Q50")]
    public async Task Oauth_1_0_can_be_switched_off()
    {
        await using var strict = await ProviderNode.StartAsync(o => o.OAuth.AcceptOAuth10 = false);
        using var service = new ForeignService(strict.Node);
        var bob = await strict.JoinAsync();
        var reply = await service.SendAsync(service.RequestToken(bob.Uri.Value, callback: null));
        Assert.Equal((400, "parameter_absent", "oauth_callback"), (reply.Status, reply.Problem, reply.Form("oauth_parameters_absent")));
        Assert.Equal(200, (await service.PostAsync(await service.SubscribeAsync(bob), "by 1.0a")).Status);
    }

    [Fact]
    [Trait("Clause", "OAUTH-45")]
    [Trait("Clause", "OAUTH-10")]
    public async Task With_an_https_address_tokens_are_not_given_by_http()
    {
        await using var secure = await ProviderNode.StartAsync(options: o => o.BaseUri = new Uri("https://notes.example/"));
        using var service = new ForeignService(secure.Node, publicBase: "https://notes.example/");
        var call = service.RequestToken((await secure.JoinAsync()).Uri.Value, service.Callback);
        var reply = await service.SendAsync(call);
        Assert.Equal(400, reply.Status);
        Assert.Contains("https", reply.Form("oauth_problem_advice"), StringComparison.Ordinal);
        Assert.Empty(reply.Form("oauth_token"));
        Assert.Equal(400, (await service.SendAsync(call with { Path = ForeignService.AccessTokenPath, Token = new TokenPair("t", "s") })).Status);
    }

    [Fact]
    [Trait("Clause", "OAUTH-8")]
    [Trait("Clause", "OAUTH-10")]
    [Trait("Clause", "OAUTH-45")]
    [Trait("Quirk", "Q58")]
    public async Task Behind_a_front_with_tls_the_public_address_is_what_is_signed()
    {
        await using var secure = await ProviderNode.StartAsync(
            options: o => o.BaseUri = new Uri("https://notes.example/"), services: services => services.AddSingleton<IStartupFilter, TlsFront>());
        using var service = new ForeignService(secure.Node, publicBase: "https://notes.example/");
        using var inside = new ForeignService(secure.Node);
        var bob = await secure.JoinAsync();
        Assert.StartsWith("https://notes.example/", bob.Uri.Value, StringComparison.Ordinal);
        var grant = await service.SubscribeAsync(bob);
        Assert.Equal(200, (await service.PostAsync(grant, "for the public address")).Status);
        Assert.Equal(401, (await inside.PostAsync(grant, "for the address inside")).Status);

        var plain = service.Notice(grant, "in clear, over TLS") with
        {
            BeforeSigning = oauth => oauth.Set("oauth_signature_method", "PLAINTEXT"),
            AfterSigning = oauth => oauth.Set("oauth_signature", "&" + grant.Token.Secret),
        };
        Assert.Equal(200, (await service.SendAsync(plain)).Status);
        Assert.Equal(401, (await service.SendAsync(plain with { AfterSigning = oauth => oauth.Set("oauth_signature", "&guess") })).Status);
        Assert.Equal(["in clear, over TLS", "for the public address"], (await secure.HeardAsync(bob)).Select(n => n.Content));
    }

    [Fact]
    public async Task One_key_holds_a_bounded_number_of_request_tokens()
    {
        await using var small = await ProviderNode.StartAsync(o => o.RequestTokensPerConsumer = 2);
        using var flood = new ForeignService(small.Node);
        using var other = new ForeignService(small.Node, "https://other.example/");
        var bob = await small.JoinAsync();
        for (var i = 0; i < 2; i++)
            await flood.GetRequestTokenAsync(bob, null);
        var reply = await flood.SendAsync(flood.RequestToken(bob.Uri.Value, null));
        Assert.Equal((503, "consumer_key_refused"), (reply.Status, reply.Problem));
        await other.GetRequestTokenAsync(bob, null);
    }

    [Fact]
    public async Task A_line_that_has_many_IPv6_addresses_holds_no_more_request_tokens_than_one_address_does()
    {
        var here = IPAddress.Parse("2001:db8::1");
        await using var small = await ProviderNode.StartAsync(
            o => o.RequestTokensPerConsumer = 2, services: s => s.AddSingleton<IStartupFilter>(new SenderAddress(() => here)));
        using var service = new ForeignService(small.Node);
        var bob = await small.JoinAsync();
        for (var number = 1; number <= 2; number++)
        {
            here = IPAddress.Parse($"2001:db8:0:1::{number}");
            await service.GetRequestTokenAsync(bob, null);
        }

        here = IPAddress.Parse("2001:db8:0:1:ffff:ffff:ffff:ffff");
        Assert.Equal(503, (await service.SendAsync(service.RequestToken(bob.Uri.Value, null))).Status);
        here = IPAddress.Parse("2001:db8:0:2::1");
        await service.GetRequestTokenAsync(bob, null);
    }

    private async Task RefusesAsync(string name, string? value)
    {
        using var service = new ForeignService(node.Node);
        var call = service.RequestToken((await node.JoinAsync()).Uri.Value, service.Callback);
        var reply = await service.SendAsync(value is null ? call.Without(name) : call.With(name, value));
        Assert.Equal(400, reply.Status);
        Assert.Contains(name, reply.Body, StringComparison.Ordinal);
        Assert.Empty(reply.Form("oauth_token"));
    }

    /// <summary>As if a front had taken the TLS off, and the host's forwarded headers had said so.</summary>
    private sealed class TlsFront : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
        {
            application.Use((context, rest) =>
            {
                context.Request.Scheme = "https";
                return rest(context);
            });
            next(application);
        };
    }
}
