using System.Collections.Concurrent;
using System.Net;
using System.Security;
using System.Text;
using System.Text.Json;
using Microblog.Storage;
using Microblog.WebSub;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Federation.Tests.Provider;

/// <summary>What a notice's own host says about it, asked for in the background.</summary>
public sealed class OriginTests
{
    [Fact]
    [Trait("Clause", "OMB-67")]
    public async Task A_reply_is_recovered_from_the_identifiers_host()
    {
        using var sites = new OtherSites();
        await using var node = await StartAsync(sites);
        using var service = new ForeignService(node.Node);
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        var question = (await node.Node.Node.PublishAsync(bob.Id, new NoticeDraft { Content = "who is there?" })).Value;

        await AnswerAsync(node, service, grant, sites, "1", question);
        Assert.Equal(["https://good.example/notice/1"], sites.Asked);
    }

    [Theory]
    [InlineData("https://elsewhere.example/notice/2")]
    [InlineData("https://good.example:8443/notice/2")]
    [InlineData("https://good.example.elsewhere.example/notice/2")]
    [InlineData("")]
    [Trait("Clause", "OMB-67")]
    public async Task No_other_host_is_asked(string url)
    {
        using var sites = new OtherSites();
        await using var node = await StartAsync(sites);
        using var service = new ForeignService(node.Node);
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        var question = (await node.Node.Node.PublishAsync(bob.Id, new NoticeDraft { Content = "who is there?" })).Value;
        Assert.Equal(200, (await service.PostAsync(grant, "@bob me", null, ("omb_notice_url", url))).Status);
        await AnswerAsync(node, service, grant, sites, "1", question);
        Assert.Equal(["https://good.example/notice/1"], sites.Asked);
    }

