using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microblog.Delivery;
using Microblog.Federation;
using Microblog.Http;
using Microblog.Moderation;
using Microblog.Policies;
using Microblog.Storage;
using Microblog.Tests.Foreign;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed partial class ContactPagesTests : IAsyncLifetime
{
    private readonly ScriptedNetwork network = new();
    private TestNode node = null!;
    private Profile alice = null!;

    public async Task InitializeAsync()
    {
        node = await TestNode.StartAsync(services: s => s.AddSingleton<IFederationProtocol>(network).AddSingleton<ISubscriptionPolicy>(new Policy()));
        alice = await node.JoinAsync("alice");
    }

    public async Task DisposeAsync() => await node.DisposeAsync();

    [Fact]
    public async Task People_of_a_list_are_offered_and_followed_only_when_they_are_ticked()
    {
        foreach (var nickname in new[] { "bob", "carol", "dave" })
            await node.JoinAsync(nickname);

        var offer = await OfferAsync("Account address,Show boosts\nbob@notes.example,true\n@Carol@notes.example,true\nhttps://notes.example/dave,true\n");

        Assert.Equal(["bob", "carol", "dave"], offer.Offered);
        Assert.Empty(await FollowingAsync(alice));
        Assert.Empty((await node.Node.NotificationsAsync((await node.Node.FindLocalAsync("bob"))!.Id, PageRequest.Newest(9))));

        var after = await FollowAsync(offer, nickname => nickname != "carol");

        Assert.Equal(["bob", "dave"], await FollowingAsync(alice));
        Assert.Contains("You follow 2 people more now.", after.Html, StringComparison.Ordinal);
        Assert.Contains("That was all.", after.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_is_sorted_into_what_can_be_done_about_whom()
    {
        var people = new Dictionary<string, Profile>();
        foreach (var nickname in new[] { "bob", "heard", "approves", "blocked", "blocker", "gone" })
            people[nickname] = await node.JoinAsync(nickname);
        await node.Node.SubscribeAsync(alice.Id, "heard");
        await node.Node.UpdateProfileAsync(people["approves"].Id, new ProfileChanges { ApprovesFollowers = true });
        await node.Node.SubscribeAsync(alice.Id, "approves");
        await node.Node.BlockAsync(alice.Id, people["blocked"].Uri);
        await node.Node.BlockAsync(people["blocker"].Id, alice.Uri);
        await node.Node.LeaveAsync(people["gone"].Id);
        await HearAsync("eve");
        await HearAsync("hal");

        var offer = await OfferAsync($"bob\nheard\napproves\nblocked\nblocker\ngone\nnobody\nalice\nhttps://elsewhere.example/eve\neve@elsewhere.example\n@Hal@elsewhere.example\nfay@elsewhere.example\n{people["bob"].Uri}\n");

        // That somebody blocks alice is not told her before she asks.
        Assert.Equal(["blocker", "bob"], offer.Offered.Order(StringComparer.Ordinal));
        Assert.Equal(["https://elsewhere.example/fay"], offer.Elsewhere);
        Assert.Equal(["Hal@elsewhere.example", "heard", "https://elsewhere.example/eve"], offer.Group("You follow them already"));
        Assert.Equal(["approves"], offer.Group("Asked already"));
        Assert.Equal(["blocked"], offer.Group("Cannot be followed"));
        Assert.Equal(["gone", "nobody"], offer.Group("Not found here"));
        Assert.Equal(["alice"], offer.Group("You yourself"));

        var after = await FollowAsync(offer);
        Assert.Equal(["bob", "heard"], await FollowingAsync(alice));
        Assert.Contains("blocker: You cannot subscribe to this person.", after.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_run_changes_nothing()
    {
        var (bob, dave) = (await node.JoinAsync("bob"), await node.JoinAsync("dave"));
        await node.Node.UpdateProfileAsync(dave.Id, new ProfileChanges { ApprovesFollowers = true });
        const string List = "bob\ndave\n";
        var first = await OfferAsync(List);
        var said = await FollowAsync(first);
        Assert.Contains("You follow 1 person more now. 1 person has been asked", said.Html, StringComparison.Ordinal);
        var before = await StateAsync(bob, dave);

        // Again from the page that is still open, and from a fresh one.
        await FollowAsync(first);
        var second = await OfferAsync(List);

        Assert.Empty(second.Offered);
        Assert.Contains("That was all.", second.Html, StringComparison.Ordinal);
        Assert.Equal(before, await StateAsync(bob, dave));
    }

    [Fact]
    public async Task A_long_list_goes_by_in_parts_and_says_how_far_it_is()
    {
        var nicknames = Enumerable.Range(1, 250).Select(i => $"a{i}").ToList();
        foreach (var nickname in nicknames)
            await node.JoinAsync(nickname);
        // People elsewhere first: those of this node are offered before them all the same.
        var list = string.Concat(Enumerable.Range(1, 200).Select(i => $"b{i}@elsewhere.example,\"Name, {i} ü\"\n").Concat(nicknames.Select(nickname => nickname + "\n")));

        var page = await OfferAsync(list);
        Assert.Equal((200, 0, "200 of 450"), (page.Offered.Count, page.Elsewhere.Count, page.Progress));
        page = await FollowAsync(page);
        Assert.Equal(200, (await FollowingAsync(alice)).Count);
        Assert.Contains("You follow 200 people more now.", page.Html, StringComparison.Ordinal);
        Assert.Equal((50, 150, "400 of 450"), (page.Offered.Count, page.Elsewhere.Count, page.Progress));
        page = await FollowAsync(page);
        Assert.Equal((0, 50, "450 of 450"), (page.Offered.Count, page.Elsewhere.Count, page.Progress));
        Assert.Contains("That was all.", page.Html, StringComparison.Ordinal);

        Assert.Equal(nicknames.Order(StringComparer.Ordinal), await FollowingAsync(alice));
        Assert.Equal(0, network.Asked);
    }

    [Fact]
    public async Task Somebody_elsewhere_is_followed_by_a_button_each_that_goes_the_usual_way()
    {
        var offer = await OfferAsync("Account address,Profile page\nbob@elsewhere.example,https://elsewhere.example/~bob?x=1&y=2\n");
        Assert.Equal(["https://elsewhere.example/~bob?x=1&y=2"], offer.Elsewhere);
        Assert.Equal(0, network.Asked);

        using var response = await node.PostAsync("/subscribe", "alice", ("target", offer.Elsewhere[0]));

        Assert.Equal("https://elsewhere.example/~bob?x=1&y=2#there", response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Nobody_on_a_blocked_server_is_offered()
    {
        await node.Services.GetRequiredService<NodeModeration>().SetDomainAsync("operator", "bad.example", Standing.Suspended, "");
        var offer = await OfferAsync("bob@bad.example\nhttps://sub.bad.example/carol\ndave@good.example\n");
        Assert.Equal(["https://good.example/dave"], offer.Elsewhere);
        Assert.Equal(["bob@bad.example", "https://sub.bad.example/carol"], offer.Group("Cannot be followed"));
    }

    [Fact]
    public async Task What_the_host_objects_to_is_said_and_the_others_are_followed()
    {
        foreach (var nickname in new[] { "bob", "unwanted" })
            await node.JoinAsync(nickname);
        var offer = await OfferAsync("unwanted\nbob\n");
        var after = await FollowAsync(offer);
        Assert.Equal(["bob"], await FollowingAsync(alice));
        Assert.Contains("unwanted: Not this one.", after.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("people=https%3A%2F%2Felsewhere.example%2Fbob&follow-https%3A%2F%2Felsewhere.example%2Fbob=1")]
    [InlineData("people=nobody+..%2F..+%C3%BC&follow-nobody=1&follow-..%2F..=1&follow-%C3%BC=1")]
    [InlineData("people=bob")]
    [InlineData("follow-bob=1")]
    [InlineData("rest=%3C%21DOCTYPE+x%3E&shown=-1")]
    [InlineData("rest=%22%22%22%0A&shown=99999999999999999999")]
    public async Task A_choice_that_no_page_of_ours_has_follows_nobody(string form)
    {
        await node.JoinAsync("bob");
        using var response = await PostRawAsync("/settings/contacts/follow", $"{form}&{ForgeryTokens.Field}={node.Token("alice", "/settings/contacts/follow")}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await FollowingAsync(alice));
        Assert.Equal(0, network.Asked);
    }

    [Fact]
    public async Task Forms_of_others_are_refused()
    {
        await node.JoinAsync("bob");
        using var choice = await PostRawAsync("/settings/contacts/follow", $"people=bob&follow-bob=1&{ForgeryTokens.Field}={node.Token("alice", "/settings/contacts")}");
        Assert.Equal(HttpStatusCode.Forbidden, choice.StatusCode);
        Assert.Empty(await FollowingAsync(alice));
        using var list = await UploadAsync("bob"u8.ToArray(), token: "");
        Assert.Equal(HttpStatusCode.Forbidden, list.StatusCode);
        using var nobody = await node.GetAsync("/settings/contacts/following.csv");
        Assert.NotEqual(HttpStatusCode.OK, nobody.StatusCode);
    }

    [Theory]
    [InlineData("", 400, "The list is empty.")]
    [InlineData("b\u00f6b", 400, "UTF-8")]
    [InlineData("<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>", 400, "document type declaration")]
    [InlineData("<html/>", 400, "OPML or FOAF")]
    [InlineData("large", 413, "larger than 1 MiB")]
    [InlineData("many", 400, "more than 5000 people")]
    public async Task A_list_that_cannot_be_read_is_refused_with_the_reason_and_nothing_happens(string text, int status, string reason)
    {
        var list = text switch
        {
            "large" => new string('x', 1024 * 1024) + "y",
            "many" => string.Concat(Enumerable.Range(0, 5001).Select(i => $"a{i}\n")),
            _ => text,
        };
        using var response = await UploadAsync(Encoding.Latin1.GetBytes(list));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(reason, WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        Assert.Empty(await FollowingAsync(alice));
    }

    [Fact]
    public async Task As_many_people_as_a_list_may_have_pass_to_the_last()
    {
        var list = string.Concat(Enumerable.Range(0, 5000).Select(i => $"ü{i}@elsewhere.example,{new string('é', 90)}\n"));
        // As large a form as there can be: UTF-16, all of it escaped on the way back.
        var page = await OfferAsync(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("Account,Name\n" + list[..(400 * 1024)])).ToArray());
        var total = page.Total;
        Assert.InRange(total, 3500, 5000);
        var parts = 1;
        for (; page.Html.Contains("name=\"rest\"", StringComparison.Ordinal); parts++)
            page = await FollowAsync(page);
        Assert.Equal((total, (total + 199) / 200), (page.Total, parts));
        Assert.Equal($"{total} of {total}", page.Progress);
    }

    [Fact]
    public async Task Names_from_a_list_are_shown_as_text()
    {
        var offer = await OfferAsync("Handle,Name\nhttps://elsewhere.example/<script>alert(1)</script>,<script>alert(2)</script>\nx@elsewhere.example,\"\"\" onclick=\"\"alert(3)\"\n");
        Assert.DoesNotContain("<script>alert", offer.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("\" onclick=\"alert", offer.Html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(2)", offer.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("csv", "text/csv")]
    [InlineData("opml", "text/x-opml")]
    [InlineData("vcf", "text/vcard")]
    [InlineData("rdf", "application/rdf+xml")]
    public async Task What_one_takes_along_brings_somebody_else_to_the_same_people(string extension, string mediaType)
    {
        var friends = Enumerable.Range(0, 12).Select(i => $"friend{i}").ToList();
        foreach (var nickname in friends)
        {
            var friend = await node.JoinAsync(nickname);
            await node.Node.UpdateProfileAsync(friend.Id, new ProfileChanges { FullName = $"{nickname}, \"<&\\;' ünïcode" });
            await node.Node.SubscribeAsync(alice.Id, nickname);
        }

        await node.JoinAsync("zoe");
        await HearAsync("eve");
        var path = $"/settings/contacts/following.{extension}";
        Assert.Contains(path, await node.ReadAsync("/settings/contacts", "alice"), StringComparison.Ordinal);
        using var taken = await node.GetAsync(path, "alice");
        Assert.Equal(mediaType, taken.Content.Headers.ContentType!.MediaType);
        Assert.Equal($"alice-following.{extension}", taken.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
        Assert.True(taken.Headers.CacheControl!.NoStore);
        var list = await taken.Content.ReadAsByteArrayAsync();
        Assert.True(list.AsSpan().IndexOf("zoe"u8) < 0);

        var offer = await OfferAsync(list, "zoe");
        await FollowAsync(offer, user: "zoe");

        // Of people elsewhere no feed is known.
        Assert.Equal(extension == "opml" ? [] : ["https://elsewhere.example/eve"], offer.Elsewhere);
        var zoe = (await node.Node.FindLocalAsync("zoe"))!;
        Assert.Equal(friends.Order(StringComparer.Ordinal), await FollowingAsync(zoe));
        Assert.Equal(
            Regex.Matches(Encoding.UTF8.GetString(list), "friend[0-9]+").Select(match => match.Value).Distinct().Order(StringComparer.Ordinal),
            Regex.Matches(await node.ReadAsync(path, "zoe"), "friend[0-9]+").Select(match => match.Value).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task More_than_one_page_of_people_is_taken_along()
    {
        for (var i = 0; i < 1_001; i++)
        {
            await node.JoinAsync($"a{i}");
            await node.Node.SubscribeAsync(alice.Id, $"a{i}");
        }

        var rows = (await node.ReadAsync("/settings/contacts/following.csv", "alice")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("Account address,Show boosts,Notify on new posts,Languages,Profile page", rows[0]);
        Assert.Equal(1_001, rows.Skip(1).Distinct().Count());
    }

    [ForeignFact("newsboat")]
    public async Task Newsboat_takes_the_feeds_in_and_what_it_gives_leads_back()
    {
        foreach (var nickname in new[] { "bob", "carol" })
        {
            await node.JoinAsync(nickname);
            await node.Node.SubscribeAsync(alice.Id, nickname);
        }

        var folder = Directory.CreateTempSubdirectory("microblog-newsboat-").FullName;
        try
        {
            string At(string name) => Path.Combine(folder, name);
            await File.WriteAllTextAsync(At("list.opml"), await node.ReadAsync("/settings/contacts/following.opml", "alice"));
            ForeignProgram.Run("newsboat", "-u", At("urls"), "-c", At("cache.db"), "-i", At("list.opml"));
            var urls = await File.ReadAllLinesAsync(At("urls"));
            Assert.Equal(
                ["https://notes.example/bob/feed.atom", "https://notes.example/carol/feed.atom"],
                urls.Select(line => line.Split(' ')[0]).Where(line => line.Length > 0));
            using var newsboat = ForeignProgram.Start("newsboat", "-u", At("urls"), "-c", At("cache.db"), "-e");
            var exported = new StringBuilder();
            while (await newsboat.ReadTextAsync() is { } line)
                exported.AppendLine(line);

            await node.JoinAsync("zoe");
            Assert.Equal(["bob", "carol"], (await OfferAsync(Encoding.UTF8.GetBytes(exported.ToString()), "zoe")).Offered);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private Task<Offer> OfferAsync(string list) => OfferAsync(Encoding.UTF8.GetBytes(list));

    private async Task<Offer> OfferAsync(byte[] list, string user = "alice")
    {
        using var response = await UploadAsync(list, user);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new Offer(await response.Content.ReadAsStringAsync());
    }

    // Sends the form that the page has, as a browser does.
    private async Task<Offer> FollowAsync(Offer offer, Func<string, bool>? isTicked = null, string user = "alice")
    {
        var fields = offer.Hidden.Concat(offer.Offered.Where(isTicked ?? (_ => true)).Select(nickname => ($"follow-{nickname}", "1"))).ToArray();
        using var response = await node.PostRawAsync("/settings/contacts/follow", user, fields);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new Offer(await response.Content.ReadAsStringAsync());
    }

    private Task<HttpResponseMessage> UploadAsync(byte[] list, string user = "alice", string? token = null)
    {
        var form = new MultipartFormDataContent
        {
            { new StringContent(token ?? node.Token(user, "/settings/contacts")), $"\"{ForgeryTokens.Field}\"" },
            { new StringContent(""), "\"list\"" },
            { new ByteArrayContent(list), "\"file\"", "\"people.bin\"" },
        };
        return node.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/settings/contacts") { Content = form }, user);
    }

    private Task<HttpResponseMessage> PostRawAsync(string path, string form) => node.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(form, Encoding.ASCII, "application/x-www-form-urlencoded") }, "alice");

    private async Task<IReadOnlyList<string>> FollowingAsync(Profile person) => await node.Node.ReadAsync(async (session, ct) =>
        (await session.Archive.ListPublishersAsync(person.Id, SubscriptionState.Active, default, 2_000, ct))
            .Where(entry => entry.Other.IsLocal).Select(entry => entry.Other.Nickname).Order(StringComparer.Ordinal).ToList());

    private async Task<string> StateAsync(params Profile[] people)
    {
        var state = new StringBuilder();
        foreach (var person in people)
        {
            var told = await node.Node.NotificationsAsync(person.Id, PageRequest.Newest(99));
            var subscription = await node.Node.ReadAsync((session, ct) => session.Subscriptions.FindAsync(alice.Id, person.Uri, "", ct));
            state.AppendLine($"{subscription!.Id} {subscription.State} {string.Join(' ', told.Select(entry => entry.Position))}");
        }

        return state.ToString();
    }

    // As if alice had been to elsewhere.example and back.
    private Task<bool> HearAsync(string nickname) => node.Store.ExecuteAsync<bool>(
        async (session, ct) =>
        {
            using var drawn = node.Store.Ids.Draw();
            var id = await session.Profiles.SaveRemoteAsync(
                new Profile
                {
                    Id = drawn.Profile, Uri = ProfileUri.Parse("tag:elsewhere.example,2009:" + nickname), Nickname = nickname, Host = "elsewhere.example",
                    Url = "https://elsewhere.example/" + nickname, IsLocal = false, Scope = drawn.Subscription,
                },
                ct);
            await session.Subscriptions.SaveAsync(
                new Subscription
                {
                    Id = drawn.Subscription, Subscriber = alice.Id, Publisher = id, State = SubscriptionState.Active, Protocol = "test", Peer = "elsewhere.example",
                    IsSubscriberLocal = true, CreatedAt = node.Clock.GetUtcNow(),
                },
                ct);
            return true;
        },
        CancellationToken.None).AsTask();

    /// <summary>The page, as far as the tests read it.</summary>
    private sealed partial record Offer(string Html)
    {
        public IReadOnlyList<string> Offered => [.. Boxes().Matches(Html).Select(match => match.Groups[1].Value)];

        public IReadOnlyList<string> Elsewhere => [.. Targets().Matches(Html).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value))];

        public string Progress => Ways().Match(Html).Groups[1].Value;

        public int Total => int.Parse(Progress.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture);

        public IEnumerable<(string Name, string Value)> Hidden => Inputs().Matches(Form().Match(Html).Value)
            .Select(match => (match.Groups[1].Value, WebUtility.HtmlDecode(match.Groups[2].Value)));

        public IReadOnlyList<string> Group(string title)
        {
            var start = Html.IndexOf("<summary>" + title, StringComparison.Ordinal);
            var group = Html[start..Html.IndexOf("</details>", start, StringComparison.Ordinal)];
            return [.. Addresses().Matches(group).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
        }

        [GeneratedRegex("<input type=\"checkbox\" name=\"follow-([a-z0-9]+)\" value=\"1\" checked ?/?>")]
        private static partial Regex Boxes();

        [GeneratedRegex("name=\"target\" value=\"([^\"]*)\"")]
        private static partial Regex Targets();

        [GeneratedRegex(">([0-9]+ of [0-9]+) looked up<")]
        private static partial Regex Ways();

        [GeneratedRegex("<form id=\"choice\".*?</form>", RegexOptions.Singleline)]
        private static partial Regex Form();

        [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\" ?/?>")]
        private static partial Regex Inputs();

        [GeneratedRegex("class=\"address\">([^<]*)<")]
        private static partial Regex Addresses();
    }

    private sealed class Policy : ISubscriptionPolicy
    {
        public ValueTask<string?> ObjectToAsync(Profile subscriber, Profile publisher, CancellationToken cancellationToken) =>
            new(publisher.Nickname == "unwanted" ? "Not this one." : null);
    }

    private sealed class ScriptedNetwork : IFederationProtocol
    {
        private int asked;

        public int Asked => asked;

        public string Name => "test";

        public ValueTask<SubscribeResult?> SubscribeAsync(Profile subscriber, string target, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref asked);
            return new(new SubscribeResult.Continue(target + "#there"));
        }

        public ValueTask<IReadOnlyList<DeliveryOutcome>> SendAsync(LeasedLane lane, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("Nothing is sent here.");
    }
}
