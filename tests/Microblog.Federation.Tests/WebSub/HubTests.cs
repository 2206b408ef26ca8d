using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microblog.Groups;
using Microblog.Moderation;
using Microblog.Remote;
using Microblog.Storage;
using Microblog.Tests.Foreign;
using Microblog.WebSub;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Federation.Tests.WebSub;

/// <summary>The built-in hub, against a subscriber that shares no code with it.</summary>
public sealed class HubTests : IAsyncLifetime
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-websub-");
    private TestNode node = null!;
    private Profile alice = null!;
    private Subscriber subscriber = null!;

    public async Task InitializeAsync()
    {
        node = await StartAsync();
        alice = await node.JoinAsync("alice");
        subscriber = await Subscriber.StartAsync();
    }

    public async Task DisposeAsync()
    {
        subscriber.Dispose();
        await node.DisposeAsync();
        directory.Delete(recursive: true);
    }

    [ForeignTheory(Subscriber.Program)]
    [InlineData("alice/feed.atom", "application/atom+xml")]
    [InlineData("alice/feed.rss", "application/rss+xml")]
    [InlineData("alice/feed.json", "application/feed+json")]
    [InlineData("feed.atom", "application/atom+xml")]
    [InlineData("tag/caf%C3%A9/feed.rss", "application/rss+xml")]
    [InlineData("group/cooks/feed.json", "application/feed+json")]
    public async Task A_subscriber_finds_the_hub_in_the_feed_and_is_sent_what_is_new_in_order_and_signed(string feed, string type)
    {
        var group = await node.Node.CreateGroupAsync(alice.Id, "cooks", new GroupDetails { Aliases = ["küche"] });
        Assert.Null(group.Problem);
        await PublishAsync("before #café !küche");
        var address = new Uri(node.BaseUri, feed).AbsoluteUri;
        var found = await subscriber.DiscoverAsync(address);
        var hub = new Uri(node.BaseUri, "websub/hub").AbsoluteUri;
        foreach (var place in new[] { "headers", "document" })
            Assert.Equal((hub, address), ((string)found[place]!["hub"]!, (string)found[place]!["self"]!));

        await subscriber.SubscribeAsync(node, address, secret: "s3cret ü", lease: "86400", at: "/hook?mine=1");
        var question = Assert.Single(await subscriber.QuestionsAsync(1));
        Assert.StartsWith("/hook?mine=1&hub.mode=subscribe&", (string)question["path"]!, StringComparison.Ordinal);
        Assert.Equal((address, "86400"), ((string)question["hub.topic"]!, (string)question["hub.lease_seconds"]!));
        var written = new List<string>();
        for (var i = 0; i < 3; i++)
            written.Add(await PublishAsync($"notice {i} #café !küche"));

        Assert.Equal(written, (await subscriber.ReceivedAsync(3)).TakeLast(3));
        Assert.All(await subscriber.DeliveriesAsync(1), delivery =>
        {
            Assert.Equal((type, true, "/hook?mine=1"), ((string)delivery["type"]!, (bool)delivery["valid"]!, (string)delivery["path"]!));
            foreach (var place in new[] { "headers", "document" })
                Assert.Equal((hub, address), ((string)delivery[place]!["hub"]!, (string)delivery[place]!["self"]!));
        });
    }

    [ForeignFact(Subscriber.Program)]
    public async Task Without_a_secret_nothing_is_signed()
    {
        await subscriber.SubscribeAsync(node, At("alice/feed.atom"));
        await PublishAsync("hello");
        Assert.Null(Assert.Single(await subscriber.DeliveriesAsync(1))["signed"]);
    }

    [ForeignTheory(Subscriber.Program)]
    [InlineData("alice/feed.atom")]
    [InlineData("feed.atom")]
    public async Task Only_what_everybody_may_see_is_sent_and_nothing_that_was_deleted_before(string feed)
    {
        await subscriber.SubscribeAsync(node, At(feed));
        await subscriber.AnswerAsync(503);
        await PublishAsync("first");
        await subscriber.RefusedAsync(1);
        var bob = await node.JoinAsync("bob");
        await node.Node.SubscribeAsync(bob.Id, "alice");
        foreach (var visibility in new[] { Visibility.Followers, Visibility.Direct })
            await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "secret @bob", Visibility = visibility, Audience = [bob.Id] });
        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "secret, on this site only", IsLocalOnly = true });
        await node.Node.DeleteAsync(alice.Id, (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "deleted" })).Value.Id);
        await PublishAsync("last");
        await subscriber.AnswerAsync(204);

        var received = await subscriber.ReceivedAsync(2);
        var contents = await node.Node.ReadAsync((session, ct) => session.Timelines.ProfileAsync(alice.Id, default, PageRequest.Newest(9), ct));
        Assert.Equal(["first", "last"], received.Select(uri => contents.Single(entry => entry.Notice.Uri.Value == uri).Notice.Content));
    }

    [ForeignTheory(Subscriber.Program)]
    [InlineData("alice/feed.atom", "<updated>")]
    [InlineData("feed.rss", "")]
    [InlineData("tag/x/feed.json", "\"date_modified\"")]
    [InlineData("group/cooks/feed.json", "\"date_modified\"")]
    [InlineData("conversation/{0}/feed.json", "\"date_modified\"")]
    public async Task A_notice_that_is_changed_is_sent_again_with_what_it_says_now(string feed, string mark)
    {
        Assert.Null((await node.Node.CreateGroupAsync(alice.Id, "cooks", new GroupDetails())).Problem);
        var notice = (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "helo #x !cooks" })).Value;
        await subscriber.SubscribeAsync(node, At(feed.Replace("{0}", $"{notice.Id}", StringComparison.Ordinal)), secret: "s");
        var later = (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "later #x !cooks", ReplyTo = notice.Id })).Value;
        Assert.Equal(later.Uri.Value, (await subscriber.ReceivedAsync(1)).Last());

        await EditAsync(notice, "hello #x !cooks");
        Assert.Equal([later.Uri.Value, notice.Uri.Value], (await subscriber.ReceivedAsync(2)).TakeLast(2));
        var sent = (await subscriber.DeliveriesAsync(2))[^1];
        Assert.Contains("hello #x", Regex.Replace((string)sent["body"]!, @"</?a\b.*?>|&lt;/?a\b.*?&gt;", ""), StringComparison.Ordinal);
        Assert.Contains(mark, (string)sent["body"]!, StringComparison.Ordinal);
        Assert.True((bool)sent["valid"]!);

        // Nothing is moved by it.
        var last = await PublishAsync("last #x !cooks", notice.Id);
        Assert.Equal([later.Uri.Value, notice.Uri.Value, last], (await subscriber.ReceivedAsync(3)).TakeLast(3));
    }

    [ForeignFact(Subscriber.Program)]
    public async Task A_change_that_brings_a_tag_sends_the_notice_to_those_of_the_tag_and_one_that_takes_it_away_does_not()
    {
        var (coming, going) = ((await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "no tag" })).Value,
            (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "a tag #x" })).Value);
        await subscriber.SubscribeAsync(node, At("tag/x/feed.atom"));
        await EditAsync(going, "no tag any more");
        await EditAsync(coming, "a tag now #x");
        Assert.Equal([coming.Uri.Value], await subscriber.ReceivedAsync(1));
    }

    [ForeignTheory(Subscriber.Program)]
    [InlineData("alice/feed.atom")]
    [InlineData("feed.atom")]
    public async Task A_change_that_waits_is_not_sent_once_the_notice_is_deleted(string feed)
    {
        var notice = (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "helo" })).Value;
        await subscriber.SubscribeAsync(node, At(feed));
        await subscriber.AnswerAsync(503);
        await EditAsync(notice, "hello");
        await subscriber.RefusedAsync(1);
        await node.Node.DeleteAsync(alice.Id, notice.Id);
        await subscriber.AnswerAsync(204);
        Assert.Equal([await PublishAsync("last")], await subscriber.ReceivedAsync(1));
    }

    [ForeignTheory(Subscriber.Program)]
    [InlineData("alice/feed.atom")]
    [InlineData("feed.atom")]
    public async Task A_change_of_an_old_notice_is_tried_as_long_as_any_other(string feed)
    {
        var time = DateTimeOffset.UtcNow.AddYears(-1);
        var old = (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "now" })).Value with
        {
            Id = new NoticeId(IdSource.FirstAt(time)), Uri = NoticeUri.Parse(At("notice/old")), Content = "helo", Conversation = default,
        };
        await node.Store.ExecuteAsync((session, ct) => session.Notices.PublishAsync(old, ct), CancellationToken.None);
        await subscriber.SubscribeAsync(node, At(feed));
        await subscriber.AnswerAsync(503);
        await EditAsync(old, "hello");
        await subscriber.RefusedAsync(3);
        await subscriber.AnswerAsync(204);
        Assert.Equal([old.Uri.Value], await subscriber.ReceivedAsync(1));
    }

    [ForeignFact(Subscriber.Program)]
    public async Task What_somebody_who_is_silenced_changes_is_sent_with_their_own_feed_and_no_other()
    {
        var notice = (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "helo #x" })).Value;
        await subscriber.SubscribeAsync(node, At("feed.atom"), at: "/all");
        await subscriber.SubscribeAsync(node, At("tag/x/feed.atom"), at: "/tag");
        await subscriber.SubscribeAsync(node, At("alice/feed.atom"), at: "/own");
        await node.Services.GetRequiredService<NodeModeration>().JudgeAsync("operator", alice.Uri, Standing.Silenced, "loud");
        await EditAsync(notice, "hello #x");
        var bobs = (await node.Node.PublishAsync((await node.JoinAsync("bob")).Id, new NoticeDraft { Content = "bob's #x" })).Value.Uri.Value;
        await subscriber.DeliveriesAsync(3);
        // Until then a change may still come behind what is new.
        await Eventually.Async(WaitingAsync, lanes => lanes == 0);
        Assert.Equal(
            [("/all", bobs), ("/own", notice.Uri.Value), ("/tag", bobs)],
            (await subscriber.DeliveriesAsync(3)).Select(delivery => ((string)delivery["path"]!, (string)delivery["ids"]!.AsArray().Single()!)).Order());
    }

    [ForeignTheory(Subscriber.Program)]
    [InlineData("alice/feed.json", 500)]
    [InlineData("alice/feed.atom", 302)]
    [InlineData("feed.rss", 404)]
    [InlineData("tag/x/feed.atom", 503)]
    public async Task A_subscriber_that_was_down_gets_what_it_missed_in_order_each_once(string feed, int status)
    {
        await subscriber.SubscribeAsync(node, At(feed));
        await subscriber.AnswerAsync(status);
        var written = new List<string>();
        for (var i = 0; i < 30; i++)
            written.Add(await PublishAsync($"notice {i} #x"));
        await subscriber.RefusedAsync(2);
        Assert.Empty(await subscriber.DeliveriesAsync(0));

        await subscriber.AnswerAsync(200);
        Assert.Equal(written, await subscriber.ReceivedAsync(30));
    }

    [ForeignTheory(Subscriber.Program)]
    [InlineData("alice/feed.atom")]
    [InlineData("feed.atom")]
    public async Task A_subscription_survives_a_restart_and_what_was_written_meanwhile_is_sent_after_it(string feed)
    {
        var address = node.BaseUri;
        var topic = At(feed);
        await subscriber.SubscribeAsync(node, topic, secret: "s");
        await subscriber.AnswerAsync(503);
        var first = await PublishAsync("before");
        await subscriber.RefusedAsync(1);
        await node.DisposeAsync();
        await subscriber.AnswerAsync(200);
        node = await StartAsync(address);
        var second = await PublishAsync("after");

        Assert.Equal([first, second], await subscriber.ReceivedAsync(2));
        Assert.All(await subscriber.DeliveriesAsync(1), delivery => Assert.True((bool)delivery["valid"]!));
    }

    [ForeignTheory(Subscriber.Program)]
    [InlineData("alice/feed.atom")]
    [InlineData("feed.atom")]
    public async Task The_answer_410_ends_the_subscription(string feed)
    {
        await subscriber.SubscribeAsync(node, At(feed));
        await subscriber.AnswerAsync(410);
        await PublishAsync("hello");
        await EndedAsync(At(feed));
        Assert.Single(await subscriber.RefusedAsync(1));
        Assert.Empty((await node.Node.ReadAsync((session, ct) => session.Deliveries.ListWaitingAsync(9, ct))));
    }

    [ForeignFact(Subscriber.Program)]
    public async Task Who_takes_nothing_for_too_long_is_given_up_and_the_author_hears_nothing_of_it()
    {
        await node.DisposeAsync();
        node = await StartAsync(node.BaseUri, options: o => o.Delivery.GiveUpAfter = TimeSpan.FromMilliseconds(200));
        await subscriber.SubscribeAsync(node, At("alice/feed.atom"));
        await subscriber.AnswerAsync(400);
        await PublishAsync("hello");
        await EndedAsync(At("alice/feed.atom"));
        Assert.Empty(await node.Node.ReadAsync((session, ct) => session.Deliveries.ListFailedAsync(9, ct)));
    }

    [ForeignFact(Subscriber.Program)]
    public async Task A_subscription_ends_when_the_subscriber_confirms_that_and_not_when_others_ask_for_it()
    {
        var topic = At("alice/feed.atom");
        await subscriber.SubscribeAsync(node, topic);
        Assert.Equal(202, await subscriber.AskAsync(node, new() { ["hub.mode"] = "unsubscribe", ["hub.topic"] = topic }, unexpected: true));
        Assert.Equal("unsubscribe", (string)(await subscriber.QuestionsAsync(2))[1]["hub.mode"]!);
        await PublishAsync("hello");
        await subscriber.DeliveriesAsync(1);

        Assert.Equal(202, await subscriber.AskAsync(node, "unsubscribe", topic));
        await EndedAsync(topic);
        Assert.Null((await subscriber.QuestionsAsync(3))[2]["hub.lease_seconds"]);
    }

    [ForeignTheory(Subscriber.Program)]
    [InlineData("wrong", false)]
    [InlineData("", false)]
    [InlineData("challenge", true)]
    public async Task Only_who_repeats_the_challenge_and_wanted_the_topic_has_subscribed(string echo, bool isUnexpected)
    {
        var topic = At("alice/feed.atom");
        await subscriber.EchoAsync(echo);
        Assert.Equal(202, await subscriber.AskAsync(node, new() { ["hub.mode"] = "subscribe", ["hub.topic"] = topic }, "/a", isUnexpected));
        await subscriber.QuestionsAsync(1);
        await subscriber.EchoAsync("challenge");
        // Asked and answered later, so the first is decided before.
        await subscriber.SubscribeAsync(node, topic, at: "/b");
        await PublishAsync("hello");
        Assert.Equal("/b", (string)Assert.Single(await subscriber.DeliveriesAsync(1))["path"]!);
        Assert.Null(await FindAsync(topic, "/a"));
    }

    [ForeignTheory(Subscriber.Program)]
    [InlineData("1", 300)]
    [InlineData("99999999999999999999", 30 * 86400)]
    [InlineData("", 10 * 86400)]
    public async Task A_lease_is_kept_within_bounds_and_the_subscriber_is_told(string wish, int seconds)
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        await subscriber.SubscribeAsync(node, At("alice/feed.atom"), lease: wish);
        Assert.Equal($"{seconds}", (string)Assert.Single(await subscriber.QuestionsAsync(1))["hub.lease_seconds"]!);
        Assert.InRange((await FindAsync(At("alice/feed.atom")))!.Expires, before.AddSeconds(seconds), DateTimeOffset.UtcNow.AddSeconds(seconds));
    }

    [ForeignFact(Subscriber.Program)]
    public async Task A_subscription_ends_with_its_lease_unless_it_is_renewed()
    {
        await node.DisposeAsync();
        node = await StartAsync(node.BaseUri, options: null, webSub: o => o.ShortestLease = TimeSpan.FromSeconds(1));
        var topic = At("alice/feed.atom");
        await subscriber.SubscribeAsync(node, topic, lease: "1", at: "/short");
        await subscriber.SubscribeAsync(node, topic, lease: "1", at: "/renewed");
        await subscriber.SubscribeAsync(node, topic, lease: "1000", at: "/renewed");
        await Eventually.Async(() => FindAsync(topic, "/renewed"), found => found!.Expires > DateTimeOffset.UtcNow.AddSeconds(500));
        var end = (await FindAsync(topic, "/short"))?.Expires ?? default;
        await Eventually.Async(() => Task.FromResult(DateTimeOffset.UtcNow), now => now > end);

        await PublishAsync("hello");

        await subscriber.DeliveriesAsync(1);
        await Eventually.Async(() => FindAsync(topic, "/short"), found => found is null);
        Assert.Equal("/renewed", (string)Assert.Single(await subscriber.DeliveriesAsync(1))["path"]!);
    }

    [ForeignFact(Subscriber.Program)]
    public async Task Who_asks_for_more_than_there_is_room_for_is_told_so()
    {
        await node.DisposeAsync();
        node = await StartAsync(node.BaseUri, webSub: o => o.SubscriptionsPerHost = 1);
        await subscriber.SubscribeAsync(node, At("alice/feed.atom"), at: "/a");
        Assert.Equal(202, await subscriber.AskAsync(node, "subscribe", At("alice/feed.rss"), at: "/b"));
        var denial = (await subscriber.QuestionsAsync(3))[2];
        Assert.Equal(("denied", At("alice/feed.rss")), ((string)denial["hub.mode"]!, (string)denial["hub.topic"]!));
        Assert.StartsWith("/b?", (string)denial["path"]!, StringComparison.Ordinal);
        Assert.NotNull(await FindAsync(At("alice/feed.atom"), "/a"));
    }

    [ForeignFact(Subscriber.Program)]
    public async Task The_feed_of_somebody_who_is_suspended_ends_and_its_subscribers_are_told()
    {
        await subscriber.SubscribeAsync(node, At("alice/feed.atom"));
        await subscriber.AnswerAsync(503);
        await PublishAsync("hello");
        await subscriber.RefusedAsync(1);
        await node.Services.GetRequiredService<NodeModeration>().JudgeAsync("operator", alice.Uri, Standing.Suspended, "spam");
        Assert.Equal("denied", (string)(await subscriber.QuestionsAsync(2))[1]["hub.mode"]!);
        await EndedAsync(At("alice/feed.atom"));
    }

    [ForeignFact(Subscriber.Program)]
    public async Task The_feeds_of_somebody_who_leaves_end()
    {
        await subscriber.SubscribeAsync(node, At("alice/feed.atom"));
        await node.Node.LeaveAsync(alice.Id);
        await EndedAsync(At("alice/feed.atom"));
        Assert.Equal(404, await subscriber.AskAsync(node, "subscribe", At("alice/feed.atom")));
    }

    [ForeignFact(Subscriber.Program)]
    public async Task Nothing_is_sent_to_our_own_network_and_nobody_learns_what_is_there()
    {
        await node.DisposeAsync();
        node = await StartAsync(node.BaseUri, configure: b => b.Services.PostConfigure<RemoteOptions>(o => o.AllowRequestsToLoopbackAddresses = false));
        var topic = At("alice/feed.atom");
        foreach (var at in new[] { "/there", "/nothing" })
            Assert.Equal(202, await subscriber.AskAsync(node, "subscribe", topic, at: at));
        await Eventually.Async(
            async () => (await node.Node.ReadAsync((session, ct) => session.Deliveries.MeasureAsync(ct))).Lanes, lanes => lanes == 0);
        Assert.Empty(await subscriber.QuestionsAsync(0));
        Assert.Null(await FindAsync(topic, "/there"));
    }

    [Theory]
    [InlineData(400, "hub.mode", "publish")]
    [InlineData(400, "hub.mode", null)]
    [InlineData(400, "hub.topic", null)]
    [InlineData(400, "hub.topic", "{base}\0/feed.atom")]
    [InlineData(404, "hub.topic", "https://elsewhere.example/feed.atom")]
    [InlineData(404, "hub.topic", "{base}alice")]
    [InlineData(404, "hub.topic", "{base}Alice/feed.atom")]
    [InlineData(404, "hub.topic", "{base}alice/feed.atom?before=7")]
    [InlineData(404, "hub.topic", "{base}alice/feed.atom#x")]
    [InlineData(404, "hub.topic", "{base}nobody/feed.atom")]
    [InlineData(404, "hub.topic", "{base}conversation/7/feed.atom")]
    [InlineData(404, "hub.topic", "{base}tag/%00/feed.atom")]
    [InlineData(404, "hub.topic", "{base}tag//feed.atom")]
    [InlineData(404, "hub.topic", "{base}home/feed.atom")]
    [InlineData(400, "hub.callback", null)]
    [InlineData(400, "hub.callback", "ftp://127.0.0.1/")]
    [InlineData(400, "hub.callback", "http://127.0.0.1:1/#x")]
    [InlineData(400, "hub.callback", "http://user:password@127.0.0.1:1/")]
    [InlineData(400, "hub.callback", "hook")]
    [InlineData(400, "hub.callback", "{base}notice")]
    [InlineData(400, "hub.lease_seconds", "0")]
    [InlineData(400, "hub.lease_seconds", "-5")]
    [InlineData(400, "hub.lease_seconds", "1e9")]
    [InlineData(400, "hub.lease_seconds", "٣٠٠")]
    public async Task What_the_hub_cannot_do_it_refuses_and_asks_nobody(int status, string field, string? value)
    {
        var form = Form();
        form.Remove(field);
        if (value is not null)
            form[field] = value.Replace("{base}", node.BaseUri.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(status, await PostAsync(form));
        Assert.Equal(0, await WaitingAsync());
    }

    [Theory]
    [InlineData("hub.secret", 199, 202)]
    [InlineData("hub.secret", 200, 400)]
    [InlineData("hub.secret", 100_000, 413)]
    [InlineData("hub.topic", 1001, 400)]
    [InlineData("hub.callback", 1000, 202)]
    [InlineData("hub.callback", 1001, 400)]
    public async Task Sizes_are_bounded(string field, int length, int status)
    {
        var form = Form();
        form[field] = field != "hub.callback" ? new string('x', length) : "http://127.0.0.1:1/".PadRight(length, 'x');
        Assert.Equal(status, await PostAsync(form));
    }

    [Fact]
    public async Task A_secret_is_measured_in_bytes()
    {
        var form = Form();
        form["hub.secret"] = new string('ü', 100);
        Assert.Equal(400, await PostAsync(form));
    }

    [Fact]
    public async Task Of_a_flood_only_so_many_wait_at_one_host()
    {
        await node.DisposeAsync();
        node = await StartAsync(node.BaseUri, options: o => o.Delivery.IsEnabled = false, webSub: o => o.RequestsPerHost = 3);
        var statuses = new List<int>();
        for (var i = 0; i < 5; i++)
            statuses.Add(await PostAsync(new(Form()) { ["hub.callback"] = $"http://127.0.0.1:1/{i}" }));
        Assert.Equal([202, 202, 202, 503, 503], statuses);
        Assert.Equal(202, await PostAsync(new(Form()) { ["hub.callback"] = "http://127.0.0.1:2/" }));
    }

    [Fact]
    public async Task Of_a_flood_one_network_is_turned_away_before_anything_is_read()
    {
        var statuses = new List<int>();
        for (var i = 0; i < 70; i++)
            statuses.Add(await PostAsync(new(Form()) { ["hub.mode"] = "x" }));
        Assert.Contains(429, statuses);
        Assert.All(statuses, status => Assert.True(status is 400 or 429));
    }

    [Fact]
    public async Task A_secret_is_kept_sealed()
    {
        await node.DisposeAsync();
        node = await StartAsync(node.BaseUri, options: o => o.Delivery.IsEnabled = false);
        var form = Form();
        var secret = form["hub.secret"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(20));
        Assert.Equal(202, await PostAsync(form));
        var lane = Assert.Single(await node.Node.ReadAsync((session, ct) => session.Deliveries.ListWaitingAsync(9, ct)));
        var kept = Assert.Single(await node.Node.ReadAsync((session, ct) => session.Deliveries.ListEventsAsync(lane.Id, 9, ct))).Data;
        Assert.DoesNotContain(secret, kept, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(secret))[..20], kept, StringComparison.Ordinal);
    }

    private string At(string path) => new Uri(node.BaseUri, path).AbsoluteUri;

    private async Task<TestNode> StartAsync(
        Uri? address = null, Action<MicroblogOptions>? options = null, Action<WebSubOptions>? webSub = null, Action<MicroblogBuilder>? configure = null) =>
        await TestNode.StartAsync(
            microblog =>
            {
                microblog.UseSqlite($"Data Source={Path.Combine(directory.FullName, "notes.db")}").AddWebSub(webSub);
                microblog.Services.AddDataProtection().PersistKeysToFileSystem(directory);
                configure?.Invoke(microblog);
            },
            options,
            address);

    private async Task<string> PublishAsync(string content, NoticeId replyTo = default) =>
        (await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = content, ReplyTo = replyTo })).Value.Uri.Value;

    private async Task EditAsync(Notice notice, string content) =>
        Assert.Null((await node.Node.EditAsync(alice.Id, notice.Id, new NoticeDraft { Content = content })).Problem);

    private async Task<HubSubscription?> FindAsync(string topic, string at = "/hook")
    {
        var callback = new Uri(subscriber.Callback, at).AbsoluteUri;
        return await node.Node.ReadAsync((session, ct) => session.Hub.FindAsync(topic, callback, ct));
    }

    private Task<HubSubscription?> EndedAsync(string topic) => Eventually.Async(() => FindAsync(topic), found => found is null);

    private async Task<int> WaitingAsync() => (await node.Node.ReadAsync((session, ct) => session.Deliveries.MeasureAsync(ct))).Lanes;

    private Dictionary<string, string> Form() => new()
    {
        ["hub.mode"] = "subscribe",
        ["hub.topic"] = At("alice/feed.atom"),
        ["hub.callback"] = "http://127.0.0.1:1/",
    };

    private async Task<int> PostAsync(Dictionary<string, string> form)
    {
        using var client = new HttpClient();
        using var response = await client.PostAsync(new Uri(node.BaseUri, "websub/hub"), new FormUrlEncodedContent(form));
        return (int)response.StatusCode;
    }
}
