using Microblog.Applications;
using Microblog.Http;
using Microblog.Moderation;
using Microblog.Omb.OAuth;
using Microblog.Storage.InMemory;
using Microblog.Testing;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Tests.Access;

/// <summary>Who calls by OAuth.</summary>
public sealed class SignedCallTests : IDisposable
{
    private readonly FakeTimeProvider clock = new();
    private readonly AccessNode one;
    private readonly AccessNode other;

    public SignedCallTests()
    {
        var store = new InMemoryStore(clock);
        (one, other) = (new AccessNode(clock, store), new AccessNode(clock, store));
    }

    public void Dispose()
    {
        one.Dispose();
        other.Dispose();
    }

    [Theory]
    [InlineData("GET", OAuthPlacement.Header, SignatureMethod.HmacSha1)]
    [InlineData("GET", OAuthPlacement.Query, SignatureMethod.HmacSha1)]
    [InlineData("POST", OAuthPlacement.Header, SignatureMethod.HmacSha1)]
    [InlineData("POST", OAuthPlacement.Body, SignatureMethod.HmacSha1)]
    [InlineData("POST", OAuthPlacement.Query, SignatureMethod.HmacSha256)]
    [InlineData("GET", OAuthPlacement.Header, SignatureMethod.Plaintext)]
    public async Task Whoever_signs_in_header_form_or_query_is_the_person_who_let_the_application_in(string method, OAuthPlacement placement, SignatureMethod with)
    {
        var alice = await one.JoinAsync("alice");
        var credentials = await one.LetInAsync(alice);

        // A GET has no form.
        var call = placement == OAuthPlacement.Header && method == "GET"
            ? SignedGet(credentials, with)
            : credentials.Sign(clock, method, placement, with: with);
        var (caller, refusal) = await one.FindAsync(call, isWrite: true);

        Assert.Null(refusal);
        Assert.Equal(alice, caller!.Person);
        Assert.True(caller.MayWrite);
        Assert.Equal(("Reader", "https://reader.example/"), (caller.ApplicationName, caller.ApplicationUrl));
    }

    [Fact]
    public async Task The_key_of_a_caller_is_one_for_a_person_with_an_application()
    {
        var (alice, bob) = (await one.JoinAsync("alice"), await one.JoinAsync("bob"));
        var first = await one.LetInAsync(alice);
        var again = await one.LetInAsync(alice, first.Application, mayWrite: true);
        var ofBob = await one.LetInAsync(bob, first.Application, mayWrite: true);
        var another = await one.LetInAsync(alice);
        Assert.Equal(first.Token.Token, again.Token.Token);

        async Task<string> KeyAsync(Credentials credentials) => (await one.FindAsync(credentials.Sign(clock))).Caller!.Key;

        Assert.Equal(await KeyAsync(first), await KeyAsync(again));
        Assert.NotEqual(await KeyAsync(first), await KeyAsync(ofBob));
        Assert.NotEqual(await KeyAsync(first), await KeyAsync(another));
    }

    [Fact]
    public async Task Nobody_calls_without_credentials_or_with_half_of_them()
    {
        Assert.Equal((null, null), await one.FindAsync(Requests.Of("GET", "/micro/api/test.json?count=5")));
        Assert.Equal((null, null), await one.FindAsync(Requests.Of("GET", "/micro/api/test.json?oauth_consumer_key=x")));
        Assert.Equal((null, null), await one.FindAsync(Requests.Of("POST", "/micro/api/test.json", form: "oauth_token=x")));
        AssertRefused((await one.FindAsync(Requests.Of("GET", "/micro/api/test.json", "OAuth oauth_consumer_key=\"x\""))).Refusal, 32, "OAuth realm=");
        AssertRefused((await one.FindAsync(Requests.Of("GET", "/micro/api/test.json", "Bearer x"))).Refusal, 32, "OAuth realm=");
    }

