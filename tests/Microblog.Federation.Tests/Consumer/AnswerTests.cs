using System.Globalization;
using Microblog.Storage;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>What the node makes of an answer: the table in openmicroblogging.md §9 and the habits of §11.</summary>
public sealed class AnswerTests
{
    private const string Awkward = "+ & % = # ? ; ~ \" ' < > \\ %41 %zz a+b  two  spaces\tTab\r\nZeile\n\n  שלום عالم \u202E \u200D 👩‍👩‍👧 e\u0301 \uFEFF \uFFFD 🙂 ";

    [Fact]
    [Trait("Clause", "OMB-130")]
    [Trait("Quirk", "Q34")]
    [Trait("Quirk", "Q40")]
    [Trait("Quirk", "Q41")]
    [Trait("Quirk", "Q60")]
    public async Task A_notice_is_posted_with_its_required_parameters_and_every_character()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        var texts = new[] { Awkward, new string('ä', 4_000) + string.Concat(Enumerable.Repeat("🙂", 1_000)), "a" };

        var said = new List<Notice>();
        foreach (var text in texts)
            said.Add(await node.SayAsync(alice, text));
        var posts = await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count == texts.Length);

        Assert.Equal(texts, posts.Select(p => p["omb_notice_content"]));
        Assert.Equal(said.Select(n => n.Uri.Value), posts.Select(p => p["omb_notice"]));
        Assert.All(posts, p =>
        {
            Assert.Equal("POST", p.Method);
            Assert.Equal("/dora/notice", p.Path);
            Assert.Equal(ForeignAnswer.Version, p["omb_version"]);
            Assert.Equal(alice.Uri.Value, p["omb_listenee"]);
            Assert.Equal(p["omb_notice"], p["omb_notice_url"]);
            Assert.Equal(License.CcBy40.Url, p["omb_notice_license"]);
            Assert.Equal(node.BaseUri.AbsoluteUri, p["oauth_consumer_key"]);
            Assert.Equal("access2", p["oauth_token"]);
            Assert.Equal("HMAC-SHA1", p["oauth_signature_method"]);
            // The columns of the old services hold so many (Q34).
            Assert.Matches("^[A-Za-z0-9]{1,32}$", p["oauth_nonce"]);
        });
    }

    [Theory]
    [InlineData(200, "omb_version=http://openmicroblogging.org/protocol/0.1")]
    [InlineData(200, "omb_version=http%3A%2F%2Fopenmicroblogging.org%2Fprotocol%2F0.1")]
    [InlineData(200, "Updated profile\nomb_version=http://openmicroblogging.org/protocol/0.1\n")]
    [InlineData(200, "")]
    [InlineData(200, "<html>thank you</html>")]
    [InlineData(500, "Duplicate notice")]
    [Trait("Clause", "OMB-135")]
    [Trait("Quirk", "Q47")]
    [Trait("Quirk", "Q71")]
    [Trait("Quirk", "Q76")]
    [Trait("Quirk", "Q77")]
    public async Task An_answer_that_means_success_is_not_asked_for_again(int status, string body)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Script("/notice", new ForeignAnswer(status, body));

        await node.SayAsync(alice, "one");
        await node.SayAsync(alice, "two");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count >= 2);
        await node.RestAsync();

        Assert.Equal(["one", "two"], foreign.Notices.Select(n => n["omb_notice_content"]));
        Assert.Empty(await node.FailedAsync());
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(413)]
    [Trait("Clause", "OMB-133")]
    [Trait("Quirk", "Q75")]
    [Trait("Quirk", "Q77")]
    public async Task A_notice_that_is_refused_is_dropped_and_listed_and_the_next_goes_out(int status)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Script("/notice", new ForeignAnswer(status, "Too long for <us>\r\nreally"));

        var one = await node.SayAsync(alice, "one");
        await node.SayAsync(alice, "two");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count >= 2);
        await node.RestAsync();

        Assert.Equal(["one", "two"], foreign.Notices.Select(n => n["omb_notice_content"]));
        var failed = Assert.Single(await node.FailedAsync());
        Assert.Equal(one.Id, failed.Event.Notice);
        Assert.StartsWith($"{status}: Too long", failed.Reason, StringComparison.Ordinal);
        Assert.Single(await node.SubscribersAsync(alice));
    }

    [Theory]
    [InlineData("", "abcd2345", "400 Their reference: abcd2345.")]
    [InlineData("No.\nReference: abcd2345", "abcd2345", "400: No. Reference: abcd2345")]
    [InlineData("No.", "<b>no</b>", "400: No.")]
    public async Task The_other_sides_reference_stands_in_the_reason_once(string body, string reference, string reason)
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Script("/notice", new ForeignAnswer(400, body, "text/plain", "Microblog-Reference: " + reference));
        await node.SayAsync(alice, "one");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count >= 1);
        await node.RestAsync();
        Assert.Equal(reason, Assert.Single(await node.FailedAsync()).Reason);
    }

    [Fact]
    public async Task What_the_other_side_says_is_one_short_line_of_the_reason()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Script("/notice", new ForeignAnswer(400, "\n\u202EoN\u2028\0" + new string('x', 300), "text/plain"));
        await node.SayAsync(alice, "one");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count >= 1);
        await node.RestAsync();
        Assert.Equal("400: oN  " + new string('x', 196) + "…", Assert.Single(await node.FailedAsync()).Reason);
    }

    public static TheoryData<string> Failures => ["201", "401", "500", "503", "429", "301", "302", "307", "308", "204", "drop", "garbage", "huge", "hang"];

    [Theory]
    [MemberData(nameof(Failures))]
    [Trait("Clause", "OMB-133")]
    [Trait("Clause", "OMB-135")]
    [Trait("Clause", "OMB-136")]
    [Trait("Quirk", "Q61")]
    [Trait("Quirk", "Q74")]
    [Trait("Quirk", "Q75")]
    public async Task A_failure_keeps_the_subscription_the_order_and_the_notice_URI(string failure)
    {
        await using var node = await TestNode.StartAsync(b => b.Services.ConfigureRemote(o => o.Timeout = TimeSpan.FromSeconds(1)));
        await using var foreign = new ForeignListener();
        await using var elsewhere = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        var answer = failure switch
        {
            "drop" => ForeignAnswer.Drop,
            "garbage" => ForeignAnswer.Garbage,
            "hang" => ForeignAnswer.Hang,
            "huge" => new ForeignAnswer(200, new string('x', 2_000_000)),
            "301" or "302" or "307" or "308" => ForeignAnswer.Redirect(int.Parse(failure, CultureInfo.InvariantCulture), elsewhere.Origin + "/dora/notice"),
            // It says the right thing, but is no 200 (OMB-135).
            "201" => ForeignAnswer.Ok with { Status = 201 },
            _ => new ForeignAnswer(int.Parse(failure, CultureInfo.InvariantCulture), "not now"),
        };
        // A 401 is tried twice at once, so it takes two of them to fail.
        foreign.Script("/notice", answer, answer);

        foreach (var text in new[] { "one", "two", "three" })
            await node.SayAsync(alice, text);
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count >= 5);
        await node.RestAsync();

        var posts = foreign.Notices;
        Assert.Equal(["one", "one", "one", "two", "three"], posts.Select(p => p["omb_notice_content"]));
        Assert.Single(posts.Take(3).Select(p => p["omb_notice"]).Distinct());
        Assert.Equal(5, posts.Select(p => p["oauth_nonce"]).Distinct().Count());
        Assert.Empty(elsewhere.Requests);
        Assert.Single(await node.SubscribersAsync(alice));
        Assert.Empty(await node.FailedAsync());
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    public async Task Retry_After_is_obeyed()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Script("/notice", new ForeignAnswer(429, "slowly", "text/plain", "Retry-After: 3600"));

        await node.SayAsync(alice, "one");
        var lane = Assert.Single(await Eventually.Async(node.WaitingAsync, w => w is [{ Attempts: 1 }]));

        Assert.InRange(lane.NextAttempt!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
        Assert.Equal("429: slowly", lane.Failure);
        Assert.Single(foreign.Notices);
    }

    [Fact]
    [Trait("Clause", "OMB-132")]
    [Trait("Clause", "OAUTH-55")]
    [Trait("Quirk", "Q74")]
    public async Task A_403_of_a_service_with_a_wrong_clock_is_cured_by_its_own_time()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener { ClockError = TimeSpan.FromHours(-2) };
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");

        await node.SayAsync(alice, "one");
        var posts = await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count == 2);
        await node.RestAsync();

        Assert.InRange(
            long.Parse(posts[1]["oauth_timestamp"]!, CultureInfo.InvariantCulture) - foreign.Clock.ToUnixTimeSeconds(), -60, 60);
        Assert.Single(await node.SubscribersAsync(alice));
        Assert.Equal(2, foreign.Notices.Count);
    }

    [Fact]
    [Trait("Clause", "OMB-132")]
    [Trait("Quirk", "Q75")]
    [Trait("Quirk", "Q82")]
    public async Task A_403_for_good_ends_the_subscription_and_is_followed_by_silence_until_a_new_dance()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        await using var control = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        using var other = await control.SubscribeAsync(node, "alice", "emil");
        foreign.Script("/notice", new ForeignAnswer(403, "unsubscribed"), new ForeignAnswer(403, "unsubscribed"));

        await node.SayAsync(alice, "one");
        await Eventually.Async(() => node.SubscribersAsync(alice), s => s.Count == 1);
        await node.SayAsync(alice, "two");
        await node.Node.UpdateProfileAsync(alice.Id, new ProfileChanges { Bio = "new" });
        await Eventually.Async(() => Task.FromResult((control.Notices.Count, control.Updates.Count)), n => n == (2, 1));
        await node.RestAsync();

        Assert.Equal(["one", "one"], foreign.Notices.Select(n => n["omb_notice_content"]));
        Assert.Empty(foreign.Updates);
        Assert.Single(await node.SubscribersAsync(alice, SubscriptionState.Ended));

        using var again = await foreign.SubscribeAsync(node, "alice", "dora");
        await node.SayAsync(alice, "three");
        var posts = await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count == 3);
        Assert.Equal("three", posts[^1]["omb_notice_content"]);
        Assert.Equal(foreign.To("/access").Count * 2, int.Parse(posts[^1]["oauth_token"]!["access".Length..], CultureInfo.InvariantCulture));
    }

    [Fact]
    [Trait("Clause", "OMB-132")]
    public async Task A_403_after_a_401_is_the_first_in_a_row_and_gets_its_retry()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Script("/notice", new ForeignAnswer(401), new ForeignAnswer(403));

        await node.SayAsync(alice, "one");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count == 3);
        await node.RestAsync();

        Assert.Single(await node.SubscribersAsync(alice));
    }

    [Fact]
    [Trait("Clause", "OAUTH-63")]
    public async Task Whatever_problem_a_401_names_is_survived()
    {
        await using var node = await TestNode.StartAsync();
        await using var foreign = new ForeignListener();
        var alice = await node.JoinAsync("alice");
        using var browser = await foreign.SubscribeAsync(node, "alice", "dora");
        foreign.Script(
            "/notice",
            new ForeignAnswer(401, "oauth_problem=%zz", "text/html", "WWW-Authenticate: OAuth oauth_problem=\"no_such_word", "WWW-Authenticate: ,,,=="),
            new ForeignAnswer(401, "\u0001\u0002", "x", "WWW-Authenticate: Basic"));

        await node.SayAsync(alice, "one");
        await Eventually.Async(() => Task.FromResult(foreign.Notices), n => n.Count == 3);

        Assert.Single(await node.SubscribersAsync(alice));
    }
}
