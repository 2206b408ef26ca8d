using System.Text.RegularExpressions;

namespace Microblog.Federation.Tests.Provider;

/// <summary>From the decision to the access token.</summary>
public sealed class ExchangeTests(ProviderNode node) : IClassFixture<ProviderNode>, IDisposable
{
    private readonly ForeignService service = new(node.Node);

    public void Dispose() => service.Dispose();

    [Theory]
    [InlineData("GET", "Query")]
    [InlineData("GET", "Header")]
    [InlineData("POST", "Body")]
    [InlineData("POST", "Header")]
    [InlineData("POST", "Query")]
    [Trait("Clause", "OMB-23")]
    [Trait("Clause", "OAUTH-13")]
    [Trait("Quirk", "Q34")]
    [Trait("Quirk", "Q42")]
    public async Task A_token_may_be_exchanged_by_either_method(string method, string placement)
    {
        var (token, verifier) = await AgreedAsync(await node.JoinAsync());
        var reply = await service.SendAsync(service.AccessToken(token, verifier) with { Method = method, Placement = Enum.Parse<Placement>(placement) });
        Assert.Equal(200, reply.Status);
        Assert.Matches("^[A-Za-z0-9]{22,32}$", reply.Form("oauth_token"));
        Assert.Matches("^[A-Za-z0-9]{22,32}$", reply.Form("oauth_token_secret"));
        Assert.NotEqual(token.Token, reply.Form("oauth_token"));
        Assert.Equal("no-store", reply.Header("Cache-Control"));
    }

    [Fact]
    public async Task A_version_with_the_exchange_is_taken()
    {
        var (token, verifier) = await AgreedAsync(await node.JoinAsync());
        Assert.Equal(200, (await service.SendAsync(service.AccessToken(token, verifier).With("omb_version", ForeignService.Version))).Status);
    }