    [Fact]
    public async Task A_wrong_secret_an_old_timestamp_and_a_request_that_was_changed_are_refused()
    {
        var credentials = await one.LetInAsync(await one.JoinAsync("alice"));

        var forged = credentials.Sign(clock, secret: "wrong");
        AssertRefused(await RefusalAsync(forged), 32, "oauth_problem=\"signature_invalid\"");
        var old = credentials.Sign(clock, stamp: RequestStamp.Fresh(clock.GetUtcNow() - TimeSpan.FromMinutes(6)));
        AssertRefused(await RefusalAsync(old), 32, "oauth_problem=\"timestamp_refused\"");
        var signed = credentials.Sign(clock);
        var changed = Requests.Of("GET", signed.RawTarget.Replace("count=5", "count=6", StringComparison.Ordinal), signed.Header("Authorization"), "status=%C4%8Daj%20%2B%201");
        AssertRefused(await RefusalAsync(changed), 32, "oauth_problem=\"signature_invalid\"");
        var plain = Requests.Of(
            "GET",
            signed.RawTarget,
            $"OAuth oauth_consumer_key=\"{credentials.Application.Application.Key}\", oauth_token=\"{credentials.Token.Token}\", oauth_signature_method=\"PLAINTEXT\", "
                + $"oauth_signature=\"{credentials.Application.Secret}%26{credentials.Token.Secret}\"",
            isSecure: false);
        AssertRefused(await RefusalAsync(plain), 32, "oauth_problem=\"signature_method_rejected\"");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_nonce_is_accepted_once(bool isWrite)
    {
        var credentials = await one.LetInAsync(await one.JoinAsync("alice"));
        var stamp = RequestStamp.Fresh(clock.GetUtcNow());

        // A wrong signature must not use it up.
        await one.FindAsync(credentials.Sign(clock, stamp: stamp, secret: "wrong"), isWrite);
        Assert.NotNull((await one.FindAsync(credentials.Sign(clock, stamp: stamp), isWrite)).Caller);
        AssertRefused((await one.FindAsync(credentials.Sign(clock, stamp: stamp), isWrite)).Refusal, 32, "oauth_problem=\"nonce_used\"");
        clock.Advance(TimeSpan.FromMinutes(4));
        AssertRefused((await one.FindAsync(credentials.Sign(clock, stamp: stamp), isWrite)).Refusal, 32, "oauth_problem=\"nonce_used\"");
    }

    [Fact]
    public async Task The_nonce_of_a_write_is_accepted_once_by_all_processes()
    {
        var credentials = await one.LetInAsync(await one.JoinAsync("alice"));
        var stamp = RequestStamp.Fresh(clock.GetUtcNow());

        Assert.NotNull((await one.FindAsync(credentials.Sign(clock, stamp: stamp), isWrite: true)).Caller);
        AssertRefused((await other.FindAsync(credentials.Sign(clock, stamp: stamp), isWrite: true)).Refusal, 32, "oauth_problem=\"nonce_used\"");
    }

    [Fact]
    public async Task A_nonce_from_the_edge_of_the_window_is_remembered_as_long_as_its_timestamp_is_accepted()
    {
        var credentials = await one.LetInAsync(await one.JoinAsync("alice"));
        // It begins to remember with the first request, so that it forgets in the middle of what follows.
        Assert.NotNull((await one.FindAsync(credentials.Sign(clock))).Caller);
        clock.Advance(TimeSpan.FromMinutes(10));
        var stamp = RequestStamp.Fresh(clock.GetUtcNow() + TimeSpan.FromMinutes(5));

        Assert.NotNull((await one.FindAsync(credentials.Sign(clock, stamp: stamp))).Caller);
        for (var minute = 0; minute < 10; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            Assert.NotNull((await one.FindAsync(credentials.Sign(clock))).Caller);
            AssertRefused(await RefusalAsync(credentials.Sign(clock, stamp: stamp)), 32, "oauth_problem=\"nonce_used\"");
        }
    }

    [Fact]
    [Trait("Clause", "OAUTH-41")]
    public async Task What_is_taken_back_ends_at_once_in_every_process()
    {
        var (alice, bob) = (await one.JoinAsync("alice"), await one.JoinAsync("bob"));
        var revoked = await one.LetInAsync(alice);
        var deleted = await one.LetInAsync(alice, owner: bob);
        Assert.NotNull((await other.FindAsync(revoked.Sign(clock))).Caller);
        Assert.NotNull((await other.FindAsync(deleted.Sign(clock))).Caller);

        await one.Access.RevokeAsync(alice.Id, revoked.Application.Application.Key);
        await one.Applications.DeleteAsync(bob.Id, deleted.Application.Application.Key);

        AssertRefused((await other.FindAsync(revoked.Sign(clock))).Refusal, 89, "oauth_problem=\"token_rejected\"");
        AssertRefused((await other.FindAsync(deleted.Sign(clock))).Refusal, 89, "oauth_problem=\"token_rejected\"");
    }

    [Fact]
    public async Task An_application_that_turns_read_only_stops_writing_at_once()
    {
        var alice = await one.JoinAsync("alice");
        var credentials = await one.LetInAsync(alice);
        Assert.True((await other.FindAsync(credentials.Sign(clock), isWrite: true)).Caller!.MayWrite);

        await one.Applications.ChangeAsync(alice.Id, credentials.Application.Application.Key, new ApplicationDetails { Name = "Reader" });

        Assert.False((await other.FindAsync(credentials.Sign(clock), isWrite: true)).Caller!.MayWrite);
    }

    [Fact]
    public async Task Who_is_suspended_is_refused_and_who_has_left_is_unknown()
    {
        var (alice, bob) = (await one.JoinAsync("alice"), await one.JoinAsync("bob"));
        var ofAlice = await one.LetInAsync(alice, owner: bob);
        await one.Moderation.JudgeAsync("mod", alice.Uri, Standing.Suspended, "spam");

        var (caller, refusal) = await one.FindAsync(ofAlice.Sign(clock));
        Assert.Null(caller);
        Assert.Equal((403, 64), (refusal!.Status, refusal.Code));
        // Whether they are suspended is told to the application's own signature only.
        AssertRefused(await RefusalAsync(ofAlice.Sign(clock, secret: "wrong")), 32, "oauth_problem=\"signature_invalid\"");

        await one.Node.LeaveAsync(alice.Id);
        AssertRefused(await RefusalAsync(ofAlice.Sign(clock)), 89, "oauth_problem=\"token_rejected\"");
    }

    private NodeRequest SignedGet(Credentials credentials, SignatureMethod with)
    {
        var signer = new OAuthSigner(credentials.Application.Application.Key, credentials.Application.Secret) { Method = with };
        var call = signer.Sign(
            "GET", new Uri(Credentials.Address + "?count=5"), [], credentials.Token, RequestStamp.Fresh(clock.GetUtcNow()), OAuthPlacement.Header);
        return Requests.Of("GET", call.Url.PathAndQuery, call.Authorization);
    }

    private async Task<ApiRefusal?> RefusalAsync(NodeRequest request) => (await one.FindAsync(request)).Refusal;

    private static void AssertRefused(ApiRefusal? refusal, int code, string challenge)
    {
        Assert.NotNull(refusal);
        Assert.Equal((401, code), (refusal.Status, refusal.Code));
        Assert.Contains(refusal.Headers, header => header.Key == "WWW-Authenticate" && header.Value.Contains(challenge, StringComparison.Ordinal));
    }
}
