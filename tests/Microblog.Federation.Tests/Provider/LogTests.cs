namespace Microblog.Federation.Tests.Provider;

public sealed class LogTests
{
    [Fact]
    [Trait("Clause", "OAUTH-41")]
    public async Task Secrets_verifiers_and_texts_reach_no_log_and_tokens_none_of_ours()
    {
        await using var node = await ProviderNode.StartAsync();
        using var service = new ForeignService(node.Node);
        var bob = await node.JoinAsync();
        var request = await service.GetRequestTokenAsync(bob, service.Callback);
        var page = await service.VisitAsync(bob.Nickname, ForeignService.Authorization(request.Token, bob, service.Alice));
        var verifier = (await service.DecideAsync(bob.Nickname, page)).Returned("oauth_verifier");
        Assert.Equal(401, (await service.SendAsync(service.AccessToken(request, verifier + "x"))).Status);
        var access = await service.SendAsync(service.AccessToken(request, verifier));
        var grant = new ForeignGrant(new TokenPair(access.Form("oauth_token"), access.Form("oauth_token_secret")), bob, service.Alice);

        // Everything once well, and in every way of being refused.
        var signatures = new List<string>();
        void Remember(List<Field> oauth) => signatures.Add(oauth.Single(f => f.Name == "oauth_signature").Signed);
        var call = service.Notice(grant, "a private text") with { AfterSigning = Remember };
        Assert.Equal(200, (await service.SendAsync(call)).Status);
        Assert.Equal(400, (await service.SendAsync(call.Without("omb_notice"))).Status);
        Assert.Equal(400, (await service.SendAsync(call.With("omb_listenee", "https://good.example/user/2"))).Status);
        Assert.Equal(401, (await service.SendAsync(call with { Token = grant.Token with { Secret = "another secret" } })).Status);
        Assert.Equal(401, (await service.SendAsync(call with { Token = grant.Token with { Token = "anothertoken" } })).Status);
        Assert.Equal(401, (await service.SendAsync(call.Stamped("n", "1") with { AfterSigning = Remember })).Status);
        Assert.Equal(401, (await service.SendAsync(service.AccessToken(request, verifier))).Status);
        Assert.Equal(200, (await service.UpdateAsync(grant, ("bio", "a private text"))).Status);
        await node.UnsubscribeAsync(bob);
        Assert.Equal(403, (await service.PostAsync(grant, "a private text")).Status);

        var lines = node.Log.Lines;
        Assert.Contains(lines, line => line.Text.Contains("SignatureInvalid", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Text.Contains("TokenRevoked", StringComparison.Ordinal));
        string[] secrets = [request.Secret, grant.Token.Secret, verifier, "a private text", "another secret", .. signatures];
        // The web server logs addresses, and the authorization address carries the request token, which is worth nothing by itself.
        string[] tokens = [grant.Token.Token, "anothertoken"];
        foreach (var (category, text) in lines)
        {
            Assert.All([.. secrets, .. tokens], secret => Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{category} logged {secret}: {text}"));
            if (category.StartsWith("Microblog", StringComparison.Ordinal) && !category.Contains("Storage", StringComparison.Ordinal))
                Assert.False(text.Contains(request.Token, StringComparison.Ordinal), $"{category} logged a request token: {text}");
        }
    }

    [Fact]
    [Trait("Clause", "OAUTH-41")]
    public async Task Secrets_stand_in_no_address_and_no_refusal()
    {
        await using var node = await ProviderNode.StartAsync();
        using var service = new ForeignService(node.Node);
        var bob = await node.JoinAsync();
        var request = await service.GetRequestTokenAsync(bob, service.Callback);
        var page = await service.VisitAsync(bob.Nickname, ForeignService.Authorization(request.Token, bob, service.Alice));
        var back = await service.DecideAsync(bob.Nickname, page);
        Assert.DoesNotContain(request.Secret, page.Body + back.Header("Location"), StringComparison.Ordinal);
        var wrong = await service.SendAsync(service.AccessToken(request, "guess"));
        Assert.DoesNotContain(request.Secret, wrong.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(back.Returned("oauth_verifier"), wrong.Body + string.Join(' ', wrong.Headers.Values), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OAUTH-46")]
    public async Task Secrets_lie_protected_in_the_store()
    {
        await using var node = await ProviderNode.StartAsync();
        using var service = new ForeignService(node.Node);
        var bob = await node.JoinAsync();
        var request = await service.GetRequestTokenAsync(bob, service.Callback);
        var grant = await service.SubscribeAsync(bob);
        foreach (var (scope, pair) in new[] { ("omb.request", request), ("omb.access", grant.Token) })
        {
            var stored = await node.Node.Node.ReadAsync((session, ct) => session.Credentials.FindAsync(scope, pair.Token, ct));
            var bytes = System.Text.Encoding.Latin1.GetString(stored!.ProtectedSecret.Span);
            Assert.NotEmpty(bytes);
            Assert.DoesNotContain(pair.Secret, bytes + stored.Data, StringComparison.Ordinal);
        }
    }
}
