using System.Text;
using Microblog.Applications;
using Microblog.Http;
using Microblog.Storage;
using Microblog.Storage.Conformance;
using Microblog.Storage.InMemory;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Newtonsoft.Json.Linq;

namespace Microblog.TwitterApi.Tests;

/// <summary>Random worlds: at the end of each, every list and every single notice of the API is what the plain model shows, no more and no less.</summary>
public sealed class ApiVisibilityTests() : VisibilityConformance(new MemoryFixture())
{
    internal override async ValueTask CloseAsync(VisibilityModel model)
    {
        // A host that is never started: what it is asked does not come by the network.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        var services = builder.Services;
        services.AddSingleton<TimeProvider>(Clock);
        services.AddMicroblog(options =>
        {
            options.BaseUri = new Uri("https://here.example/");
            options.License = License.CcBy40;
        }).UseInMemory().AddOmb().AddTwitterApi(api => api.AcceptBasic = true);
        services.AddSingleton(Store);
        await using var host = builder.Build();
        var node = host.Services;
        foreach (var person in model.People.Where(person => !model.IsHidden(person.Id)))
        {
            var password = (await node.GetRequiredService<PasswordDesk>().MakeAsync(person.Id, "worlds")).Value;
            await CompareAsync(model, new Reader(node.GetRequiredService<NodeRouter>(), person.Id, $"{person.Nickname}:{password.Text}"));
        }

        await CompareAsync(model, new Reader(node.GetRequiredService<NodeRouter>(), default, ""));
    }

