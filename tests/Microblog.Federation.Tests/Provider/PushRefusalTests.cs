using System.Globalization;
using Microblog.Storage;

namespace Microblog.Federation.Tests.Provider;

/// <summary>Which pushes are 401, which 403, which 400: openmicroblogging.md §9.</summary>
public sealed class PushRefusalTests(ProviderNode node) : IClassFixture<ProviderNode>, IDisposable
{
    private readonly ForeignService service = new(node.Node);

    public static TheoryData<string> Pushes => new("notice", "profile");

    public void Dispose() => service.Dispose();

    [Theory]
    [MemberData(nameof(Pushes))]
    [Trait("Clause", "OMB-51")]
    [Trait("Clause", "OMB-58")]
    [Trait("Clause", "OAUTH-17")]
    [Trait("Clause", "OAUTH-62")]
    public async Task A_wrong_signature_is_401_and_changes_nothing(string push)
    {
        var (bob, call) = await PushAsync(push);
        var wrong = call with { Token = call.Token! with { Secret = "guess" } };
        await RefusesAsync(bob, wrong, 401, "signature_invalid");
        await RefusesAsync(bob, call with { AfterSigning = oauth => oauth.Set("oauth_signature", "") }, 400, "parameter_absent");
        await RefusesAsync(bob, call with { AfterSigning = oauth => oauth.Set("oauth_signature", "AAAA") }, 401, "signature_invalid");
        await RefusesAsync(bob, call with { Wire = form => form.Replace("omb_version", "omb_versiom", StringComparison.Ordinal) }, 401, "signature_invalid");
        await RefusesAsync(bob, call with { Wire = form => form + "&more=1" }, 401, "signature_invalid");
    }

    [Theory]
    [MemberData(nameof(Pushes))]
    [Trait("Clause", "OMB-51")]
    [Trait("Clause", "OAUTH-16")]
    public async Task An_unsigned_push_is_400(string push)
    {
        var (bob, call) = await PushAsync(push);
        var bare = await service.Wire.SendFormAsync(call.Path, Field.Form(call.Fields));
        Assert.Equal((400, "parameter_absent"), (bare.Status, bare.Problem));
        foreach (var name in new[] { "oauth_consumer_key", "oauth_token", "oauth_signature_method", "oauth_timestamp", "oauth_nonce", "oauth_signature" })
        {
            var reply = await RefusesAsync(bob, call with { AfterSigning = oauth => oauth.RemoveAll(f => f.Name == name) }, 400, "parameter_absent");
            Assert.Equal(name, reply.Form("oauth_parameters_absent"));
        }
    }

    [Theory]
    [InlineData("oauth_version", "2.0", "version_rejected")]
    [InlineData("oauth_version", "", "version_rejected")]
    [InlineData("oauth_signature_method", "MD5", "signature_method_rejected")]
    [InlineData("oauth_signature_method", "PLAINTEXT", "signature_method_rejected")]
    [InlineData("oauth_timestamp", "", "parameter_rejected")]
    [InlineData("oauth_timestamp", "-1", "parameter_rejected")]
    [InlineData("oauth_timestamp", "0", "parameter_rejected")]
    [InlineData("oauth_timestamp", "now", "parameter_rejected")]
    [InlineData("oauth_timestamp", "1.5e9", "parameter_rejected")]
    [InlineData("oauth_timestamp", "99999999999999999999", "parameter_rejected")]
    [Trait("Clause", "OAUTH-8")]
    [Trait("Clause", "OAUTH-16")]
    [Trait("Clause", "OAUTH-26")]
    public async Task A_malformed_oauth_parameter_is_400(string name, string value, string problem)
    {
        var (bob, call) = await PushAsync("notice");
        await RefusesAsync(bob, call with { BeforeSigning = oauth => oauth.Set(name, value) }, 400, problem);
    }

    [Fact]
    [Trait("Clause", "OAUTH-15")]
    public async Task A_repeated_oauth_parameter_is_400()
    {
        var (bob, call) = await PushAsync("notice");
        await RefusesAsync(bob, call with { BeforeSigning = oauth => oauth.Add(Field.Of("oauth_nonce", "other")) }, 400, "parameter_rejected");
        await RefusesAsync(bob, call with { AfterSigning = oauth => oauth.Add(oauth[^1]) }, 400, "parameter_rejected");
        var spread = call with { Headers = [("Authorization", $"OAuth oauth_token=\"{call.Token!.Token}\"")] };
        await RefusesAsync(bob, spread, 400, "parameter_rejected");
    }

