using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microblog.Archive;
using Microblog.Delivery;
using Microblog.Feeds;
using Microblog.Http;
using Microblog.Live;
using Microblog.Pages;
using Microblog.Scheduling;
using Microblog.Storage;
using Microblog.Storage.Conformance;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Microblog.Core.Tests.Storage;

/// <summary>Also looks at open streams and the firehose while the worlds go their way, and at the feeds and the archives of their people at the end: what comes is
/// what the model shows, no more and no less.</summary>
public sealed class InMemoryVisibilityTests() : VisibilityConformance(new InMemoryFixture()), IDisposable
{
    private readonly List<Stream> streams = [];
    private LiveFeed? feed;
    private NoticeId seen;
    private ChangePlace told;

    public void Dispose() => feed?.Dispose();

    internal override ValueTask OpenAsync(VisibilityModel model, NoticeId start)
    {
        var starter = new AtOnce();
        var options = Options.Create(new MicroblogOptions());
        feed?.Dispose();
        feed = new LiveFeed(Store, new LiveEvents(new Plain()), new DeliverySignal(starter), starter, Clock, options, NullLogger<LiveFeed>.Instance);
        streams.Clear();
        foreach (var viewer in model.People.Select(person => person.Id).Append(default))
        {
            foreach (var list in ListsOf(model, viewer))
                streams.Add(Stream.Open(feed, list, At(start)));
        }

        (seen, told) = (start, new ChangePlace(At(start), default));
        return default;
    }

    internal override async ValueTask LookAsync(VisibilityModel model)
    {
        // What is awaited goes on at once, on this thread, where nobody has a context of their own.
        SynchronizationContext.SetSynchronizationContext(null);
        OpenConversations(model);
        await feed!.TellAllAsync(default);
        foreach (var stream in streams)
        {
            var allowed = ItemsOf(model, stream.List).ToList();
            var sent = stream.TakeNew();
            Assert.Empty(sent.Except(allowed.Select(item => item.Text)));
            Assert.Empty(allowed.Where(item => item.Place > seen).Select(item => item.Text).Except(sent));
        }

        await FollowFirehoseAsync(model);
        seen = NewNoticeId();
    }

    // Where somebody has answered. All of it is new to these.
    private void OpenConversations(VisibilityModel model)
    {
        foreach (var conversation in model.Notices.Where(shown => shown.Notice.Id > seen && shown.Notice.Conversation != shown.Notice.Id)
            .Select(shown => shown.Notice.Conversation).Distinct().ToList())
        {
            foreach (var viewer in model.People.Select(person => person.Id).Append(default))
            {
                var list = new LiveList(LiveKind.Conversation, viewer) { Conversation = conversation };
                if (streams.TrueForAll(stream => stream.List != list))
                    streams.Add(Stream.Open(feed!, list, default));
            }
        }
    }

    internal override async ValueTask CloseAsync(VisibilityModel model)
    {
        var options = Options.Create(new MicroblogOptions { BaseUri = new Uri("https://here.example/"), License = License.CcBy40 });
        var archive = new AccountArchive(Store, new NodeAddresses(options), options, Clock);
        foreach (var person in model.People)
        {
            using var file = new MemoryStream();
            await archive.ExportAsync(person, file);
            using var zip = new ZipArchive(file);
            var lines = zip.Entries.Where(entry => entry.Name.EndsWith(".jsonl", StringComparison.Ordinal)).SelectMany(LinesOf).ToLookup(line => line.Part, line => line.Name);
            CompareArchive(model, person.Id, lines);
        }

        await CompareFeedsAsync(model);
        await CompareFirehoseAsync(model);
    }

    // Whoever begins anew with all of it ends with what the public timeline shows.
    private async Task CompareFirehoseAsync(VisibilityModel model)
    {
        var mirror = new Dictionary<string, string>();
        var found = await ReadFirehoseAsync("1");
        foreach (var item in found)
        {
            if (item.Text is null)
                mirror.Remove(item.Uri);
            else
                mirror[item.Uri] = item.Text;
        }

        var expected = model.Notices.Where(model.IsListed).OrderBy(shown => shown.Notice.Id).ToList();
        var known = model.Notices.Select(shown => shown.Notice.Uri.Value).ToHashSet();
        Assert.Equal(
            expected.Select(shown => shown.Notice.Uri.Value),
            found.Where(item => item.Name == "notice" && known.Contains(item.Uri)).Select(item => item.Uri));
        Assert.Equal(
            expected.Select(shown => (shown.Notice.Uri.Value, shown.Notice.Content)).Order(),
            mirror.Where(pair => known.Contains(pair.Key)).Select(pair => (pair.Key, pair.Value)).Order());
    }

