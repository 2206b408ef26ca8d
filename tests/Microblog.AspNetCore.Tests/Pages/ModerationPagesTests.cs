using System.Net;
using Microblog.Media;
using Microblog.Moderation;
using Microblog.Policies;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class ModerationPagesTests
{
    private const string Root = "root;operator";
    private const string Script = "<script>alert(1)</script>";

    [Theory]
    [InlineData("/operator/reports")]
    [InlineData("/operator/people")]
    [InlineData("/operator/domains")]
    [InlineData("/operator/audit")]
    [InlineData("/operator/policies")]
    public async Task The_pages_of_moderation_are_for_operators_alone(string path)
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        using var alice = await node.GetAsync(path, "alice");
        Assert.Equal(HttpStatusCode.Forbidden, alice.StatusCode);
        using var root = await node.GetAsync(path, Root);
        Assert.Equal(HttpStatusCode.OK, root.StatusCode);
    }

    [Theory]
    [InlineData("/operator/reports", "number=1&action=suspend")]
    [InlineData("/operator/people", "person=https%3A%2F%2Fnotes.example%2Fuser%2F1&standing=suspended")]
    [InlineData("/operator/domains", "domain=there.example&standing=suspended")]
    [InlineData("/operator/domains/forget", "domain=there.example")]
    [InlineData("/operator/federation", "mode=list")]
    [InlineData("/operator/policies", "last=1")]
    public async Task What_operators_do_nobody_else_can_do_nor_an_operator_without_the_forms_token(string path, string fields)
    {
        await using var node = await TestNode.StartAsync();
        await node.JoinAsync("alice");
        (string, string)[] typed = [.. fields.Split('&').Select(field => field.Split('=')).Select(pair => (pair[0], Uri.UnescapeDataString(pair[1])))];
        using var alice = await node.PostAsync(path, "alice", typed);
        Assert.Equal(HttpStatusCode.Forbidden, alice.StatusCode);
        using var forged = await node.PostRawAsync(path, Root, typed);
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        Assert.Empty(await AuditAsync(node));
    }

    [Fact]
    public async Task A_report_goes_from_the_notice_to_the_operator_who_suspends_the_person()
    {
        await using var node = await TestNode.StartAsync();
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        var notice = await node.PublishAsync(bob, Script);
        Assert.Contains($"href=\"/report?notice={notice.Id}\"", await node.ReadAsync("/", "alice"), StringComparison.Ordinal);
        Assert.Contains($"name=\"notice\" value=\"{notice.Id}\"", await node.ReadAsync($"/report?notice={notice.Id}", "alice"), StringComparison.Ordinal);
        using var sent = await node.PostAsync("/report", "alice", ("notice", notice.Id.ToString()), ("text", Script));
        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);

        var list = await node.ReadAsync("/operator/reports", Root);
        Assert.Contains(bob.Uri.Value, list, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", list, StringComparison.Ordinal);
        var number = (await node.Node.ReadAsync((session, ct) => session.Moderation.ListReportsAsync(true, null, 9, ct))).Single().Number;
        Assert.DoesNotContain("<script", await node.ReadAsync($"/operator/reports/{number}", Root), StringComparison.Ordinal);
        using var done = await node.PostAsync(
            "/operator/reports", Root, ("number", $"{number}"), ("action", "suspend"), ("note", "spam"));
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);

        Assert.Null(await node.Node.FindNoticeAsync(notice.Id, alice.Id));
        Assert.DoesNotContain(bob.Uri.Value, await node.ReadAsync("/operator/reports", Root), StringComparison.Ordinal);
        Assert.Contains("spam", await node.ReadAsync("/operator/reports?closed=1", Root), StringComparison.Ordinal);
        Assert.Equal([(ModerationAction.CloseReport, $"{number}", "root"), (ModerationAction.Suspend, bob.Uri.Value, "root")],
            (await AuditAsync(node)).Select(entry => (entry.Action, entry.Subject, entry.Operator)));
        using var again = await node.PostAsync("/operator/reports", Root, ("number", $"{number}"), ("action", "silence"));
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Equal(Standing.Suspended, (await node.Node.FindProfileAsync(bob.Id))!.Standing);
    }

    [Fact]
    public async Task An_identifier_that_turns_the_direction_of_writing_turns_nothing_but_itself()
    {
        const string Identifier = "tag:there.example,2009:\u202Ecod.exe";
        await using var node = await TestNode.StartAsync();
        var (alice, moderation) = (await node.JoinAsync("alice"), node.Services.GetRequiredService<NodeModeration>());
        var zoe = await node.Store.ExecuteAsync(
            (session, ct) => session.Profiles.SaveRemoteAsync(
                new Profile { Id = new ProfileId(99), Uri = ProfileUri.Parse(Identifier), Nickname = "zoe", Url = "", Host = "there.example", IsLocal = false }, ct),
            CancellationToken.None);
        var number = (await moderation.ReportAsync(alice.Id, zoe, [], "")).Value.Number;
        await moderation.JudgeAsync("root", ProfileUri.Parse(Identifier), Standing.Silenced, "");

        string[] pages = ["/operator/reports", $"/operator/reports/{number}", "/operator/people?person=" + Uri.EscapeDataString(Identifier), "/operator/audit"];
        foreach (var page in pages)
        {
            var parts = WebUtility.HtmlDecode(await node.ReadAsync(page, Root)).Split(Identifier);
            Assert.True(parts.Length > 1, page);
            // Alone in an element that browsers isolate, or in an attribute.
            Assert.All(parts[..^1], before => Assert.Matches("(<bdi>|<td class=\"url\">|<h2>|value=\")$", before));
            Assert.All(parts[1..], after => Assert.Matches("^(</|\")", after));
        }
    }

    [Fact]
    public async Task Reported_notices_are_deleted_and_a_report_that_asks_for_nothing_is_dismissed()
    {
        await using var node = await TestNode.StartAsync();
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        var notice = await node.PublishAsync(bob, "buy");
        var moderation = node.Services.GetRequiredService<NodeModeration>();
        var first = (await moderation.ReportAsync(alice.Id, bob.Id, [notice.Id], "")).Value.Number;
        var second = (await moderation.ReportAsync(alice.Id, bob.Id, [], "")).Value.Number;
        using var dismissed = await node.PostAsync("/operator/reports", Root, ("number", $"{second}"), ("action", "dismiss"));
        Assert.NotNull(await node.Node.FindNoticeAsync(notice.Id, alice.Id));
        using var nothing = await node.PostAsync("/operator/reports", Root, ("number", $"{first}"), ("action", "explode"));
        Assert.Equal(HttpStatusCode.BadRequest, nothing.StatusCode);
        using var deleted = await node.PostAsync("/operator/reports", Root, ("number", $"{first}"), ("action", "delete"));
        Assert.Null(await node.Node.FindNoticeAsync(notice.Id, alice.Id));
        Assert.Equal(Standing.Good, (await node.Node.FindProfileAsync(bob.Id))!.Standing);
    }

    [Fact]
    public async Task Who_reports_sees_what_they_report_and_says_why_in_so_many_words()
    {
        await using var node = await TestNode.StartAsync();
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        var secret = await node.PublishAsync(bob, "for followers", Visibility.Followers);
        using var unseen = await node.PostAsync("/report", "alice", ("notice", $"{secret.Id}"), ("text", ""));
        Assert.Equal(HttpStatusCode.NotFound, unseen.StatusCode);
        using var nobody = await node.PostAsync("/report", "alice", ("person", "4711"), ("text", ""));
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
        using var longer = await node.PostAsync("/report", "alice", ("person", $"{bob.Id}"), ("text", new string('x', Report.MaxLength + 1)));
        Assert.Equal(HttpStatusCode.BadRequest, longer.StatusCode);
        var other = await node.PublishAsync(alice, "mine");
        var moderation = node.Services.GetRequiredService<NodeModeration>();
        Assert.NotNull((await moderation.ReportAsync(alice.Id, bob.Id, [other.Id], "")).Problem);
        for (var number = 0; number < Report.MaxOpen; number++)
            Assert.Null((await moderation.ReportAsync(alice.Id, bob.Id, [], new string('x', Report.MaxLength))).Problem);
        Assert.NotNull((await moderation.ReportAsync(alice.Id, bob.Id, [], "")).Problem);
    }

    [Fact]
    public async Task A_suspended_person_reads_and_does_nothing_until_the_operator_takes_it_back()
    {
        await using var node = await TestNode.StartAsync();
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        var notice = await node.PublishAsync(alice, "hello");
        var bobs = await node.PublishAsync(bob, "from bob");
        var cooks = (await node.Node.CreateGroupAsync(bob.Id, "cooks", new GroupDetails())).Value;
        Assert.Null((await node.Node.JoinGroupAsync(alice.Id, cooks.Id)).Problem);
        Assert.Contains("alice", await node.ReadAsync("/group/cooks/members"), StringComparison.Ordinal);
        using var judged = await node.PostAsync("/operator/people", Root, ("person", alice.Uri.Value), ("standing", "suspended"), ("reason", "spam"));
        Assert.Equal(HttpStatusCode.SeeOther, judged.StatusCode);
        Assert.Contains("suspended", await node.ReadAsync("/operator/people?person=alice", Root), StringComparison.Ordinal);

        using var page = await node.GetAsync("/alice");
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        using var single = await node.GetAsync($"/notice/{notice.Id}", "bob");
        Assert.Equal(HttpStatusCode.NotFound, single.StatusCode);
        Assert.DoesNotContain("alice", await node.ReadAsync("/group/cooks/members"), StringComparison.Ordinal);
        Assert.Contains("from bob", await node.ReadAsync("/", "alice"), StringComparison.Ordinal);
        using var posted = await node.PostAsync("/notice", "alice", ("content", "again"));
        Assert.Equal(HttpStatusCode.BadRequest, posted.StatusCode);
        Assert.Contains("suspended", await posted.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(await node.Node.FavouriteAsync(alice.Id, bobs.Id));
        Assert.NotNull((await node.Node.RepeatAsync(alice.Id, bobs.Id)).Problem);
        Assert.IsType<Federation.SubscribeResult.Refused>(await node.Node.SubscribeAsync(alice.Id, "bob"));
        Assert.IsType<Federation.SubscribeResult.Refused>(await node.Node.SubscribeAsync(bob.Id, "alice"));
        Assert.NotNull((await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Bio = "x" })).Problem);
        Assert.NotNull((await node.Services.GetRequiredService<NodeModeration>().ReportAsync(alice.Id, bob.Id, [], "")).Problem);

        using var back = await node.PostAsync("/operator/people", Root, ("person", alice.Uri.Value), ("standing", "good"), ("reason", ""));
        Assert.Contains("hello", await node.ReadAsync("/alice"), StringComparison.Ordinal);
        Assert.Equal([ModerationAction.Reinstate, ModerationAction.Suspend], (await AuditAsync(node)).Select(entry => entry.Action));
    }

    [Fact]
    public async Task Pictures_and_pages_of_the_suspended_and_of_blocked_domains_are_shown_to_nobody()
    {
        await using var node = await TestNode.StartAsync();
        var (alice, moderation) = (await node.JoinAsync("alice"), node.Services.GetRequiredService<NodeModeration>());
        await node.JoinAsync("bob");
        var picture = Avatar.Of(Identicon.Create("another")).Value;
        var zoe = await node.Store.ExecuteAsync(
            async (session, ct) =>
            {
                var uri = ProfileUri.Parse("https://there.example/user/1");
                var id = await session.Profiles.SaveRemoteAsync(
                    new Profile { Id = new ProfileId(99), Uri = uri, Nickname = "zoe", Url = "https://there.example/zoe", Host = "there.example", IsLocal = false }, ct);
                await session.Avatars.SetAsync(id, picture, ct);
                await session.Avatars.SetAsync(alice.Id, picture, ct);
                return id;
            },
            CancellationToken.None);
        Assert.Contains("zoe", await node.ReadAsync($"/user/{zoe}", "bob"), StringComparison.Ordinal);
        foreach (var id in new[] { alice.Id, zoe })
            Assert.Equal(picture.Content.ToArray(), await PictureAsync(node, id));

        await moderation.JudgeAsync("root", alice.Uri, Standing.Suspended, "");
        await moderation.SetDomainAsync("root", "there.example", Standing.Suspended, "");

        Assert.Equal(Identicon.Create(alice.Uri.Value), await PictureAsync(node, alice.Id));
        Assert.Equal(Identicon.Create("https://there.example/user/1"), await PictureAsync(node, zoe));
        using var page = await node.GetAsync($"/user/{zoe}", "bob");
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
    }

    [Fact]
    public async Task Who_is_suspended_while_the_policies_are_asked_neither_writes_nor_changes_anything()
    {
        var meanwhile = new Meanwhile();
        await using var node = await TestNode.StartAsync(services: s => s.AddSingleton<INoticePolicy>(meanwhile));
        var (alice, moderation) = (await node.JoinAsync("alice"), node.Services.GetRequiredService<NodeModeration>());
        var notice = await node.PublishAsync(alice, "hello");
        var draft = new NoticeDraft { Content = "spam" };

        meanwhile.Act = () => moderation.JudgeAsync("root", alice.Uri, Standing.Suspended, "");
        Assert.Contains("suspended", (await node.Node.EditAsync(alice.Id, notice.Id, draft)).Problem, StringComparison.Ordinal);
        await moderation.JudgeAsync("root", alice.Uri, Standing.Good, "");
        Assert.Contains("suspended", (await node.Node.PublishAsync(alice.Id, draft)).Problem, StringComparison.Ordinal);
        await moderation.JudgeAsync("root", alice.Uri, Standing.Good, "");
        Assert.DoesNotContain("spam", await node.ReadAsync("/alice"), StringComparison.Ordinal);
        Assert.Equal("hello", (await node.Node.FindNoticeAsync(notice.Id, alice.Id))!.Notice.Content);
    }

    [Fact]
    public async Task Who_leaves_while_suspended_is_not_let_in_again_under_another_name()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        await node.Services.GetRequiredService<NodeModeration>().JudgeAsync("root", alice.Uri, Standing.Suspended, "");
        using var left = await node.PostAsync("/settings/leave", "alice", ("nickname", "alice"));
        Assert.Equal(HttpStatusCode.SeeOther, left.StatusCode);
        using var back = await node.PostAsync("/join", "alice", ("nickname", "alice2"));
        Assert.Equal(HttpStatusCode.BadRequest, back.StatusCode);
        Assert.Contains("suspended", await back.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var posted = await node.PostAsync("/notice", "alice", ("content", "again"));
        Assert.Equal("/join", posted.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Domains_are_ruled_and_forgotten_and_each_change_is_written_down()
    {
        await using var node = await TestNode.StartAsync();
        const string Olga = "olga;operator";
        await node.JoinAsync("olga");
        using var blocked = await node.PostAsync("/operator/domains", Olga, ("domain", " HTTPS://Bad.Example:8080/x "), ("standing", "suspended"), ("reason", Script));
        Assert.Equal(HttpStatusCode.SeeOther, blocked.StatusCode);
        Assert.Contains(">bad.example<", await node.ReadAsync("/operator/domains", Olga), StringComparison.Ordinal);
        foreach (var wrong in new[] { "", "no host", "notes.example", "example" })
        {
            using var refused = await node.PostAsync("/operator/domains", Olga, ("domain", wrong), ("standing", "suspended"), ("reason", ""));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        using var listed = await node.PostAsync("/operator/federation", Olga, ("mode", "list"), ("reason", ""));
        Assert.Contains("value=\"list\" selected", await node.ReadAsync("/operator/domains", Olga), StringComparison.Ordinal);
        using var forgotten = await node.PostAsync("/operator/domains/forget", Olga, ("domain", "bad.example"));
        using var again = await node.PostAsync("/operator/domains/forget", Olga, ("domain", "bad.example"));
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Equal(
            [("@olga", ModerationAction.ForgetDomain, "bad.example"), ("@olga", ModerationAction.RestrictFederation, ""), ("@olga", ModerationAction.BlockDomain, "bad.example")],
            (await AuditAsync(node)).Select(entry => (entry.Operator, entry.Action, entry.Subject)));
        var log = await node.ReadAsync("/operator/audit", Olga);
        Assert.Contains("bad.example", log, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_reads_what_the_policies_would_refuse_and_nothing_changes()
    {
        await using var node = await TestNode.StartAsync(services: s => s.AddSingleton<INoticePolicy, NoCats>());
        var alice = await node.JoinAsync("alice");
        NoCats.IsOff = true;
        await node.PublishAsync(alice, "dogs");
        var cats = await node.PublishAsync(alice, "cats");
        NoCats.IsOff = false;
        using var tried = await node.PostAsync("/operator/policies", Root, ("last", "10"));
        var page = await tried.Content.ReadAsStringAsync();
        Assert.Contains("Of 2 notices they would have refused 1", page, StringComparison.Ordinal);
        Assert.Contains("No cats", page, StringComparison.Ordinal);
        Assert.NotNull(await node.Node.FindNoticeAsync(cats.Id, default));
    }

    [Fact]
    public async Task A_dry_run_goes_through_all_pages_says_how_far_it_is_and_can_be_ended()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        for (var number = 0; number < 230; number++)
            await node.PublishAsync(alice, number % 2 == 0 ? "cats" : "dogs");
        var dryRun = node.Services.GetRequiredService<PolicyDryRun>();
        var heard = new Heard();

        var all = await dryRun.RunAsync([new NoCats()], null, heard);
        Assert.Equal((230, 115, 115), (all.Asked, all.Refused, all.Objections.Count));
        Assert.Equal([100, 200, 230], heard.Values);
        var some = await dryRun.RunAsync([new NoCats()], 101);
        Assert.Equal((101, 50), (some.Asked, some.Refused));
        Assert.Equal(0, (await dryRun.RunAsync([new NoCats()], 0)).Asked);

        using var cancellation = new CancellationTokenSource();
        heard.Then = cancellation.Cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dryRun.RunAsync([new NoCats()], null, heard, cancellation.Token));
        Assert.Equal(4, heard.Values.Count);
    }

    [Fact]
    public async Task Who_types_their_nickname_leaves_and_nothing_of_theirs_is_shown()
    {
        await using var node = await TestNode.StartAsync();
        var (alice, bob) = (await node.JoinAsync("alice"), await node.JoinAsync("bob"));
        var notice = await node.PublishAsync(alice, "remember me");
        await node.Node.FavouriteAsync(alice.Id, (await node.PublishAsync(bob, "hello")).Id);
        Assert.Contains("href=\"/settings/leave\"", await node.ReadAsync("/settings", "alice"), StringComparison.Ordinal);
        Assert.Contains("/settings/archive", await node.ReadAsync("/settings/leave", "alice"), StringComparison.Ordinal);
        foreach (var typed in new[] { "", "bob", "Alice" })
        {
            using var refused = await node.PostAsync("/settings/leave", "alice", ("nickname", typed));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        Assert.NotNull(await node.Node.FindProfileAsync("alice"));
        using var left = await node.PostAsync("/settings/leave", "alice", ("nickname", "alice"));
        Assert.Equal(HttpStatusCode.SeeOther, left.StatusCode);
        Assert.Null(await node.Node.FindProfileAsync("alice"));
        Assert.Null(await node.Node.FindNoticeAsync(notice.Id, bob.Id));
        Assert.DoesNotContain("remember me", await node.ReadAsync("/"), StringComparison.Ordinal);
        Assert.Empty(await node.Node.NotificationsAsync(bob.Id, PageRequest.Newest(9)));
    }

    private static async Task<byte[]> PictureAsync(TestNode node, ProfileId id)
    {
        using var response = await node.GetAsync($"/user/{id}/avatar", "bob");
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static Task<IReadOnlyList<AuditEntry>> AuditAsync(TestNode node) =>
        node.Node.ReadAsync((session, ct) => session.Moderation.ListAuditAsync(null, 99, ct));

    private sealed class NoCats : INoticePolicy
    {
        public static bool IsOff { get; set; }

        public ValueTask<string?> ObjectToAsync(Notice notice, Profile author, CancellationToken cancellationToken) =>
            new(!IsOff && notice.Content.Contains("cats", StringComparison.Ordinal) ? "No cats" : null);
    }

    private sealed class Meanwhile : INoticePolicy
    {
        public Func<Task> Act { get; set; } = () => Task.CompletedTask;

        public async ValueTask<string?> ObjectToAsync(Notice notice, Profile author, CancellationToken cancellationToken)
        {
            await Act();
            return null;
        }
    }

    private sealed class Heard : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public Action? Then { get; set; }

        public void Report(int value)
        {
            Values.Add(value);
            Then?.Invoke();
        }
    }
}