    private static async Task CompareAsync(VisibilityModel model, Reader reader)
    {
        var viewer = reader.Person;
        await ListAsync("statuses/public_timeline", shown => shown.Notice is { IsRemote: false, Visibility: Visibility.Public } && !model.IsMuted(shown, viewer));
        await ListAsync("statusnet/tags/timeline/cats", shown => shown.Notice.Visibility == Visibility.Public && shown.Notice.Tags.Contains("cats") && !model.IsMuted(shown, viewer));
        foreach (var group in model.Groups.Keys)
            await ListAsync($"statusnet/groups/timeline/{group}", shown => shown.Groups.Contains(group) && !model.IsMuted(shown, viewer));
        foreach (var author in model.People.Where(person => !model.IsHidden(person.Id)))
        {
            await ListAsync("statuses/user_timeline", shown => model.AuthorFor(shown, viewer) == author.Id, $"user_id={author.Id}");
            var favourites = (JArray)(await reader.AskAsync($"favorites.json?count=200&user_id={author.Id}"))!;
            Assert.Equal(Uris(shown => shown.Favourites.ContainsKey(author.Id), shown => shown.Favourites[author.Id]), Own(favourites));
        }

        foreach (var conversation in model.Notices.Select(shown => shown.Notice.Conversation).Distinct())
            await ListAsync($"statusnet/conversation/{conversation}", shown => shown.Notice.Conversation == conversation);
        foreach (var shown in model.Notices)
        {
            var answer = await reader.AskAsync($"statuses/show/{shown.Notice.Id}.json");
            Assert.Equal(model.CanSee(shown, viewer) && shown.Notice.Visibility != Visibility.Direct, answer is not null);
            if (answer is not null)
                await AnsweredAsync(shown, answer);
        }

        var search = (JArray)(await reader.AskAsync("search/tweets.json?count=100&q=%23cats"))!["statuses"]!;
        Assert.Empty(Own(search).Except(Uris(shown => shown.Notice.Tags.Contains("cats"))));
        if (viewer.IsNone)
            return;
        await ListAsync("statuses/home_timeline", shown => shown.Home.ContainsKey(viewer) && !model.IsMuted(shown, viewer), place: shown => shown.Home[viewer].Place);
        await ListAsync("statuses/mentions", shown => shown.Notice.Mentions.Contains(viewer) && !model.IsMuted(shown, viewer));
        await MessagesAsync("direct_messages", shown => shown.Notice.Author != viewer && shown.Notice.Audience.Contains(viewer));
        await MessagesAsync("direct_messages/sent", shown => shown.Notice.Author == viewer);

        async Task ListAsync(string path, Func<VisibilityModel.Shown, bool> filter, string parameters = "", Func<VisibilityModel.Shown, NoticeId>? place = null)
        {
            var found = new List<string>();
            for (var max = ""; ;)
            {
                var page = (JArray)(await reader.AskAsync($"{path}.json?count=7&{parameters}{max}"))!;
                if (page.Count == 0)
                    break;
                found.AddRange(Own(page));
                max = $"&max_id={(long)page[^1]!["id"]! - 1}";
            }

            Assert.Equal(Uris(filter, place), found);
        }

        // Of what nobody shows to the reader they are told neither number nor address.
        async Task AnsweredAsync(VisibilityModel.Shown shown, JToken json)
        {
            var answered = model.Notices.Find(other => other.Notice.Id == shown.Notice.ReplyTo);
            var isTold = answered is not null && model.CanSee(answered, viewer);
            Assert.Equal(isTold ? answered!.Notice.Id.Value : null, (long?)json["in_reply_to_status_id"]);
            Assert.Equal(isTold ? answered!.Notice.Id.ToString() : null, (string?)json["in_reply_to_status_id_str"]);
            Assert.Equal(isTold, await reader.ReadAsync($"statuses/show/{shown.Notice.Id}.atom") is { } atom && atom.Contains("in-reply-to", StringComparison.Ordinal));
        }

        async Task MessagesAsync(string path, Func<VisibilityModel.Shown, bool> filter)
        {
            var page = (JArray)(await reader.AskAsync($"{path}.json?count=200"))!;
            var all = model.Notices.Select(shown => shown.Notice.Id.Value).ToHashSet();
            var expected = model.Notices.Where(shown => shown.Notice.Visibility == Visibility.Direct && filter(shown) && model.CanSee(shown, viewer))
                .Select(shown => shown.Notice.Id.Value).OrderDescending();
            Assert.Equal(expected, page.Select(message => (long)message["id"]!).Where(all.Contains));
        }

        // Earlier worlds of this test stand in some of these lists too.
        IEnumerable<string> Own(JArray page) => page.Select(status => (string)status["uri"]!)
            .Intersect(model.Notices.Select(shown => shown.Notice.Uri.Value));

        IEnumerable<string> Uris(Func<VisibilityModel.Shown, bool> filter, Func<VisibilityModel.Shown, NoticeId>? place = null) => model.Notices
            .Where(shown => filter(shown) && shown.Notice.Visibility != Visibility.Direct && model.CanSee(shown, viewer))
            .OrderByDescending(place ?? (shown => shown.Notice.Id)).Select(shown => shown.Notice.Uri.Value);
    }

    private sealed record Reader(NodeRouter Router, ProfileId Person, string Credentials)
    {
        /// <summary>The answer; nothing where there is nothing that may be seen.</summary>
        public async Task<JToken?> AskAsync(string path) => await ReadAsync(path) is { } text ? JToken.Parse(text) : null;

        /// <inheritdoc cref="AskAsync"/>
        public async Task<string?> ReadAsync(string path)
        {
            var response = await Router.DispatchAsync(
                new NodeRequest
                {
                    Method = "GET",
                    Origin = "https://here.example",
                    RawTarget = "/api/" + path,
                    IsSecure = true,
                    Headers = Credentials.Length == 0 ? new Dictionary<string, StringValues>() : new Dictionary<string, StringValues>
                    {
                        ["Authorization"] = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Credentials)),
                    },
                },
                default);
            if (response.Status is 404 or 410)
                return null;
            var text = Encoding.UTF8.GetString(((NodeBody.Bytes)response.Body).Content.Span);
            Assert.True(response.Status == 200, $"{path}: {response.Status} {text}");
            return text;
        }
    }

    private sealed class MemoryFixture : IStoreFixture
    {
        public IMicroblogStore CreateStore(TimeProvider clock) => new InMemoryStore(clock);

        public void Dispose()
        {
            // Nothing outlives the store.
        }
    }
}