    [Theory]
    [InlineData("redirect")]
    [InlineData("another notice")]
    [InlineData("another author")]
    [InlineData("another media type")]
    [InlineData("not found")]
    [InlineData("hostile XML")]
    [Trait("Clause", "OMB-67")]
    public async Task What_does_not_name_the_notice_changes_nothing(string way)
    {
        using var sites = new OtherSites();
        await using var node = await StartAsync(sites);
        using var service = new ForeignService(node.Node);
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        var question = (await node.Node.Node.PublishAsync(bob.Id, new NoticeDraft { Content = "who is there?" })).Value;

        const string Wrong = "https://good.example/notice/wrong";
        var entry = Entry(Wrong, grant.Listenee.Uri, "@bob me", question.Uri.Value);
        sites.Pages["https://elsewhere.example/"] = Atom(entry);
        sites.Pages[Wrong] = way switch
        {
            "redirect" => new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new Uri("https://elsewhere.example/") } },
            "another notice" => Atom(Entry("https://good.example/notice/other", grant.Listenee.Uri, "@bob me", question.Uri.Value)),
            "another author" => Atom(Entry(Wrong, "https://good.example/user/2", "@bob me", question.Uri.Value)),
            "another media type" => Atom(entry, "text/html"),
            "hostile XML" => Atom("<!DOCTYPE entry [<!ENTITY x \"y\">]>" + entry),
            _ => new HttpResponseMessage(HttpStatusCode.NotFound),
        };
        Assert.Equal(200, (await service.PostAsync(grant, "@bob me", Wrong, ("omb_notice_url", Wrong))).Status);
        // The look-ups of one host go in order: when the next one is done, this one is.
        await AnswerAsync(node, service, grant, sites, "1", question);
        var wrong = (await node.HeardAsync(bob)).Single(n => n.Uri.Value == Wrong);
        Assert.Equal(("", default(NoticeId)), (wrong.ReplyToUri, wrong.ReplyTo));
        Assert.DoesNotContain("https://elsewhere.example/", sites.Asked);
    }

    [Fact]
    [Trait("Clause", "OMB-67")]
    [Trait("Quirk", "Q17")]
    public async Task A_host_that_never_answers_delays_no_notice_and_is_asked_a_bounded_number_of_times()
    {
        using var sites = new OtherSites { IsSilent = true };
        await using var node = await StartAsync(sites, limit: 3);
        using var service = new ForeignService(node.Node);
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        for (var i = 0; i < 12; i++)
        {
            var uri = $"https://good.example/notice/{i}";
            Assert.Equal(200, (await service.PostAsync(grant, "@bob hello", uri, ("omb_notice_url", uri))).Status);
        }

        Assert.Equal(200, (await service.UpdateAsync(grant, ("avatar", "https://good.example/face.png"))).Status);
        Assert.Equal(12, (await node.HeardAsync(bob)).Count);
        sites.Speak();
        await Eventually.Async(
            async () => (await node.Node.Node.ReadAsync((session, ct) => session.Deliveries.ListWaitingAsync(10, ct))).Count, waiting => waiting == 0);
        Assert.InRange(sites.Asked.Count(address => address.Contains("/notice/", StringComparison.Ordinal)), 1, 4);
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    public async Task What_the_authors_own_host_confirms_stands_for_all_and_a_forgery_does_not()
    {
        using var sites = new OtherSites();
        await using var node = await StartAsync(sites, options: o => o.TrustedHosts.Add("good.example"));
        using var good = new ForeignService(node.Node);
        using var evil = new ForeignService(node.Node, "https://evil.example/");
        var (bob, mallory) = (await node.JoinAsync(), await node.JoinAsync());
        await good.SubscribeAsync(bob);
        var forged = await evil.SubscribeAsync(mallory, good.Alice);

        const string Real = "https://good.example/notice/real";
        const string False = "https://good.example/notice/false";
        sites.Pages[Real] = Atom(Entry(Real, good.Alice.Uri, "@bob said so", ""));
        sites.Pages[False] = Atom(Entry(False, good.Alice.Uri, "@bob said something else", ""));
        foreach (var uri in new[] { False, Real })
            Assert.Equal(200, (await evil.PostAsync(forged, "@bob said so", uri, ("omb_notice_url", uri))).Status);

        var ids = (await node.HeardAsync(mallory)).ToDictionary(n => n.Uri.Value, n => n.Id);
        await Eventually.Async(async () => (await good.BrowseAsync(null, $"notice/{ids[Real]}")).Status, status => status == 200);
        Assert.Contains(False, sites.Asked);
        Assert.Equal(404, (await good.BrowseAsync(null, $"notice/{ids[False]}")).Status);
        Assert.Equal(404, (await good.BrowseAsync(bob.Nickname, $"notice/{ids[False]}")).Status);
    }

    [Theory]
    [InlineData("tag/cats/feed.json")]
    [InlineData("conversation/{0}/feed.json")]
    [Trait("Clause", "OMB-65")]
    public async Task What_is_confirmed_late_is_sent_to_subscribers_of_feeds_in_which_newer_notices_were_sent(string feed)
    {
        const string Real = "https://good.example/notice/real";
        using var sites = new OtherSites { IsSilent = true };
        await using var node = await StartAsync(sites, options: o => o.TrustedHosts.Add("good.example"), configure: services => services.AddMicroblogCore().AddWebSub());
        using var good = new ForeignService(node.Node);
        using var other = new ForeignService(node.Node, "https://other.example/");
        var (bob, carol) = (await node.JoinAsync(), await node.JoinAsync());
        await good.SubscribeAsync(carol);
        var grant = await other.SubscribeAsync(bob, good.Alice);
        sites.Pages[Real] = Atom(Entry(Real, good.Alice.Uri, "@bob said so #cats", ""));
        Assert.Equal(200, (await other.PostAsync(grant, "@bob said so #cats", Real, ("omb_notice_url", Real))).Status);
        var heard = (await node.HeardAsync(bob)).Single();
        var newer = (await node.Node.Node.PublishAsync(bob.Id, new NoticeDraft { Content = "really? #cats", ReplyTo = heard.Id })).Value;
        var subscription = new HubSubscription
        {
            Topic = new Uri(node.Node.BaseUri, feed.Replace("{0}", $"{heard.Id}", StringComparison.Ordinal)).AbsoluteUri,
            Callback = "https://reader.example/hook",
            Expires = DateTimeOffset.MaxValue,
        };
        await node.Node.Store.ExecuteAsync((session, ct) => session.Hub.SaveAsync(subscription, new HubLimits(9, 9, 9, 9), ct), CancellationToken.None);
        await Eventually.Async(() => Task.FromResult(sites.Sent.Count), count => count > 0);
        Assert.Equal([newer.Uri.Value], sites.Sent);

        sites.Speak();
        await Eventually.Async(() => Task.FromResult(sites.Sent.Count), count => count > 1);
        Assert.Equal([newer.Uri.Value, Real], sites.Sent);
        var last = (await node.Node.Node.PublishAsync(carol.Id, new NoticeDraft { Content = "well #cats", ReplyTo = heard.Id })).Value;
        await Eventually.Async(() => Task.FromResult(sites.Sent.Count), count => count > 2);
        Assert.Equal([newer.Uri.Value, Real, last.Uri.Value], sites.Sent);
    }

    [Theory]
    [InlineData("image/png", "inline")]
    [InlineData("text/html", "inline")]
    [InlineData("video/ogg", "link")]
    [InlineData("", "")]
    [Trait("Clause", "OMB-64")]
    public async Task What_a_notice_points_to_is_never_asked_for_whatever_it_is_said_to_be(string mediaType, string disposition)
    {
        using var sites = new OtherSites();
        await using var node = await StartAsync(sites);
        using var service = new ForeignService(node.Node);
        var bob = await node.JoinAsync();
        var grant = await service.SubscribeAsync(bob);
        var question = (await node.Node.Node.PublishAsync(bob.Id, new NoticeDraft { Content = "who is there?" })).Value;
        Assert.Equal(200, (await service.PostAsync(
            grant, "@bob look", null, ("omb_seealso", "https://good.example/thing"), ("omb_seealso_mediatype", mediaType), ("omb_seealso_disposition", disposition),
            ("omb_seealso_license", "https://creativecommons.org/licenses/by/4.0/"))).Status);
        Assert.Equal(200, (await service.BrowseAsync(bob.Nickname, "home")).Status);
        // The look-ups of one host go in order: when this one is done, an earlier one would be.
        await AnswerAsync(node, service, grant, sites, "1", question);
        Assert.Equal(["https://good.example/notice/1"], sites.Asked);
    }

    private static Task<ProviderNode> StartAsync(OtherSites sites, int limit = 100, Action<MicroblogOptions>? options = null, Action<IServiceCollection>? configure = null) =>
        ProviderNode.StartAsync(
            o => o.OriginLookupsPerHost = limit,
            options,
            services =>
            {
                services.AddKeyedSingleton<HttpMessageHandler>(typeof(Microblog.Remote.RemoteClient), sites);
                configure?.Invoke(services);
            });

    // Posts a notice whose own host says that it answers the question, and waits until the node knows.
    private static async Task AnswerAsync(ProviderNode node, ForeignService service, ForeignGrant grant, OtherSites sites, string name, Notice question)
    {
        var uri = $"https://good.example/notice/{name}";
        sites.Pages[uri] = Atom(Entry(uri, grant.Listenee.Uri, "@bob me", question.Uri.Value));
        Assert.Equal(200, (await service.PostAsync(grant, "@bob me", uri, ("omb_notice_url", uri))).Status);
        var answer = await Eventually.Async(
            async () => (await node.HeardAsync(grant.Listener)).Single(n => n.Uri.Value == uri), notice => !notice.ReplyTo.IsNone);
        Assert.Equal((question.Id, question.Conversation), (answer.ReplyTo, answer.Conversation));
    }

    private static string Entry(string id, string author, string content, string replyTo) =>
        $"""
        <entry xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"><id>{id}</id><title>a notice</title>
        <author><name>alice</name><uri>{author}</uri></author><content type="text">{SecurityElement.Escape(content)}</content>
        {(replyTo.Length == 0 ? "" : $"<thr:in-reply-to ref=\"{replyTo}\"/>")}</entry>
        """;

    private static HttpResponseMessage Atom(string document, string mediaType = "application/atom+xml") =>
        new(HttpStatusCode.OK) { Content = new StringContent(document, Encoding.UTF8, mediaType) };

    /// <summary>The web outside, as far as these tests need it.</summary>
    private sealed class OtherSites : HttpMessageHandler
    {
        private readonly TaskCompletionSource spoken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsSilent { get; init; }

        public ConcurrentDictionary<string, HttpResponseMessage> Pages { get; } = [];

        public ConcurrentQueue<string> Asked { get; } = [];

        /// <summary>The notices of the feeds that were sent, in their order.</summary>
        public ConcurrentQueue<string> Sent { get; } = [];

        public void Speak() => spoken.SetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.Host == "reader.example")
                return await TakeAsync(request, cancellationToken);
            Asked.Enqueue(request.RequestUri.AbsoluteUri);
            if (IsSilent)
                await spoken.Task.WaitAsync(cancellationToken);
            return Pages.TryGetValue(request.RequestUri.AbsoluteUri, out var page) ? page : new HttpResponseMessage(HttpStatusCode.NotFound);
        }

        private async Task<HttpResponseMessage> TakeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var feed = JsonDocument.Parse(await request.Content!.ReadAsByteArrayAsync(cancellationToken));
            foreach (var item in feed.RootElement.GetProperty("items").EnumerateArray().Reverse())
                Sent.Enqueue(item.GetProperty("id").GetString()!);
            return new HttpResponseMessage(HttpStatusCode.OK);
        }
    }
}