    [Theory]
    [InlineData(-7200)]
    [InlineData(-310)]
    [InlineData(310)]
    [InlineData(7200)]
    [InlineData(400_000_000)]
    [Trait("Clause", "OMB-58")]
    [Trait("Clause", "OAUTH-20")]
    [Trait("Quirk", "Q61")]
    public async Task A_timestamp_far_from_now_is_401(int seconds)
    {
        var (bob, call) = await PushAsync("notice");
        var reply = await RefusesAsync(bob, call.Stamped("n", At(seconds)), 401, "timestamp_refused");
        var range = reply.Form("oauth_acceptable_timestamps").Split('-').Select(t => long.Parse(t, CultureInfo.InvariantCulture)).ToArray();
        Assert.InRange(long.Parse(At(0), CultureInfo.InvariantCulture), range[0], range[1]);
    }

    [Fact]
    [Trait("Clause", "OAUTH-20")]
    [Trait("Quirk", "Q61")]
    public async Task Timestamps_within_five_minutes_are_taken_in_any_order()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        foreach (var seconds in new[] { 290, -290, 0 })
            Assert.Equal(200, (await service.SendAsync(service.Notice(grant, "in time").Stamped("n", At(seconds)))).Status);
        Assert.Equal(3, (await node.HeardAsync(bob)).Count);
    }

    [Fact]
    [Trait("Clause", "OMB-58")]
    [Trait("Clause", "OAUTH-21")]
    [Trait("Clause", "OAUTH-22")]
    [Trait("Quirk", "Q61")]
    public async Task A_nonce_serves_once_for_its_timestamp_token_and_key()
    {
        var (bob, carol) = (await node.JoinAsync(), await node.JoinAsync());
        var (grant, other) = (await service.SubscribeAsync(bob), await service.SubscribeAsync(carol));
        var now = At(0);
        Assert.Equal(200, (await service.SendAsync(service.Notice(grant, "first").Stamped("same", now))).Status);
        await RefusesAsync(null, service.Notice(grant, "replayed").Stamped("same", now), 401, "nonce_used");
        await RefusesAsync(null, service.Update(grant, ("bio", "replayed")).Stamped("same", now), 401, "nonce_used");
        Assert.Equal(200, (await service.SendAsync(service.Notice(grant, "later").Stamped("same", At(-1)))).Status);
        Assert.Equal(200, (await service.SendAsync(service.Notice(other, "other token").Stamped("same", now))).Status);
        Assert.Equal(["later", "first"], (await node.HeardAsync(bob)).Select(n => n.Content));
        Assert.Empty((await node.FollowedAsync(bob)).Single().Other.Bio);
    }

    [Fact]
    [Trait("Clause", "OAUTH-21")]
    [Trait("Clause", "OAUTH-27")]
    public async Task Of_one_request_that_arrives_many_times_at_once_one_is_taken()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        var now = At(0);
        // Different notices, so that only the nonce tells them apart.
        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => service.SendAsync(service.Notice(grant, $"copy {i}").Stamped("same", now))));
        Assert.Single(replies, reply => reply.Status == 200);
        Assert.Equal(15, replies.Count(reply => reply.Status == 401 && reply.Problem == "nonce_used"));
        Assert.Single(await node.HeardAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OAUTH-21")]
    public async Task A_nonce_is_remembered_for_as_long_as_its_timestamp_is_taken()
    {
        await using var later = await ProviderNode.StartAsync();
        using var ahead = new ForeignService(later.Node, clock: later.Clock);
        var bob = await later.JoinAsync();
        var grant = await ahead.SubscribeAsync(bob);
        var call = ahead.Notice(grant, "text").Stamped("early", (long.Parse(ahead.Now, CultureInfo.InvariantCulture) + 280).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(200, (await ahead.SendAsync(call)).Status);

        later.Clock.Offset += TimeSpan.FromSeconds(560);
        await PruneAsync();
        Assert.Equal("nonce_used", (await ahead.SendAsync(call)).Problem);

        later.Clock.Offset += TimeSpan.FromSeconds(60);
        await PruneAsync();
        Assert.Equal("timestamp_refused", (await ahead.SendAsync(call)).Problem);
        Assert.Single(await later.HeardAsync(bob));

        Task PruneAsync() => later.Node.Store.ExecuteAsync(
            (session, ct) => session.Credentials.PruneAsync(later.Clock.GetUtcNow(), 1000, ct), CancellationToken.None).AsTask();
    }

    [Fact]
    [Trait("Clause", "OAUTH-23")]
    [Trait("Clause", "OAUTH-27")]
    public async Task A_request_that_is_refused_does_not_use_up_its_nonce()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        var call = service.Notice(grant, "text").Stamped("kept", At(0));
        await RefusesAsync(bob, call with { Token = grant.Token with { Secret = "guess" } }, 401, "signature_invalid");
        await RefusesAsync(bob, call.Without("omb_notice"), 400, "");
        Assert.Equal(200, (await service.SendAsync(call)).Status);
        await RefusesAsync(null, call, 401, "nonce_used");
    }

    [Fact]
    [Trait("Clause", "OAUTH-21")]
    public async Task A_token_request_cannot_be_replayed_either()
    {
        var bob = await node.JoinAsync();
        var call = service.RequestToken(bob.Uri.Value, service.Callback).Stamped(Guid.NewGuid().ToString("N"), At(0));
        Assert.Equal(200, (await service.SendAsync(call)).Status);
        await RefusesAsync(bob, call, 401, "nonce_used");
    }

    [Theory]
    [MemberData(nameof(Pushes))]
    [Trait("Clause", "OMB-58")]
    [Trait("Clause", "OMB-59")]
    [Trait("Clause", "OAUTH-39")]
    [Trait("Clause", "OAUTH-62")]
    [Trait("Quirk", "Q57")]
    public async Task An_unknown_or_foreign_token_is_401(string push)
    {
        var (bob, call) = await PushAsync(push);
        await RefusesAsync(bob, call with { Token = new TokenPair("unheardof", "secret") }, 401, "token_rejected");
        // A request token is none for pushes, with whatever signature.
        await RefusesAsync(bob, call with { Token = await service.GetRequestTokenAsync(bob, null) }, 401, "token_rejected");
        // Another service that got hold of token and secret.
        using var thief = new ForeignService(node.Node, "https://thief.example/");
        var reply = await thief.SendAsync(call);
        Assert.Equal((401, "token_rejected"), (reply.Status, reply.Problem));
        await UnchangedAsync(bob);
    }

    [Fact]
    [Trait("Clause", "OAUTH-31")]
    [Trait("Clause", "OMB-58")]
    public async Task A_consumer_that_was_turned_away_is_401()
    {
        await using var strict = await ProviderNode.StartAsync(
            o => o.Consumers["https://spam.example/"] = new Omb.OAuth.OAuthConsumer("") { Refusal = Omb.OAuth.OAuthProblem.ConsumerKeyRejected });
        using var spam = new ForeignService(strict.Node, "https://spam.example/");
        var reply = await spam.SendAsync(spam.RequestToken((await strict.JoinAsync()).Uri.Value, spam.Callback));
        Assert.Equal((401, "consumer_key_rejected"), (reply.Status, reply.Problem));
    }

    [Theory]
    [MemberData(nameof(Pushes))]
    [Trait("Clause", "OMB-59")]
    [Trait("Clause", "OMB-74")]
    public async Task The_token_of_another_listenee_or_listener_is_400(string push)
    {
        var (bob, call) = await PushAsync(push);
        var (carol, other) = await PushAsync(push, new Listenee(service.Root + "user/2", service.Root + "eve", "eve"));
        // Alice's token in Eve's name, and at Carol's address.
        var wrongName = await RefusesAsync(bob, call.With("omb_listenee", service.Root + "user/2"), 400, "");
        Assert.Contains("omb_listenee", wrongName.Body, StringComparison.Ordinal);
        await RefusesAsync(carol, call with { Path = other.Path }, 400, "");
        await RefusesAsync(bob, call with { Path = other.Path, Fields = other.Fields }, 400, "");
        await UnchangedAsync(bob);
        await UnchangedAsync(carol);
    }

    [Theory]
    [MemberData(nameof(Pushes))]
    [Trait("Clause", "OMB-59")]
    public async Task An_address_of_nobody_is_400_for_a_good_token(string push)
    {
        var (bob, call) = await PushAsync(push);
        foreach (var nobody in new[] { "1", "0", "-1", "bob", "%00", "99999999999999999999" })
            await RefusesAsync(bob, call with { Path = $"omb/{nobody}/{push}" }, 400, "");
    }

    [Theory]
    [MemberData(nameof(Pushes))]
    [Trait("Clause", "OMB-57")]
    [Trait("Clause", "OMB-58")]
    [Trait("Clause", "OMB-75")]
    [Trait("Quirk", "Q73")]
    [Trait("Quirk", "Q82")]
    [Trait("Quirk", "Q83")]
    public async Task After_unsubscribing_the_token_is_403_and_nobody_else_is_silenced(string push)
    {
        var (bob, carol) = (await node.JoinAsync(), await node.JoinAsync());
        var (grant, others) = (await service.SubscribeAsync(bob), await service.SubscribeAsync(carol));
        await node.UnsubscribeAsync(bob);
        await RefusesAsync(null, Push(push, grant), 403, "token_revoked");
        await RefusesAsync(null, Push(push, grant), 403, "token_revoked");
        // Only its owner learns that.
        await RefusesAsync(null, Push(push, grant) with { Token = grant.Token with { Secret = "guess" } }, 401, "signature_invalid");
        Assert.Equal(200, (await service.SendAsync(Push(push, others))).Status);
        Assert.Empty(await node.HeardAsync(bob));

        var renewed = await service.SubscribeAsync(bob);
        Assert.Equal(200, (await service.SendAsync(Push(push, renewed))).Status);
        await RefusesAsync(null, Push(push, grant), 403, "token_revoked");
    }

    [Fact]
    [Trait("Clause", "OMB-58")]
    public async Task Subscribing_again_replaces_the_token()
    {
        var bob = await node.JoinAsync();
        var lost = await service.SubscribeAsync(bob);
        var renewed = await service.SubscribeAsync(bob);
        Assert.Equal(200, (await service.PostAsync(renewed, "renewed")).Status);
        await RefusesAsync(null, service.Notice(lost, "lost"), 403, "token_revoked");
        Assert.Single(await node.FollowedAsync(bob));
        Assert.Equal(["renewed"], (await node.HeardAsync(bob)).Select(n => n.Content));
    }

    [Fact]
    [Trait("Clause", "OMB-57")]
    [Trait("Quirk", "Q82")]
    public async Task Blocking_the_author_ends_the_subscription()
    {
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        await node.Node.Node.BlockAsync(bob.Id, ProfileUri.Parse(grant.Listenee.Uri));
        await RefusesAsync(bob, service.Notice(grant, "text"), 403, "token_revoked");
    }

    [Theory]
    [MemberData(nameof(Pushes))]
    [Trait("Clause", "OMB-57")]
    public async Task A_listener_who_has_left_is_403(string push)
    {
        var (bob, carol) = (await node.JoinAsync(), await node.JoinAsync());
        var (grant, others) = (await service.SubscribeAsync(bob), await service.SubscribeAsync(carol));
        Assert.True(await node.Node.Node.LeaveAsync(bob.Id));
        await RefusesAsync(null, Push(push, grant), 403, "token_revoked");
        Assert.Equal(200, (await service.SendAsync(Push(push, others))).Status);
    }

    private static string At(int seconds) =>
        (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + seconds).ToString(CultureInfo.InvariantCulture);

    private async Task<(Profile Listener, Call Call)> PushAsync(string push, Listenee? listenee = null)
    {
        var bob = await node.JoinAsync();
        return (bob, Push(push, await service.SubscribeAsync(bob, listenee)));
    }

    private Call Push(string push, ForeignGrant grant) => push == "notice" ? service.Notice(grant, "text") : service.Update(grant, ("bio", "changed"));

    private async Task<Reply> RefusesAsync(Profile? listener, Call call, int status, string problem)
    {
        var reply = await service.SendAsync(call);
        Assert.Equal((status, problem), (reply.Status, reply.Problem));
        if (status == 401)
            Assert.StartsWith($"OAuth realm=\"{node.Node.BaseUri}\", oauth_problem=\"{problem}\"", reply.Header("WWW-Authenticate"), StringComparison.Ordinal);
        if (listener is not null)
            await UnchangedAsync(listener);
        return reply;
    }

    private async Task UnchangedAsync(Profile listener)
    {
        Assert.Empty(await node.HeardAsync(listener));
        Assert.All(await node.FollowedAsync(listener), followed => Assert.Empty(followed.Other.Bio));
    }
}
