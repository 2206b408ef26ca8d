using System.Net;
using System.Text.RegularExpressions;
using Microblog.Applications;
using Microblog.Moderation;
using Microblog.Omb.OAuth;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.TwitterApi.Tests.Access;

/// <summary>How an application is let in: request token, decision, access token, by one step after the other and each of them wrong.</summary>
public sealed partial class DanceTests : IAsyncLifetime
{
    private ApiNode node = null!;
    private Profile alice = null!;
    private Dancer reader = null!;

    public async Task InitializeAsync()
    {
        node = await ApiNode.StartAsync(path: "/forum/micro/");
        alice = await node.JoinAsync("alice");
        reader = await Dancer.RegisterAsync(node, await node.JoinAsync("owner"));
    }

    public async Task DisposeAsync() => await node.DisposeAsync();

    [Fact]
    public async Task Whoever_lets_an_application_in_again_gives_it_the_same_token_until_they_revoke_it()
    {
        var first = await reader.DanceAsync("alice");
        var second = await reader.DanceAsync("alice");
        Assert.Equal((first.Token, first.Secret), (second.Token, second.Secret));
        Assert.NotEqual(first.Token, (await reader.DanceAsync("owner")).Token);

        Assert.Equal(HttpStatusCode.OK, (await reader.SendAsync("api/account/verify_credentials.json", first, method: HttpMethod.Get)).Status);
        await node.Services.GetRequiredService<AccessDesk>().RevokeAsync(alice.Id, reader.Key);
        var (status, body, response) = await reader.SendAsync("api/account/verify_credentials.json", first, method: HttpMethod.Get);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("\"code\":89", body, StringComparison.Ordinal);
        Assert.StartsWith("OAuth realm=", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.NotEqual(first.Token, (await reader.DanceAsync("alice")).Token);
    }

    [Fact]
    public async Task A_request_token_is_spent_by_the_exchange()
    {
        var token = await reader.RequestTokenAsync();
        using var decided = await reader.DecideAsync(token, "alice", "allow");
        var verifier = Dancer.VerifierOf(decided);
        Assert.StartsWith(Dancer.Callback + "&oauth_token=" + token.Token, decided.Headers.Location!.OriginalString, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await reader.ExchangeAsync(token, verifier)).Status);
        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: token_used"), await reader.ExchangeAsync(token, verifier));
        using var again = await reader.AskAsync(token, "alice");
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
    }

