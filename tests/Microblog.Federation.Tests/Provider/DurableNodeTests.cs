using Microblog.AspNetCore;
using Microblog.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Federation.Tests.Provider;

/// <summary>What must hold on a real file too: races, and what a restart must not forget.</summary>
public sealed class DurableNodeTests : IAsyncLifetime, IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-");
    private TestNode node = null!;
    private ForeignService service = null!;
    private Profile bob = null!;

    public async Task InitializeAsync()
    {
        await StartAsync(null);
        bob = await node.JoinAsync("bob");
    }

    public async Task DisposeAsync()
    {
        await node.DisposeAsync();
        directory.Delete(recursive: true);
    }

    public void Dispose() => service.Dispose();

    [Fact]
    [Trait("Clause", "OAUTH-21")]
    [Trait("Clause", "OMB-55")]
    [Trait("Clause", "OMB-58")]
    public async Task A_restart_forgets_no_nonce_no_notice_and_no_revocation()
    {
        var carol = await node.JoinAsync("carol");
        var (grant, revoked) = (await service.SubscribeAsync(bob), await service.SubscribeAsync(carol));
        var followed = await node.Node.ReadAsync((session, ct) => session.Subscriptions.ListPublishersAsync(carol.Id, null, 10, ct));
        await node.Node.UnsubscribeAsync(carol.Id, followed.Single().Subscription.Id);
        var uri = service.NewNotice();
        var call = service.Notice(grant, "before", uri).Stamped("kept", service.Now);
        Assert.Equal(200, (await service.SendAsync(call)).Status);
        var pending = await service.GetRequestTokenAsync(carol, "oob");

        await RestartAsync();
        var replay = await service.SendAsync(call);
        Assert.Equal((401, "nonce_used"), (replay.Status, replay.Problem));
        Assert.Equal(200, (await service.PostAsync(grant, "again", uri)).Status);
        Assert.Equal(200, (await service.PostAsync(grant, "after")).Status);
        Assert.Equal(["after", "before"], await node.HomeAsync(bob));
        var late = await service.SendAsync(service.Notice(revoked, "late"));
        Assert.Equal((403, "token_revoked"), (late.Status, late.Problem));
        Assert.Equal(200, (await service.VisitAsync("carol", ForeignService.Authorization(pending.Token, carol, service.Alice))).Status);
    }

    [Fact]
    [Trait("Clause", "OAUTH-21")]
    [Trait("Clause", "OAUTH-27")]
    public async Task Of_one_request_that_arrives_many_times_at_once_one_is_taken()
    {
        var grant = await service.SubscribeAsync(bob);
        var now = service.Now;
        var replies = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => service.SendAsync(service.Notice(grant, $"copy {i}").Stamped("same", now))));
        Assert.Single(replies, reply => reply.Status == 200);
        Assert.Equal(23, replies.Count(reply => reply.Status == 401 && reply.Problem == "nonce_used"));
        Assert.Single(await node.HomeAsync(bob));
    }

    [Fact]
    [Trait("Clause", "OMB-55")]
    [Trait("Clause", "OMB-56")]
    public async Task One_notice_that_arrives_many_times_at_once_is_stored_once()
    {
        var carol = await node.JoinAsync("carol");
        var (grant, other) = (await service.SubscribeAsync(bob), await service.SubscribeAsync(carol));
        var uri = service.NewNotice();
        var replies = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => service.PostAsync(i % 2 == 0 ? grant : other, i % 2 == 0 ? "one" : "two", uri)));
        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        Assert.Equal(["one"], await node.HomeAsync(bob));
        Assert.Equal(["two"], await node.HomeAsync(carol));
    }

    [Fact]
    [Trait("Clause", "OAUTH-21")]
    [Trait("Clause", "OMB-55")]
    [Trait("Clause", "OMB-58")]
    public async Task Pushes_that_arrive_together_are_each_answered_for_themselves()
    {
        var carol = await node.JoinAsync("carol");
        var (grant, revoked) = (await service.SubscribeAsync(bob), await service.SubscribeAsync(carol));
        var followed = await node.Node.ReadAsync((session, ct) => session.Subscriptions.ListPublishersAsync(carol.Id, null, 10, ct));
        await node.Node.UnsubscribeAsync(carol.Id, followed.Single().Subscription.Id);
        var (uri, now) = (service.NewNotice(), service.Now);
        var used = service.Notice(grant, "used").Stamped("kept", now);
        Assert.Equal(200, (await service.SendAsync(used)).Status);

        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 4) switch
        {
            0 => service.PostAsync(revoked, $"revoked {i}"),
            1 => service.SendAsync(used),
            2 => service.PostAsync(grant, "same", uri),
            _ => service.PostAsync(grant, $"@bob@elsewhere.example {i}"),
        }));

        Assert.Equal(
            Enumerable.Range(0, 40).Select(i => (i % 4) switch { 0 => (403, "token_revoked"), 1 => (401, "nonce_used"), _ => (200, "") }),
            replies.Select(reply => (reply.Status, reply.Status == 200 ? "" : reply.Problem)));
        Assert.Equal(
            Enumerable.Range(0, 40).Where(i => i % 4 == 3).Select(i => $"@bob@elsewhere.example {i}").Append("same").Append("used").Order(),
            (await node.HomeAsync(bob)).Order());
        Assert.Empty(await node.HomeAsync(carol));
    }

    [Fact]
    [Trait("Clause", "OMB-53")]
    public async Task What_was_acknowledged_while_the_host_stopped_is_there_afterwards()
    {
        var grant = await service.SubscribeAsync(bob);
        var pushes = Enumerable.Range(0, 60).Select(async i =>
        {
            try
            {
                return (await service.PostAsync(grant, $"{i}")).Status == 200 ? $"{i}" : null;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                return null;
            }
        }).ToList();
        await Task.WhenAny(pushes);
        await RestartAsync();

        var acknowledged = (await Task.WhenAll(pushes)).OfType<string>().ToList();
        Assert.NotEmpty(acknowledged);
        Assert.Empty(acknowledged.Except(await node.HomeAsync(bob)));
    }

    [Fact]
    [Trait("Clause", "OAUTH-38")]
    public async Task Of_many_exchanges_at_once_one_succeeds()
    {
        var token = await service.GetRequestTokenAsync(bob, service.Callback);
        var page = await service.VisitAsync("bob", ForeignService.Authorization(token.Token, bob, service.Alice));
        var verifier = (await service.DecideAsync("bob", page)).Returned("oauth_verifier");
        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => service.SendAsync(service.AccessToken(token, verifier))));
        var access = Assert.Single(replies, reply => reply.Status == 200);
        Assert.Equal(15, replies.Count(reply => reply.Status == 401 && reply.Problem == "token_used"));
        var grant = new ForeignGrant(new TokenPair(access.Form("oauth_token"), access.Form("oauth_token_secret")), bob, service.Alice);
        Assert.Equal(200, (await service.PostAsync(grant, "the one")).Status);
    }

    private async Task RestartAsync()
    {
        var address = node.BaseUri;
        service.Dispose();
        await node.DisposeAsync();
        await StartAsync(address);
    }

    private async Task StartAsync(Uri? address)
    {
        node = await TestNode.StartAsync(
            microblog =>
            {
                microblog.UseSqlite($"Data Source={Path.Combine(directory.FullName, "notes.db")}");
                microblog.Services.AddDataProtection().PersistKeysToFileSystem(directory);
                microblog.Services.Configure<MicroblogWebOptions>(web => web.RateLimits.Open = null);
            },
            address: address);
        service = new ForeignService(node);
    }
}
