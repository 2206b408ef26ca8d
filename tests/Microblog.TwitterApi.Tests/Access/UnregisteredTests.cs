using System.Net;
using System.Text.RegularExpressions;
using Microblog.Applications;
using Microblog.Omb.OAuth;
using Microblog.Storage.InMemory;
using Microblog.Testing;
using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json.Linq;

namespace Microblog.TwitterApi.Tests.Access;

/// <summary>Programs that nobody registered, which sign with a key and a secret that everybody knows (§3.3).</summary>
public sealed partial class UnregisteredTests
{
    private static readonly RegisteredApplication Anonymous = new(Application.Unregistered, "anonymous");

    [Fact]
    public async Task They_are_unknown_unless_the_host_says_otherwise()
    {
        await using var node = await ApiNode.StartAsync();
        var (status, body, _) = await new Dancer(node, Anonymous).SendAsync("api/oauth/request_token", null, null, null, ("oauth_callback", "oob"));
        Assert.Equal((HttpStatusCode.Unauthorized, "oauth_problem: consumer_key_unknown"), (status, body));
    }

    [Fact]
    public async Task A_person_who_is_told_that_nobody_knows_them_lets_them_in_by_a_number_and_takes_it_back()
    {
        await using var node = await ApiNode.StartAsync(api => api.AcceptUnregisteredApplications = true);
        var alice = await node.JoinAsync("alice");
        var program = new Dancer(node, Anonymous);
        var token = await program.RequestTokenAsync("oob");
        using var asked = await program.AskAsync(token, "alice");
        var page = await asked.Content.ReadAsStringAsync();
        Assert.Contains("Nobody registered it, and this site cannot tell which one it is", page, StringComparison.Ordinal);
        Assert.Contains("It will read and write", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Registered here by", page, StringComparison.Ordinal);
        using var decided = await Dancer.PressAsync(node, page, "alice", "allow");
        var shown = await decided.Content.ReadAsStringAsync();
        Assert.Contains("the program", shown, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: verifier_invalid"), await program.ExchangeAsync(token, "00000000x"));
        var access = Parse(await program.ExchangeAsync(token, Pin().Match(shown).Groups[1].Value));

        foreach (var (source, expected) in new[] { ("My script", "My script"), ("web", "api"), ("<b>", "&lt;b&gt;") })
        {
            var (status, body, _) = await program.SendAsync("api/statuses/update.json", access, null, null, ("status", "by " + source), ("source", source));
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal(expected, (string?)JObject.Parse(body)["source"]);
        }

        Assert.Contains("Unknown programs, which nobody registered", await SettingsAsync(), StringComparison.Ordinal);
        Assert.True(await node.Services.GetRequiredService<AccessDesk>().RevokeAsync(alice.Id, "anonymous"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.SendAsync("api/account/verify_credentials.json", access, method: HttpMethod.Get)).Status);
        Assert.DoesNotContain("Unknown programs", await SettingsAsync(), StringComparison.Ordinal);

        async Task<string> SettingsAsync()
        {
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Root, "settings/applications"));
            request.Headers.Add(ApiNode.UserHeader, "alice");
            return await (await node.Client.SendAsync(request)).Content.ReadAsStringAsync();
        }
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("http://127.0.0.1:8080/")]
    [InlineData("myapp://done")]
    [InlineData("com.example.app:/done")]
    [InlineData("")]
    [InlineData("OOB")]
    [InlineData(null)]
    public async Task No_callback_leads_to_them(string? callback)
    {
        await using var node = await ApiNode.StartAsync(api => api.AcceptUnregisteredApplications = true);
        var (status, body, response) = await new Dancer(node, Anonymous).SendAsync(
            "api/oauth/request_token", null, null, null, callback is null ? [] : [("oauth_callback", callback)]);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("oauth_token", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_they_hold_opens_nothing_by_another_key_or_secret_and_nobody_refusing_lets_them_in()
    {
        await using var node = await ApiNode.StartAsync(api => api.AcceptUnregisteredApplications = true);
        var alice = await node.JoinAsync("alice");
        var program = new Dancer(node, Anonymous);
        var (status, body, _) = await program.SendAsync("api/oauth/request_token", null, "wrong", null, ("oauth_callback", "oob"));
        Assert.Equal((HttpStatusCode.Unauthorized, "oauth_problem: signature_invalid"), (status, body));
        var refused = await program.RequestTokenAsync("oob");
        using var decided = await program.DecideAsync(refused, "alice", "refuse");
        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: user_refused"), await program.ExchangeAsync(refused, "x"));

        var registered = await Dancer.RegisterAsync(node, alice);
        var others = await registered.DanceAsync("alice");
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.SendAsync("api/account/verify_credentials.json", others, method: HttpMethod.Get)).Status);
        var guessed = new TokenCredentials(others.Token, "");
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.SendAsync("api/account/verify_credentials.json", guessed, method: HttpMethod.Get)).Status);
    }

    [Fact]
    public async Task Whoever_was_let_in_is_out_once_the_host_takes_the_option_back()
    {
        using var hosts = await TwoHosts.StartAsync();
        var (clock, open, closed) = (hosts.Clock, hosts.Open, hosts.Closed);
        var alice = await open.JoinAsync("alice");
        var credentials = await open.LetInAsync(alice, Anonymous, mayWrite: true);

        var (caller, _) = await open.FindAsync(credentials.Sign(clock));
        Assert.Equal((alice.Id, true, ""), (caller!.Person.Id, caller.MayWrite, caller.ApplicationName));
        var (nobody, refusal) = await closed.FindAsync(credentials.Sign(clock));
        Assert.Null(nobody);
        Assert.Equal((401, 89), (refusal!.Status, refusal.Code));
    }

    [Fact]
    public async Task What_the_host_may_let_in_again_is_listed_and_revoked_meanwhile()
    {
        using var hosts = await TwoHosts.StartAsync();
        var (clock, open, closed) = (hosts.Clock, hosts.Open, hosts.Closed);
        var alice = await open.JoinAsync("alice");
        var credentials = await open.LetInAsync(alice, Anonymous, mayWrite: true);

        Assert.True(Assert.Single(await closed.Access.ListAsync(alice.Id)).Application.IsUnregistered);
        Assert.True(await closed.Access.RevokeAsync(alice.Id, "anonymous"));
        Assert.Empty(await closed.Access.ListAsync(alice.Id));
        Assert.Null((await open.FindAsync(credentials.Sign(clock))).Caller);
    }

    private static TokenCredentials Parse((HttpStatusCode Status, string Body) answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.True(TokenResponse.TryParse(200, System.Text.Encoding.ASCII.GetBytes(answer.Body), out var access));
        return access.Credentials;
    }

    [GeneratedRegex("<code id=\"oauth_pin\">([0-9]{8})</code>")]
    private static partial Regex Pin();

    // The same host with the option and without.
    private sealed record TwoHosts(FakeTimeProvider Clock, AccessNode Open, AccessNode Closed) : IDisposable
    {
        public static async Task<TwoHosts> StartAsync()
        {
            var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
            var store = new InMemoryStore(clock);
            await store.StartAsync(default);
            return new TwoHosts(clock, new AccessNode(clock, store, api => api.AcceptUnregisteredApplications = true), new AccessNode(clock, store));
        }

        public void Dispose()
        {
            Open.Dispose();
            Closed.Dispose();
        }
    }
}
