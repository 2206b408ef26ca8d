using System.Collections.Concurrent;
using System.Text;
using Microblog.Identity;
using Microblog.Omb;
using Microblog.Omb.OAuth;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microblog.Federation.Tests.Consumer;

public sealed class SecretTests
{
    [Fact]
    [Trait("Clause", "OAUTH-46")]
    public async Task Token_secrets_of_both_roles_are_stored_as_the_protector_left_them()
    {
        var (here, there) = (new Reversing(), new Reversing());
        await using var listeners = await TestNode.StartAsync(b => b.Services.Replace(ServiceDescriptor.Singleton<ISecretProtector>(here)));
        await using var listenees = await TestNode.StartAsync(b => b.Services.Replace(ServiceDescriptor.Singleton<ISecretProtector>(there)));
        var alice = await listenees.JoinAsync("alice");
        var bob = await listeners.JoinAsync("bob");
        using var browser = new Browser("bob");
        await browser.OpenAsync(new Uri(listenees.BaseUri, "alice/subscribe"));
        await browser.SubmitAsync(("profile", bob.Url));
        await browser.SubmitAsync(("decision", "allow"));

        // Request token and access token: what the one made, the other received. (Each node has keys of its own besides, and the
        // provider keeps the verifier with the request token, on a line of its own.)
        Assert.Equal(2, here.Made.SelectMany(made => made.Split('\n')).Intersect(there.Made).Count());
        var stored = Assert.Single(await listenees.SubscribersAsync(alice)).Subscription;
        Assert.Contains(Text(stored.ProtectedSecret), there.Made);
        var granted = await listeners.Node.ReadAsync((session, ct) => session.Credentials.FindAsync("omb.access", stored.Token, ct));
        Assert.NotNull(granted);
        Assert.Contains(Text(granted.ProtectedSecret), here.Made);
        Assert.DoesNotContain(new string([.. Text(stored.ProtectedSecret).Reverse()]), granted.Data, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3cret + & ü", true)]
    [InlineData("guess", false)]
    [InlineData("", false)]
    [Trait("Clause", "OMB-113")]
    [Trait("Clause", "OAUTH-31")]
    public async Task A_secret_that_two_services_agreed_on_signs_dance_and_notices_and_no_other_does(string secret, bool isAgreed)
    {
        var address = new Uri($"http://127.0.0.1:{TestNode.FreePort()}/");
        await using var listeners = await TestNode.StartAsync(
            b => b.Services.Configure<OmbOptions>(o => o.Consumers[address.AbsoluteUri] = new OAuthConsumer("s3cret + & ü")));
        await using var listenees = await TestNode.StartAsync(b => b.Services.Configure<OmbOptions>(o => o.OwnSecret = secret), address: address);
        var alice = await listenees.JoinAsync("alice");
        var bob = await listeners.JoinAsync("bob");
        using var browser = new Browser("bob");
        await browser.OpenAsync(new Uri(listenees.BaseUri, "alice/subscribe"));
        await browser.SubmitAsync(("profile", bob.Url));
        if (!isAgreed)
        {
            Assert.Contains("signature_invalid", browser.Html, StringComparison.Ordinal);
            Assert.Empty(await listenees.SubscribersAsync(alice));
            return;
        }

        await browser.SubmitAsync(("decision", "allow"));
        await listenees.SayAsync(alice, "between us");
        Assert.Equal(["between us"], await Eventually.Async(() => listeners.HomeAsync(bob), home => home.Count > 0));
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.ASCII.GetString(bytes.Span);

    private sealed class Reversing : ISecretProtector
    {
        public ConcurrentBag<string> Made { get; } = [];

        public byte[] Protect(ReadOnlySpan<byte> secret)
        {
            byte[] reversed = [.. secret.ToArray().Reverse()];
            Made.Add(Encoding.ASCII.GetString(reversed));
            return reversed;
        }

        public byte[]? Unprotect(ReadOnlySpan<byte> protectedSecret) => [.. protectedSecret.ToArray().Reverse()];
    }
}