    [Fact]
    [Trait("Clause", "OAUTH-33")]
    [Trait("Clause", "OAUTH-35")]
    public async Task Without_its_verifier_a_1_0a_token_is_worth_nothing()
    {
        var bob = await node.JoinAsync();
        var (token, verifier) = await AgreedAsync(bob);
        await RefusesAsync(service.AccessToken(token, null), "parameter_absent");
        await RefusesAsync(service.AccessToken(token, ""), "verifier_invalid");
        await RefusesAsync(service.AccessToken(token, verifier.ToUpperInvariant() + "x"), "verifier_invalid");
        Assert.Empty(await node.FollowedAsync(bob));
        Assert.Equal(200, (await service.SendAsync(service.AccessToken(token, verifier))).Status);
        Assert.Single(await node.FollowedAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OAUTH-33")]
    public async Task Three_wrong_verifiers_destroy_the_token()
    {
        var bob = await node.JoinAsync();
        var (token, verifier) = await AgreedAsync(bob);
        for (var i = 0; i < 3; i++)
            await RefusesAsync(service.AccessToken(token, "guess"), "verifier_invalid");
        await RefusesAsync(service.AccessToken(token, verifier), "token_rejected");
        Assert.Empty(await node.FollowedAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OAUTH-34")]
    [Trait("Quirk", "Q50")]
    public async Task A_1_0_token_needs_no_verifier()
    {
        var bob = await node.JoinAsync();
        Assert.Equal(200, (await service.PostAsync(await service.SubscribeAsync(bob, is10a: false), "by 1.0")).Status);
        Assert.Single(await node.HeardAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OAUTH-34")]
    public async Task A_1_0_consumer_without_callback_is_told_by_the_person()
    {
        var bob = await node.JoinAsync();
        var token = await service.GetRequestTokenAsync(bob, callback: null);
        var page = await service.VisitAsync(bob.Nickname, ForeignService.Authorization(token.Token, bob, service.Alice));
        var agreed = await service.DecideAsync(bob.Nickname, page);
        Assert.Equal(200, agreed.Status);
        Assert.Contains("good.example", agreed.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await service.SendAsync(service.AccessToken(token, null))).Status);
    }

    [Fact]
    [Trait("Clause", "OAUTH-42")]
    [Trait("Clause", "OAUTH-33")]
    public async Task Out_of_band_the_page_shows_the_verifier()
    {
        var bob = await node.JoinAsync();
        var token = await service.GetRequestTokenAsync(bob, "oob");
        var page = await service.VisitAsync(bob.Nickname, ForeignService.Authorization(token.Token, bob, service.Alice));
        var agreed = await service.DecideAsync(bob.Nickname, page);
        Assert.Equal(200, agreed.Status);
        var verifier = Regex.Match(agreed.Body, "<code>([^<]+)</code>").Groups[1].Value;
        Assert.InRange(verifier.Length, 6, 10);
        await RefusesAsync(service.AccessToken(token, null), "parameter_absent");
        Assert.Equal(200, (await service.SendAsync(service.AccessToken(token, verifier))).Status);
    }

    [Fact]
    [Trait("Clause", "OAUTH-38")]
    public async Task A_token_is_exchanged_after_the_decision_and_once()
    {
        var bob = await node.JoinAsync();
        var waiting = await service.GetRequestTokenAsync(bob, service.Callback);
        await RefusesAsync(service.AccessToken(waiting, "guess"), "permission_unknown");
        var (token, verifier) = await AgreedAsync(bob);
        Assert.Empty(await node.FollowedAsync(bob));
        Assert.Equal(200, (await service.SendAsync(service.AccessToken(token, verifier))).Status);
        await RefusesAsync(service.AccessToken(token, verifier), "token_used");
    }

    [Fact]
    [Trait("Clause", "OAUTH-38")]
    public async Task Of_two_exchanges_at_once_one_succeeds()
    {
        var bob = await node.JoinAsync();
        var (token, verifier) = await AgreedAsync(bob);
        var replies = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => service.SendAsync(service.AccessToken(token, verifier))));
        Assert.Single(replies, reply => reply.Status == 200);
        Assert.Equal(11, replies.Count(reply => reply.Status == 401 && reply.Problem == "token_used"));
        Assert.Single(await node.FollowedAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OAUTH-39")]
    [Trait("Clause", "OMB-24")]
    public async Task A_token_serves_the_key_it_was_issued_to_and_as_its_kind_only()
    {
        var bob = await node.JoinAsync();
        var (token, verifier) = await AgreedAsync(bob);
        using var thief = new ForeignService(node.Node, "https://thief.example/");
        var stolen = await thief.SendAsync(thief.AccessToken(token, verifier));
        Assert.Equal((401, "token_rejected"), (stolen.Status, stolen.Problem));
        await RefusesAsync(service.AccessToken(token with { Secret = "guess" }, verifier), "signature_invalid");
        await RefusesAsync(service.AccessToken(new TokenPair("unknown", "s"), verifier), "token_rejected");

        var grant = await service.SubscribeAsync(await node.JoinAsync());
        await RefusesAsync(service.AccessToken(grant.Token, verifier), "token_rejected");
        Assert.Equal(200, (await service.SendAsync(service.AccessToken(token, verifier))).Status);
    }

    [Fact]
    [Trait("Clause", "OAUTH-38")]
    public async Task Request_tokens_expire_before_and_after_the_decision()
    {
        await using var later = await ProviderNode.StartAsync();
        using var punctual = new ForeignService(later.Node, clock: later.Clock);
        var bob = await later.JoinAsync();
        var undecided = await punctual.GetRequestTokenAsync(bob, punctual.Callback);
        var decided = await punctual.GetRequestTokenAsync(bob, punctual.Callback);
        var unsent = await punctual.VisitAsync(bob.Nickname, ForeignService.Authorization(undecided.Token, bob, punctual.Alice));
        var page = await punctual.VisitAsync(bob.Nickname, ForeignService.Authorization(decided.Token, bob, punctual.Alice));
        var verifier = (await punctual.DecideAsync(bob.Nickname, page)).Returned("oauth_verifier");

        later.Clock.Offset += TimeSpan.FromMinutes(31);
        Assert.Equal(400, (await punctual.VisitAsync(bob.Nickname, ForeignService.Authorization(undecided.Token, bob, punctual.Alice))).Status);
        Assert.Equal(400, (await punctual.DecideAsync(bob.Nickname, unsent)).Status);
        var reply = await punctual.SendAsync(punctual.AccessToken(decided, verifier));
        Assert.Equal((401, "token_expired"), (reply.Status, reply.Problem));
        Assert.Empty(await later.FollowedAsync(bob));
    }

    [Fact]
    public async Task Access_tokens_do_not_expire()
    {
        await using var later = await ProviderNode.StartAsync();
        using var punctual = new ForeignService(later.Node, clock: later.Clock);
        var bob = await later.JoinAsync();
        var grant = await punctual.SubscribeAsync(bob);
        later.Clock.Offset += TimeSpan.FromDays(1000);
        Assert.Equal(200, (await punctual.PostAsync(grant, "still here")).Status);
    }

    [Fact]
    [Trait("Clause", "OMB-75")]
    public async Task Withdrawing_before_the_exchange_leaves_no_subscription()
    {
        var bob = await node.JoinAsync();
        var (token, verifier) = await AgreedAsync(bob);
        await node.Node.Node.BlockAsync(bob.Id, ProfileUri.Parse(service.Alice.Uri));
        await RefusesAsync(service.AccessToken(token, verifier), "permission_denied");
        Assert.Empty(await node.FollowedAsync(bob));
    }

    private async Task<(TokenPair Token, string Verifier)> AgreedAsync(Profile listener)
    {
        var token = await service.GetRequestTokenAsync(listener, service.Callback);
        var page = await service.VisitAsync(listener.Nickname, ForeignService.Authorization(token.Token, listener, service.Alice));
        return (token, (await service.DecideAsync(listener.Nickname, page)).Returned("oauth_verifier"));
    }

    private async Task RefusesAsync(Call call, string problem)
    {
        var reply = await service.SendAsync(call);
        Assert.Equal((401, problem), (reply.Status, reply.Problem));
        Assert.Empty(reply.Form("oauth_token_secret"));
        Assert.Contains($"oauth_problem=\"{problem}\"", reply.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }
}