    [Fact]
    public async Task Without_an_address_to_go_to_the_person_gets_a_number_to_type()
    {
        var token = await reader.RequestTokenAsync("oob");
        using var decided = await reader.DecideAsync(token, "alice", "allow");

        Assert.Equal(HttpStatusCode.OK, decided.StatusCode);
        Assert.Contains("no-store", decided.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        var pin = Pin().Match(await decided.Content.ReadAsStringAsync()).Groups[1].Value;
        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: verifier_invalid"), await reader.ExchangeAsync(token, "no" + pin));
        Assert.Equal(HttpStatusCode.OK, (await reader.ExchangeAsync(token, pin)).Status);
    }

    [Fact]
    public async Task Three_wrong_numbers_destroy_the_request_token()
    {
        var token = await reader.RequestTokenAsync("oob");
        using var decided = await reader.DecideAsync(token, "alice", "allow");
        var pin = Pin().Match(await decided.Content.ReadAsStringAsync()).Groups[1].Value;

        for (var attempt = 0; attempt < 3; attempt++)
            Assert.Equal(HttpStatusCode.BadRequest, (await reader.ExchangeAsync(token, "00000000x")).Status);

        Assert.Equal((HttpStatusCode.Unauthorized, "oauth_problem: token_rejected"), await reader.ExchangeAsync(token, pin));
    }

    [Theory]
    [InlineData(Dancer.Callback, HttpStatusCode.SeeOther)]
    [InlineData("oob", HttpStatusCode.OK)]
    public async Task A_refusal_destroys_the_request_token_and_says_so_to_the_application(string callback, HttpStatusCode expected)
    {
        var token = await reader.RequestTokenAsync(callback);
        using var decided = await reader.DecideAsync(token, "alice", "refuse");

        Assert.Equal(expected, decided.StatusCode);
        if (expected == HttpStatusCode.SeeOther)
            Assert.Equal(Dancer.Callback + "&oauth_problem=user_refused", decided.Headers.Location!.OriginalString);
        else
            Assert.Contains("You refused", await decided.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: user_refused"), await reader.ExchangeAsync(token, "x"));
        using var again = await reader.AskAsync(token, "alice");
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Empty(await node.Services.GetRequiredService<AccessDesk>().ListAsync(alice.Id));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task The_registered_callback_is_used_when_the_request_names_none(string? named)
    {
        var details = new ApplicationDetails { Name = "Site", Callback = "https://site.example/registered" };
        var site = await Dancer.RegisterAsync(node, alice, details);

        var token = await site.RequestTokenAsync(named);
        using var decided = await site.DecideAsync(token, "alice", "allow");
        Assert.StartsWith("https://site.example/registered?oauth_token=", decided.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await site.ExchangeAsync(token, Dancer.VerifierOf(decided))).Status);

        var other = await site.RequestTokenAsync("https://other.example/");
        using var elsewhere = await site.DecideAsync(other, "alice", "allow");
        Assert.StartsWith("https://other.example/?oauth_token=", elsewhere.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("myapp://done", null, "myapp://done?oauth_", "myapp")]
    [InlineData("myapp://done", "MyApp://Other?x=1", "MyApp://Other?x=1&oauth_", "myapp")]
    [InlineData("com.example.app:/done", "", "com.example.app:/done?oauth_", "com.example.app")]
    public async Task A_program_that_registered_a_scheme_of_its_own_is_opened_by_it(string registered, string? named, string expected, string scheme)
    {
        var program = await Dancer.RegisterAsync(node, alice, new ApplicationDetails { Name = "Program", Callback = registered });

        var token = await program.RequestTokenAsync(named);
        using var asked = await program.AskAsync(token, "alice");
        Assert.EndsWith($"; form-action 'self' http: https: {scheme}:", asked.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var page = await asked.Content.ReadAsStringAsync();
        Assert.Contains($"the program for <code>{scheme}:</code>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Then you go to", page, StringComparison.Ordinal);
        using var allowed = await Dancer.PressAsync(node, page, "alice", "allow");
        Assert.StartsWith(expected + "token=" + token.Token, allowed.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await program.ExchangeAsync(token, Dancer.VerifierOf(allowed))).Status);

        using var refused = await program.DecideAsync(await program.RequestTokenAsync(named), "alice", "refuse");
        Assert.Equal(expected + "problem=user_refused", refused.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("", "myapp://done")]
    [InlineData("", "com.example.app:/done")]
    [InlineData("https://site.example/", "myapp://done")]
    [InlineData("myapp://done", "other://done")]
    [InlineData("myapp://done", "com.example.app:/done")]
    [InlineData("com.example.app:/done", "com.example.app.evil:/done")]
    [InlineData("myapp://done", "javascript://done/%0aalert(1)")]
    [InlineData("myapp://done", "myapp:done")]
    public async Task A_scheme_that_is_not_the_registered_one_is_refused(string registered, string named)
    {
        var program = await Dancer.RegisterAsync(node, alice, new ApplicationDetails { Name = "Program", Callback = registered });
        var (status, body, _) = await program.SendAsync("api/oauth/request_token", null, null, null, ("oauth_callback", named));
        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: parameter_rejected\noauth_parameters_rejected: oauth_callback="), (status, body));
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("javascript://x/%0aalert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("myapp://done#x")]
    [InlineData("example.com:8080/done")]
    public async Task Nobody_registers_a_scheme_that_means_something_else(string callback) => Assert.NotNull(
        (await node.Services.GetRequiredService<ApplicationDesk>().RegisterAsync(alice.Id, new ApplicationDetails { Name = "Program", Callback = callback })).Problem);

    [Fact]
    public async Task A_page_without_such_a_scheme_leads_to_the_web_alone()
    {
        using var asked = await reader.AskAsync(await reader.RequestTokenAsync(), "alice");
        Assert.EndsWith("; form-action 'self' http: https:", asked.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "oauth_problem: parameter_rejected\noauth_parameters_rejected: oauth_callback=")]
    [InlineData("/relative", "oauth_problem: parameter_rejected\noauth_parameters_rejected: oauth_callback=")]
    [InlineData("javascript:alert(1)", "oauth_problem: parameter_rejected\noauth_parameters_rejected: oauth_callback=")]
    [InlineData(null, "oauth_problem: parameter_absent\noauth_parameters_absent: oauth_callback\noauth_problem_advice: OAuth 1.0a is required.")]
    public async Task A_callback_is_an_absolute_address_or_oob(string? callback, string said)
    {
        var (status, body, response) = await reader.SendAsync("api/oauth/request_token", null, null, null, callback is null ? [] : [("oauth_callback", callback)]);

        Assert.Equal((HttpStatusCode.BadRequest, said), (status, body));
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("api/")]
    [InlineData("api/1/")]
    [InlineData("api/1.1/")]
    [InlineData("")]
    [InlineData("1/")]
    [InlineData("1.1/")]
    public async Task The_steps_are_under_every_address_where_clients_look_for_them(string root)
    {
        var (status, body, _) = await reader.SendAsync(root + "oauth/request_token", null, null, HttpMethod.Get, ("oauth_callback", "oob"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(TokenResponse.TryParse(200, System.Text.Encoding.ASCII.GetBytes(body), out var answer));
        using var page = await node.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(node.Root, $"{root}oauth/authorize?oauth_token={answer.Credentials.Token}"))
        {
            Headers = { { ApiNode.UserHeader, "alice" } },
        });
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using var decided = await Dancer.PressAsync(node, await page.Content.ReadAsStringAsync(), "alice", "allow");
        var pin = Pin().Match(await decided.Content.ReadAsStringAsync()).Groups[1].Value;
        Assert.Equal(HttpStatusCode.OK, (await reader.SendAsync(root + "oauth/access_token", answer.Credentials, null, HttpMethod.Get, ("oauth_verifier", pin))).Status);
    }

    [Fact]
    public async Task Nobody_gets_a_token_by_a_wrong_secret_or_for_an_unknown_or_deleted_application()
    {
        Assert.Equal((HttpStatusCode.Unauthorized, "oauth_problem: signature_invalid"), await AskAsync(reader, "wrong"));
        var unknown = new Dancer(node, new RegisteredApplication(
            new Application { Key = "unknown", Owner = alice.Id, Details = new ApplicationDetails { Name = "x" }, RegisteredAt = default }, ""));
        Assert.Equal((HttpStatusCode.Unauthorized, "oauth_problem: consumer_key_unknown"), await AskAsync(unknown, null));

        var pending = await reader.RequestTokenAsync();
        var granted = await reader.RequestTokenAsync();
        using var decided = await reader.DecideAsync(granted, "alice", "allow");
        await node.Services.GetRequiredService<ApplicationDesk>().DeleteAsync((await node.Node.FindLocalAsync("owner"))!.Id, reader.Key);

        Assert.Equal((HttpStatusCode.Unauthorized, "oauth_problem: consumer_key_unknown"), await AskAsync(reader, null));
        Assert.Equal(HttpStatusCode.Unauthorized, (await reader.ExchangeAsync(granted, Dancer.VerifierOf(decided))).Status);
        using var page = await reader.AskAsync(pending, "alice");
        Assert.Equal(HttpStatusCode.BadRequest, page.StatusCode);

        static async Task<(HttpStatusCode, string)> AskAsync(Dancer dancer, string? secret)
        {
            var (status, body, _) = await dancer.SendAsync("api/oauth/request_token", null, secret, null, ("oauth_callback", "oob"));
            return (status, body);
        }
    }

    [Fact]
    public async Task An_exchange_needs_a_decision_a_verifier_the_right_secrets_and_the_application_that_asked()
    {
        var token = await reader.RequestTokenAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: permission_unknown"), await reader.ExchangeAsync(token, "x"));
        using var decided = await reader.DecideAsync(token, "alice", "allow");
        var verifier = Dancer.VerifierOf(decided);

        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: parameter_absent\noauth_parameters_absent: oauth_verifier"), await reader.ExchangeAsync(token, null));
        Assert.Equal((HttpStatusCode.Unauthorized, "oauth_problem: signature_invalid"), await reader.ExchangeAsync(token, verifier, "wrong"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await reader.ExchangeAsync(new TokenCredentials("unknown", ""), verifier)).Status);
        var other = await Dancer.RegisterAsync(node, alice);
        Assert.Equal((HttpStatusCode.Unauthorized, "oauth_problem: token_rejected"), await other.ExchangeAsync(token, verifier));

        Assert.Equal(HttpStatusCode.OK, (await reader.ExchangeAsync(token, verifier)).Status);
    }

    [Fact]
    public async Task A_request_token_ends_after_half_an_hour()
    {
        var token = await reader.RequestTokenAsync();
        using var decided = await reader.DecideAsync(token, "alice", "allow");
        var pending = await reader.RequestTokenAsync();

        node.Clock.Advance(TimeSpan.FromMinutes(31));

        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: token_expired"), await reader.ExchangeAsync(token, Dancer.VerifierOf(decided)));
        using var page = await reader.AskAsync(pending, "alice");
        Assert.Equal(HttpStatusCode.BadRequest, page.StatusCode);
    }

    [Fact]
    public async Task Who_leaves_or_is_suspended_before_the_exchange_lets_nobody_in()
    {
        var bob = await node.JoinAsync("bob");
        var (ofAlice, ofBob) = (await reader.RequestTokenAsync(), await reader.RequestTokenAsync());
        using var decided = await reader.DecideAsync(ofAlice, "alice", "allow");
        using var decidedByBob = await reader.DecideAsync(ofBob, "bob", "allow");

        await node.Node.LeaveAsync(alice.Id);
        await node.Services.GetRequiredService<NodeModeration>().JudgeAsync("mod", bob.Uri, Standing.Suspended, "spam");

        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: permission_denied"), await reader.ExchangeAsync(ofAlice, Dancer.VerifierOf(decided)));
        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: permission_denied"), await reader.ExchangeAsync(ofBob, Dancer.VerifierOf(decidedByBob)));
    }

    [Fact]
    public async Task The_page_says_who_asks_for_what_and_where_one_goes_then()
    {
        var strange = await Dancer.RegisterAsync(
            node, alice, new ApplicationDetails { Name = "<b>Evil</b> & Co", Description = "\"Reads\" <i>all</i>", Homepage = "https://evil.example/?<b>" });

        var page = await ReadAsync(strange, "");
        Assert.Contains("&lt;b&gt;Evil&lt;/b&gt; &amp; Co", page, StringComparison.Ordinal);
        Assert.Contains("&quot;Reads&quot; &lt;i&gt;all&lt;/i&gt;", page, StringComparison.Ordinal);
        Assert.Contains("<dd>evil.example</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<dd>reader.example</dd>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example/", page, StringComparison.Ordinal);
        Assert.Contains("It will only read", page, StringComparison.Ordinal);
        Assert.Contains("<nav", page, StringComparison.Ordinal);

        var bare = await ReadAsync(reader, "&mode=desktop");
        Assert.Contains("It will read and write", bare, StringComparison.Ordinal);
        Assert.DoesNotContain("<nav", bare, StringComparison.Ordinal);
        Assert.Contains("name=\"mode\" value=\"desktop\"", bare, StringComparison.Ordinal);

        async Task<string> ReadAsync(Dancer dancer, string more)
        {
            using var response = await dancer.AskAsync(await dancer.RequestTokenAsync(), "alice", more);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
            Assert.Contains("no-store", response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
            return await response.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task Only_the_signed_in_person_decides_by_a_form_of_this_site_about_what_it_showed()
    {
        var token = await reader.RequestTokenAsync();
        using var stranger = await reader.AskAsync(token, null);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        using var newcomer = await reader.AskAsync(token, "newcomer");
        Assert.Equal("/forum/micro/join", newcomer.Headers.Location!.OriginalString);
        using var unknown = await reader.AskAsync(new TokenCredentials("unknown", ""), "alice");
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);

        using var asked = await reader.AskAsync(token, "alice");
        var page = await asked.Content.ReadAsStringAsync();
        using var bySomebodyElse = await Dancer.PressAsync(node, page, "owner", "allow");
        Assert.Equal(HttpStatusCode.BadRequest, bySomebodyElse.StatusCode);
        using var forged = await Dancer.PressAsync(node, ForgeryToken().Replace(page, "value=\"x\""), "alice", "allow");
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        var other = await reader.RequestTokenAsync();
        using var aboutAnother = await Dancer.PressAsync(node, page.Replace(token.Token, other.Token, StringComparison.Ordinal), "alice", "allow");
        Assert.Equal(HttpStatusCode.BadRequest, aboutAnother.StatusCode);

        // It asked to read and write; what it asks for now was not shown.
        var owner = (await node.Node.FindLocalAsync("owner"))!;
        var applications = node.Services.GetRequiredService<ApplicationDesk>();
        await applications.ChangeAsync(owner.Id, reader.Key, new ApplicationDetails { Name = "Bank" });
        using var aboutTheOld = await Dancer.PressAsync(node, page, "alice", "allow");
        Assert.Equal(HttpStatusCode.BadRequest, aboutTheOld.StatusCode);
        Assert.Equal((HttpStatusCode.BadRequest, "oauth_problem: permission_unknown"), await reader.ExchangeAsync(token, "x"));
    }

    [Fact]
    public async Task Who_is_suspended_decides_nothing()
    {
        var token = await reader.RequestTokenAsync();
        using var asked = await reader.AskAsync(token, "alice");
        var page = await asked.Content.ReadAsStringAsync();
        await node.Services.GetRequiredService<NodeModeration>().JudgeAsync("mod", alice.Uri, Standing.Suspended, "spam");

        using var decided = await Dancer.PressAsync(node, page, "alice", "allow");
        Assert.Equal(HttpStatusCode.Forbidden, decided.StatusCode);
        using var again = await reader.AskAsync(token, "alice");
        Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
    }

    [Fact]
    public async Task An_application_that_may_only_read_never_writes()
    {
        var owner = (await node.Node.FindLocalAsync("owner"))!;
        var applications = node.Services.GetRequiredService<ApplicationDesk>();
        var readOnly = await Dancer.RegisterAsync(node, owner, new ApplicationDetails { Name = "Reader" });
        var token = await readOnly.DanceAsync("alice");

        Assert.Equal(HttpStatusCode.OK, (await readOnly.SendAsync("api/statuses/home_timeline.json", token, method: HttpMethod.Get)).Status);
        await AssertRefusedAsync();

        // What it asks for now is not what alice agreed to.
        await applications.ChangeAsync(owner.Id, readOnly.Key, new ApplicationDetails { Name = "Reader", MayWrite = true });
        await AssertRefusedAsync();
        Assert.Equal(token.Token, (await readOnly.DanceAsync("alice")).Token);
        Assert.Equal(HttpStatusCode.OK, (await readOnly.SendAsync("api/statuses/update.json", token, null, null, ("status", "hello"))).Status);
        await applications.ChangeAsync(owner.Id, readOnly.Key, new ApplicationDetails { Name = "Reader" });
        await AssertRefusedAsync();

        async Task AssertRefusedAsync()
        {
            foreach (var path in new[] { "api/statuses/update.json", "api/1.1/statuses/update.json", "api/statuses/update.xml", "api/friendships/create/owner.json" })
            {
                var (status, body, _) = await readOnly.SendAsync(path, token, null, null, ("status", "again"));
                Assert.Equal(HttpStatusCode.Unauthorized, status);
                Assert.Contains("may read, not write", body, StringComparison.Ordinal);
            }
        }
    }

    [GeneratedRegex("<code id=\"oauth_pin\">([0-9]{8})</code>")]
    private static partial Regex Pin();

    [GeneratedRegex("(?<=name=\"forgery_token\" )value=\"[^\"]*\"")]
    private static partial Regex ForgeryToken();
}