    // Whoever goes on from the last event is told what was published since, as it is now, and what became of what stands before that event.
    private async Task FollowFirehoseAsync(VisibilityModel model)
    {
        var published = model.Notices.Where(shown => At(shown.Notice.Id) > told.Position && model.IsListed(shown))
            .Select(shown => (Place: (At(shown.Notice.Id), default(NoticeId)), Name: "notice", Shown: shown));
        var changed = model.Notices.Where(shown => shown.Notice is { IsRemote: false, IsLocalOnly: false, Visibility: Visibility.Public }
                && (shown.Changed, shown.Notice.Id).CompareTo((told.Position, told.Notice)) > 0 && At(shown.Notice.Id) <= told.Position)
            .Select(shown => (Place: (shown.Changed, shown.Notice.Id), Name: model.IsListed(shown) ? "update" : "delete", Shown: shown));
        var expected = published.Concat(changed).OrderBy(item => item.Place)
            .Select(item => (item.Name, item.Shown.Notice.Uri.Value, item.Name == "delete" ? null : item.Shown.Notice.Content));

        var found = await ReadFirehoseAsync(told.Notice.IsNone ? $"{told.Position}" : $"{told.Position}.{told.Notice}");
        Assert.Equal(expected, found.Select(item => (item.Name, item.Uri, item.Text)));
        if (found.Count > 0)
            told = found[^1].Place;
    }

