using System.Net;
using System.Text.RegularExpressions;
using Microblog.Moderation;
using Microblog.Policies;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class InvitationTests
{
    [Fact]
    public async Task A_member_makes_a_link_that_says_who_invites_and_whoever_joins_by_it_follows_and_is_followed_back()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { FullName = "Alice <A>", Bio = "I paint" });
        var secret = await InviteAsync(node, "alice", ("uses", "1"), ("days", "7"), ("follow_back", "1"));

        foreach (var user in new[] { null, "carol" })
        {
            var shown = WebUtility.HtmlDecode(await node.ReadAsync("/invitation/" + secret, user));
            Assert.Contains("Alice <A> invites you to notes.example", shown, StringComparison.Ordinal);
            Assert.Contains("I paint", shown, StringComparison.Ordinal);
            Assert.Contains($"href=\"/join?invitation={secret}\"", shown, StringComparison.Ordinal);
        }

        var form = await node.ReadAsync("/join?invitation=" + secret, "carol");
        Assert.Contains($"name=\"invitation\" value=\"{secret}\"", form, StringComparison.Ordinal);
        using var joined = await node.PostAsync("/join", "carol", ("nickname", "carol"), ("invitation", secret));
        Assert.Equal("/home", joined.Headers.Location?.OriginalString);

        var carol = (await node.Node.FindProfileAsync("carol"))!;
        Assert.Equal([alice.Id], await HeardByAsync(node, carol));
        Assert.Equal([carol.Id], await HeardByAsync(node, alice));
        Assert.Contains("1 of 1 joined", await node.ReadAsync("/invitations", "alice"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_followed_back_by_whoever_did_not_wish_it()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var secret = await InviteAsync(node, "alice", ("uses", "5"), ("days", "1"));
        foreach (var name in new[] { "bob", "carol" })
            await node.PostAsync("/join", name, ("nickname", name), ("invitation", secret));
        Assert.Empty(await HeardByAsync(node, alice));
        Assert.Equal(2, (await node.Node.ReadAsync((s, ct) => s.Subscriptions.ListSubscribersAsync(alice.Id, SubscriptionState.Active, null, 9, ct))).Count);
    }

    [Fact]
    public async Task An_inviter_who_approves_followers_approves_these_too()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { ApprovesFollowers = true });
        var carol = (await node.Node.JoinAsync("carol", "carol", await InviteAsync(node, "alice", ("uses", "1"), ("days", "1")))).Value;
        Assert.Single(await node.Node.ReadAsync((s, ct) => s.Subscriptions.ListSubscribersAsync(alice.Id, SubscriptionState.Requested, null, 9, ct)));
        Assert.Null(carol.FetchedAt);
    }

    [Fact]
    public async Task Where_a_policy_objects_one_joins_without_following()
    {
        await using var node = await TestNode.StartAsync(services: s => s.AddSingleton<ISubscriptionPolicy, Nobody>());
        await node.JoinAsync("alice");
        var carol = await node.Node.JoinAsync("carol", "carol", await InviteAsync(node, "alice", ("uses", "1"), ("days", "1"), ("follow_back", "1")));
        Assert.Empty(await HeardByAsync(node, carol.Value));
    }

    [Fact]
    public async Task The_secret_is_shown_once_and_not_stored()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var made = (await node.Node.InviteAsync(alice.Id, new InvitationTerms())).Value;
        Assert.StartsWith("https://notes.example/invitation/", made.Link, StringComparison.Ordinal);
        var secret = made.Link[(made.Link.LastIndexOf('/') + 1)..];
        // 160 bits in base64url.
        Assert.Equal(27, secret.Length);
        Assert.DoesNotContain(secret, made.Invitation.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, await node.ReadAsync("/invitations", "alice"), StringComparison.Ordinal);
        Assert.Equal([made.Invitation], await node.Node.InvitationsAsync(alice.Id));
        // What names it on the page opens nothing.
        using var byKey = await node.GetAsync("/invitation/" + made.Invitation.Key);
        Assert.Equal(HttpStatusCode.NotFound, byKey.StatusCode);
    }

    [Theory]
    [InlineData("used up", "This invitation is used up")]
    [InlineData("expired", "This invitation has expired")]
    [InlineData("taken back", "There is no such invitation, or it was taken back")]
    [InlineData("inviter left", "There is no such invitation, or it was taken back")]
    [InlineData("inviter suspended", "There is no such invitation, or it was taken back")]
    [InlineData("unknown", "There is no such invitation, or it was taken back")]
    [InlineData("strange", "There is no such invitation, or it was taken back")]
    public async Task An_invitation_that_does_not_work_says_why_and_lets_nobody_in(string kind, string reason)
    {
        await using var node = await TestNode.StartAsync(services: s => s.Configure<MicroblogOptions>(o => o.JoinOnlyByInvitation = true));
        var alice = await node.JoinAsync("alice");
        var secret = await InviteAsync(node, "alice", ("uses", "1"), ("days", "1"));
        switch (kind)
        {
            case "used up":
                Assert.Null((await node.Node.JoinAsync("bob", "bob", secret)).Problem);
                break;
            case "expired":
                node.Clock.Advance(TimeSpan.FromDays(1));
                break;
            case "taken back":
                using (var taken = await node.PostAsync("/invitations/remove", "alice", ("key", (await node.Node.InvitationsAsync(alice.Id))[0].Key)))
                    Assert.Equal("/invitations", taken.Headers.Location?.OriginalString);
                break;
            case "inviter left":
                await node.Node.LeaveAsync(alice.Id);
                break;
            case "inviter suspended":
                await node.Services.GetRequiredService<NodeModeration>().JudgeAsync("@root", alice.Uri, Standing.Suspended, "");
                break;
            default:
                secret = kind == "unknown" ? secret[..^1] + (secret[^1] == 'A' ? 'B' : 'A') : "%F0%9F%90%88'\"<script>";
                break;
        }

        using var shown = await node.GetAsync("/invitation/" + secret);
        Assert.Equal(HttpStatusCode.NotFound, shown.StatusCode);
        Assert.Contains(reason, await shown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var form = await node.GetAsync("/join?invitation=" + secret, "carol");
        Assert.Equal(HttpStatusCode.Forbidden, form.StatusCode);
        using var refused = await node.PostAsync("/join", "carol", ("nickname", "carol"), ("invitation", Uri.UnescapeDataString(secret)));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains(reason, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(await node.Node.FindProfileAsync("carol"));
    }

    [Fact]
    public async Task Whoever_has_joined_already_and_the_inviter_need_no_invitation_and_use_none_up()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        var secret = await InviteAsync(node, "alice", ("uses", "1"), ("days", "1"));
        Assert.Contains("You have joined already", await node.ReadAsync("/invitation/" + secret, "bob"), StringComparison.Ordinal);
        Assert.Contains("This is your own invitation", await node.ReadAsync("/invitation/" + secret, "alice"), StringComparison.Ordinal);
        foreach (var user in new[] { "alice", "bob" })
        {
            using var refused = await node.PostAsync("/join", user, ("nickname", user + "2"), ("invitation", secret));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains("You have a profile already", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(0, Assert.Single(await node.Node.InvitationsAsync(alice.Id)).Uses);
        Assert.Empty(await node.Node.ReadAsync((s, ct) => s.Subscriptions.ListSubscribersAsync(alice.Id, SubscriptionState.Active, null, 9, ct)));
    }

    [Fact]
    public async Task A_nickname_that_is_taken_uses_none_up_and_the_form_keeps_the_invitation()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var secret = await InviteAsync(node, "alice", ("uses", "1"), ("days", "1"));
        using var refused = await node.PostAsync("/join", "carol", ("nickname", "alice"), ("invitation", secret));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains($"name=\"invitation\" value=\"{secret}\"", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, Assert.Single(await node.Node.InvitationsAsync(alice.Id)).Uses);
    }

    [Fact]
    public async Task Of_many_who_come_at_once_as_many_join_as_may()
    {
        await using var node = await TestNode.StartAsync(services: s => s.AddSingleton<ISubscriptionPolicy>(new Gathering(20)));
        await node.JoinAsync("alice");
        var secret = await InviteAsync(node, "alice", ("uses", "5"), ("days", "1"));
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => node.Node.JoinAsync($"user{number}", $"user{number}", secret)));
        Assert.Equal(5, results.Count(result => result.Problem is null));
        Assert.Equal(15, results.Count(result => result.Problem == "This invitation is used up."));
    }

    [Fact]
    public async Task Where_people_join_by_invitation_alone_nobody_else_does_but_the_operator()
    {
        await using var node = await TestNode.StartAsync(services: s => s.Configure<MicroblogOptions>(o => o.JoinOnlyByInvitation = true));
        using var form = await node.GetAsync("/join", "carol");
        Assert.Equal(HttpStatusCode.Forbidden, form.StatusCode);
        Assert.Contains("by invitation", await form.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var refused = await node.PostAsync("/join", "carol", ("nickname", "carol"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Null(await node.Node.FindProfileAsync("carol"));

        using var first = await node.PostAsync("/join", "alice;operator", ("nickname", "alice"));
        Assert.Equal("/home", first.Headers.Location?.OriginalString);
        var secret = await InviteAsync(node, "alice", ("uses", "1"), ("days", "1"));
        using var invited = await node.PostAsync("/join", "carol", ("nickname", "carol"), ("invitation", secret));
        Assert.Equal("/home", invited.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task The_invitation_comes_along_to_the_hosts_own_sign_in()
    {
        await using var node = await TestNode.StartAsync(
            "https://site.example/notes/", services: s => s.AddAuthentication("cookie").AddCookie("cookie", o => o.LoginPath = "/sign-in"));
        var alice = await node.JoinAsync("alice");
        var link = (await node.Node.InviteAsync(alice.Id, new InvitationTerms())).Value.Link;
        var secret = link[(link.LastIndexOf('/') + 1)..];
        Assert.Contains($"href=\"/notes/join?invitation={secret}\"", await node.ReadAsync("/notes/invitation/" + secret), StringComparison.Ordinal);
        using var response = await node.GetAsync("/notes/join?invitation=" + secret);
        Assert.Equal("?ReturnUrl=" + Uri.EscapeDataString("/notes/join?invitation=" + secret), response.Headers.Location!.Query);
    }

    [Theory]
    [InlineData("0", "7")]
    [InlineData("-1", "7")]
    [InlineData("101", "7")]
    [InlineData("99999999999", "7")]
    [InlineData("x", "7")]
    [InlineData("1", "0")]
    [InlineData("1", "367")]
    [InlineData("1", "9999999999999999")]
    public async Task Terms_that_cannot_be_are_refused(string uses, string days)
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        using var refused = await node.PostAsync("/invitations", "alice", ("uses", uses), ("days", days));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Empty(await node.Node.InvitationsAsync(alice.Id));
    }

    [Fact]
    public async Task Nobody_keeps_too_many_and_what_has_expired_makes_room()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        for (var number = 0; number < 50; number++)
            Assert.Null((await node.Node.InviteAsync(alice.Id, new InvitationTerms())).Problem);
        Assert.Contains("Take one back", (await node.Node.InviteAsync(alice.Id, new InvitationTerms())).Problem, StringComparison.Ordinal);
        node.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Contains("none that works", await node.ReadAsync("/invitations", "alice"), StringComparison.Ordinal);
        Assert.Null((await node.Node.InviteAsync(alice.Id, new InvitationTerms())).Problem);
        Assert.Single(await node.Node.InvitationsAsync(alice.Id));
    }

    [Fact]
    public async Task Nobody_takes_back_anothers_or_invites_without_a_profile()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.JoinAsync("bob");
        await InviteAsync(node, "alice", ("uses", "1"), ("days", "1"));
        var key = Assert.Single(await node.Node.InvitationsAsync(alice.Id)).Key;
        using var refused = await node.PostAsync("/invitations/remove", "bob", ("key", key));
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        using var stranger = await node.PostAsync("/invitations", "carol", ("uses", "1"), ("days", "1"));
        Assert.Equal("/join", stranger.Headers.Location?.OriginalString);
        using var forged = await node.PostRawAsync("/invitations", "alice", ("uses", "1"), ("days", "1"));
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        Assert.Single(await node.Node.InvitationsAsync(alice.Id));
        Assert.NotNull((await node.Node.InviteAsync(new ProfileId(7), new InvitationTerms())).Problem);
    }

    private static async Task<string> InviteAsync(TestNode node, string user, params (string Name, string Value)[] fields)
    {
        using var made = await node.PostAsync("/invitations", user, fields);
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        var link = Regex.Match(await made.Content.ReadAsStringAsync(), "value=\"https://notes\\.example/invitation/([A-Za-z0-9_-]+)\" readonly", RegexOptions.None, TimeSpan.FromSeconds(5));
        Assert.True(link.Success);
        return link.Groups[1].Value;
    }

    private static async Task<ProfileId[]> HeardByAsync(TestNode node, Profile person) =>
        [.. (await node.Node.ReadAsync((s, ct) => s.Subscriptions.ListPublishersAsync(person.Id, null, 9, ct))).Select(entry => entry.Other.Id)];

    // Lets nobody on before all have found that the invitation works.
    private sealed class Gathering(int count) : ISubscriptionPolicy
    {
        private readonly TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int here;

        public async ValueTask<string?> ObjectToAsync(Profile subscriber, Profile publisher, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref here) == count)
                all.SetResult();
            await all.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
            return null;
        }
    }

    private sealed class Nobody : ISubscriptionPolicy
    {
        public ValueTask<string?> ObjectToAsync(Profile subscriber, Profile publisher, CancellationToken cancellationToken) => new("Not here.");
    }
}