    private async Task<List<(ChangePlace Place, string Name, string Uri, string? Text)>> ReadFirehoseAsync(string lastId)
    {
        await using var node = InMemoryNode.Create(Clock, store: Store);
        using var firehose = ActivatorUtilities.CreateInstance<Firehose>(node);
        var request = new NodeRequest
        {
            Method = "GET",
            Origin = "https://here.example",
            RawTarget = "/firehose",
            Headers = new Dictionary<string, StringValues> { ["Last-Event-ID"] = lastId },
        };
        var body = (NodeBody.Streamed)(await firehose.Routes.Single().Handler(request, default)).Body;
        using var stop = new CancellationTokenSource();
        using var stream = new MemoryStream();
        // The store answers at once, so all that is there is written before the stream waits for the first time.
        var writing = body.WriteAsync(stream, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        return [.. Encoding.UTF8.GetString(stream.ToArray()).Split("\n\n").Where(item => item.StartsWith("id: ", StringComparison.Ordinal)).Select(EventOf)];
    }

    private static (ChangePlace Place, string Name, string Uri, string? Text) EventOf(string text)
    {
        var fields = text.Split('\n').Select(line => line.Split(": ", 2)[1]).ToArray();
        var place = fields[0].Split('.').Select(long.Parse).ToArray();
        using var json = JsonDocument.Parse(fields[2]);
        return (
            new ChangePlace(new TimelinePosition(place[0]), new NoticeId(place.ElementAtOrDefault(1))),
            fields[1],
            json.RootElement.GetProperty("id").GetString()!,
            json.RootElement.TryGetProperty("content_text", out var content) ? content.GetString() : null);
    }

    private async Task CompareFeedsAsync(VisibilityModel model)
    {
        await using var node = InMemoryNode.Create(Clock, store: Store);
        var routes = ActivatorUtilities.CreateInstance<FeedRoutes>(node).Routes.ToDictionary(route => route.Template, route => route.Handler);
        await CompareFeedAsync("", "", shown => shown.Notice is { IsRemote: false, Visibility: Visibility.Public } && !model.IsMuted(shown, default));
        await CompareFeedAsync("/tag/{tag}", "cats", shown => shown.Notice.Visibility == Visibility.Public && shown.Notice.Tags.Contains("cats") && !model.IsMuted(shown, default));
        foreach (var person in model.People.Where(person => !model.IsHidden(person.Id)))
        {
            await CompareFeedAsync("/{nickname}", person.Nickname, shown => model.AuthorFor(shown, default) == person.Id);
            await CompareFeedAsync("/{nickname}/favourites", person.Nickname, shown => shown.Favourites.ContainsKey(person.Id), shown => shown.Favourites[person.Id]);
        }

        foreach (var conversation in model.Notices.Select(shown => shown.Notice.Conversation).Distinct())
            await CompareFeedAsync("/conversation/{id}", conversation.ToString(), shown => shown.Notice.Conversation == conversation);

        async Task CompareFeedAsync(string list, string value, Func<VisibilityModel.Shown, bool> filter, Func<VisibilityModel.Shown, NoticeId>? place = null)
        {
            var expected = model.Notices.Where(shown => filter(shown) && model.CanSee(shown, default))
                .OrderByDescending(place ?? (shown => shown.Notice.Id)).Select(shown => shown.Notice.Uri.Value);
            var found = new List<string>();
            for (var next = "https://here.example/feed.json"; next is not null;)
            {
                var request = new NodeRequest
                {
                    Method = "GET",
                    Origin = "https://here.example",
                    RawTarget = new Uri(next).PathAndQuery,
                    Headers = new Dictionary<string, StringValues>(),
                    RouteValues = list.Length == 0 ? new Dictionary<string, object?>() : new Dictionary<string, object?> { [list.Split('{', '}')[1]] = value },
                };
                var response = await routes[list + "/feed.json"](request, default);
                // A conversation of which nothing is to be seen.
                if (response.Status == 404)
                    break;
                using var json = JsonDocument.Parse(((NodeBody.Bytes)response.Body).Content);
                found.AddRange(json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
                next = json.RootElement.TryGetProperty("next_url", out var older) ? older.GetString() : null;
            }

            // Earlier worlds of this test stand in some of these lists too.
            Assert.Equal(expected, found.Intersect(model.Notices.Select(shown => shown.Notice.Uri.Value)));
        }
    }

    private static IEnumerable<LiveList> ListsOf(VisibilityModel model, ProfileId viewer)
    {
        yield return new LiveList(LiveKind.Public, viewer);
        yield return new LiveList(LiveKind.Tag, viewer, "cats");
        foreach (var group in model.Groups.Keys)
            yield return new LiveList(LiveKind.Group, viewer) { Group = group };
        if (viewer.IsNone)
            yield break;
        yield return new LiveList(LiveKind.Home, viewer);
        yield return new LiveList(LiveKind.Notifications, viewer);
    }

    // What the model lets stand in a list, as the stream says it, and where it stands.
    private static IEnumerable<(string Text, NoticeId Place)> ItemsOf(VisibilityModel model, LiveList list)
    {
        var viewer = list.Viewer;
        foreach (var shown in model.Notices.Where(shown => model.CanSee(shown, viewer)))
        {
            var isListed = list.Kind switch
            {
                LiveKind.Home => shown.Home.ContainsKey(viewer),
                LiveKind.Notifications => shown.Notice.Mentions.Contains(viewer) && shown.Notice.Author != viewer,
                LiveKind.Group => shown.Groups.Contains(list.Group),
                LiveKind.Conversation => shown.Notice.Conversation == list.Conversation,
                LiveKind.Public => shown.Notice is { IsRemote: false, Visibility: Visibility.Public },
                _ => shown.Notice.Visibility == Visibility.Public && shown.Notice.Tags.Contains(list.Name),
            };
            // Who opens a conversation finds those whom they mute, too.
            if (isListed && (list.Kind == LiveKind.Conversation || !model.IsMuted(shown, viewer)))
            {
                var told = list.Kind == LiveKind.Notifications ? "mention " + NicknameOf(model, shown.Notice.Author) : "";
                yield return (Text(model, shown, viewer, told), list.Kind == LiveKind.Home ? shown.Home[viewer].Place : shown.Notice.Id);
            }

            if (list.Kind != LiveKind.Notifications || shown.Notice.IsRemote || shown.Notice.Author != viewer)
                continue;
            foreach (var (person, place) in shown.Favourites.Where(mark => mark.Key != viewer))
            {
                if (!model.IsHidden(person) && !model.IsBlocked(person, viewer) && !model.IsMuted(person, viewer))
                    yield return (Text(model, shown, viewer, "favourite " + NicknameOf(model, person)), place);
            }
        }
    }

    private static string NicknameOf(VisibilityModel model, ProfileId person) => model.People.Single(other => other.Id == person).Nickname;

    private static string Text(VisibilityModel model, VisibilityModel.Shown shown, ProfileId viewer, string told)
    {
        var repeated = shown.Repeated is { } original && model.CanSee(original, viewer) ? original.Notice.Id : default;
        return $"{told} {shown.Notice.Id}: {model.AuthorFor(shown, viewer)} {repeated}";
    }

    private static void CompareArchive(VisibilityModel model, ProfileId person, ILookup<string, string> lines)
    {
        var there = model.Notices.Where(shown => !shown.IsDeleted).ToList();
        Assert.Equal(there.Where(shown => shown.Notice.Author == person).OrderBy(shown => shown.Notice.Id).Select(shown => shown.Notice.Uri.Value), lines["notices"]);
        Assert.Equal(
            there.Where(shown => shown.Favourites.ContainsKey(person)).OrderBy(shown => shown.Favourites[person]).Select(shown => shown.Notice.Uri.Value),
            lines["favourites"]);
        AssertSame(model.Blocks.Where(block => block.Blocker == person).Select(block => block.Blocked.Value), lines["blocks"]);
        AssertSame(model.Mutes.Where(mute => mute.Muter == person).Select(mute => mute.Muted.Value), lines["mutes"]);
        var active = model.Subscriptions.Where(found => found.State == SubscriptionState.Active).ToList();
        AssertSame(active.Where(found => found.Publisher == person).Select(found => model.UriOf(found.Subscriber).Value), lines["followers"]);
        // The model does not say whether the one remote person is still heard.
        AssertSame(
            active.Where(found => found.Subscriber == person).Select(found => model.UriOf(found.Publisher).Value),
            lines["following"].Where(uri => !uri.StartsWith("https://there.example/", StringComparison.Ordinal)));
        Assert.Equal(
            model.Groups.Values.Count(people => people.GetValueOrDefault(person) >= GroupStanding.Member), lines["groups"].Count());
        Assert.Equal(
            there.Where(shown => shown.Notice.Author == person && shown.Notice.EditedAt is not null).Select(shown => shown.Notice.Uri.Value).Order(),
            lines["revisions"].Distinct().Order());
    }

    private static void AssertSame(IEnumerable<string> expected, IEnumerable<string> found) =>
        Assert.Equal(expected.Distinct().Order(StringComparer.Ordinal), found.Distinct().Order(StringComparer.Ordinal));

    private static IEnumerable<(string Part, string Name)> LinesOf(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var part = entry.FullName.Split('/')[0];
            var field = part switch { "favourites" or "revisions" => "notice", "groups" => "nickname", _ => "uri" };
            yield return (part, json.RootElement.GetProperty(field).GetString()!);
        }
    }

    /// <summary>What has come to one reader.</summary>
    private sealed class Stream(LiveList list, MemoryStream output)
    {
        private int taken;

        public LiveList List => list;

        public static Stream Open(LiveFeed feed, LiveList list, TimelinePosition position)
        {
            Assert.Equal(LiveRoom.Given, feed.TryOpen(list, position, new PageFrame("here", "", null), "tester", int.MaxValue, out var reader));
            var output = new MemoryStream();
            SynchronizationContext.SetSynchronizationContext(null);
            _ = feed.WriteAsync(reader!, output, default).AsTask();
            return new Stream(list, output);
        }

        public List<string> TakeNew()
        {
            var text = Encoding.UTF8.GetString(output.GetBuffer(), taken, (int)output.Length - taken);
            taken = (int)output.Length;
            return [.. text.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => TextOf(line[6..]))];
        }

        private static string TextOf(string data)
        {
            using var json = JsonDocument.Parse(data);
            var item = json.RootElement;
            var told = item.TryGetProperty("kind", out var kind) ? $"{kind.GetString()} {item.GetProperty("actor").GetString()}" : "";
            return $"{told} {item.GetProperty("id").GetString()}: {item.GetProperty("html").GetString()}";
        }
    }

    /// <summary>Says of a notice who wrote it, and what it repeats, as the reader is shown it.</summary>
    private sealed class Plain : IPageRenderer
    {
        public ValueTask<string> RenderAsync(Page page, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<string> RenderNoticeAsync(ListedNotice item, PageFrame frame, CancellationToken cancellationToken) =>
            new($"{item.Entry.Author.Id} {item.Entry.Repeated?.Notice.Id ?? default}");
    }

    private sealed class AtOnce : TaskStarter
    {
        public override Task Start(Func<Task> work) => work();
    }
}
