using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microblog.Federation.Tests;

namespace Microblog.Cluster.Tests.Clients;

/// <summary>The client API over two processes.</summary>
public sealed class ClientApiTests(SharedCluster cluster) : IClassFixture<SharedCluster>
{
    private const string Credentials = "api/account/verify_credentials.json";

    [ClusterFact]
    public async Task A_program_that_is_thrown_out_on_one_process_is_refused_by_the_other_at_once_also_what_it_has_already()
    {
        using var alice = await cluster.JoinAsync("alice");
        using var program = await ApiProgram.OfAsync(alice, cluster.Address);
        var tag = await KnownAsync(known => program.GetAsync(cluster.Other, Credentials, known));

        await alice.OpenAsync(new Uri(cluster.One, "settings/applications"));
        await alice.SubmitToAsync("/settings/applications/revoke");

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program.GetAsync(cluster.Other, Credentials, tag)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program.GetAsync(cluster.Other, Credentials)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program.PostAsync(cluster.Other, "api/statuses/update.json", ("status", "still in?"))));
    }

    [ClusterFact]
    public async Task A_password_that_is_removed_on_one_process_is_refused_by_the_other_at_once_also_for_what_was_had_already()
    {
        using var bert = await cluster.JoinAsync("bert");
        await bert.OpenAsync(new Uri(cluster.One, "settings/passwords"));
        await bert.SubmitAsync(("name", "old program"));
        var password = ApiProgram.Shown(bert, "password");
        var tag = await KnownAsync(known => ByPasswordAsync("bert", password, known));

        await bert.SubmitToAsync("/settings/passwords/remove");

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(ByPasswordAsync("bert", password, tag)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(ByPasswordAsync("bert", password, null)));
    }

    [ClusterFact]
    public async Task Who_is_suspended_on_one_process_may_do_nothing_on_the_other_at_once_and_nobody_sees_their_notices_there()
    {
        using var carl = await cluster.JoinAsync("carl");
        // Of somebody else, for with carl all his programs rest.
        using var program = await ApiProgram.OfAsync(cluster.Operator, cluster.Address, carl);
        var notice = (string)(await JsonAsync(program.PostAsync(cluster.One, "api/statuses/update.json", ("status", "soon unseen"))))["id_str"]!;
        var own = await KnownAsync(known => program.GetAsync(cluster.Other, Credentials, known));
        var shown = await KnownAsync(known => AskAsync($"api/statuses/show/{notice}.json", known));
        var feed = await KnownAsync(known => AskAsync("carl/feed.atom", known));

        await cluster.Operator.OpenAsync(new Uri(cluster.One, "operator/people?person=carl"));
        await cluster.Operator.SubmitAsync(("standing", "suspended"), ("reason", "spam"));

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(program.GetAsync(cluster.Other, Credentials, own)));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(program.PostAsync(cluster.Other, "api/statuses/update.json", ("status", "still here?"))));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(AskAsync($"api/statuses/show/{notice}.json", shown)));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(AskAsync("carl/feed.atom", feed)));
    }

    [ClusterFact]
    public async Task A_program_that_turns_read_only_on_one_process_writes_nothing_by_the_other_and_reads_on()
    {
        using var dora = await cluster.JoinAsync("dora");
        using var program = await ApiProgram.OfAsync(dora, cluster.Address);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program.PostAsync(cluster.Other, "api/statuses/update.json", ("status", "as long as I may"))));

        await dora.OpenAsync(new Uri(cluster.One, "settings/applications/" + program.Key));
        await dora.SubmitAsync(("name", "Reader"), ("homepage", "https://client.example/"));

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program.PostAsync(cluster.Other, "api/statuses/update.json", ("status", "and longer"))));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program.PostAsync(cluster.Other, "api/friendships/create/olga.json")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program.GetAsync(cluster.Other, Credentials)));
        Assert.Equal(["as long as I may"], await WrittenByAsync("dora"));
    }

    [ClusterFact]
    public async Task A_write_that_one_process_took_is_refused_by_the_other_and_a_read_by_the_one_that_answered_it()
    {
        using var emil = await cluster.JoinAsync("emil");
        using var program = await ApiProgram.OfAsync(emil, cluster.Address);
        // Remembered before anything is done.
        var follow = program.Sign(HttpMethod.Post, "api/friendships/create/olga.json");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program.SendAsync(cluster.One, follow)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program.SendAsync(cluster.Other, follow)));
        // Remembered with what is done. It has to be gone: the same again within a minute would be refused for that.
        var post = program.Sign(HttpMethod.Post, "api/statuses/update.json", ("status", "once"));
        var notice = (string)(await JsonAsync(program.SendAsync(cluster.One, post)))["id_str"]!;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program.PostAsync(cluster.One, $"api/statuses/destroy/{notice}.json")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program.SendAsync(cluster.Other, post)));
        Assert.Empty(await WrittenByAsync("emil"));

        var read = program.Sign(HttpMethod.Get, Credentials);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program.SendAsync(cluster.One, read)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program.SendAsync(cluster.One, read)));
        // What we gave up (decision 0012).
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program.SendAsync(cluster.Other, read)));
    }

    [ClusterFact]
    public async Task What_is_posted_through_one_process_is_at_home_through_the_other_and_whoever_goes_on_by_numbers_there_misses_nothing()
    {
        using var frida = await cluster.JoinAsync("frida");
        using var gustav = await cluster.JoinAsync("gustav");
        await gustav.FollowAsync(cluster.Address, "frida");
        using var hers = await ApiProgram.OfAsync(frida, cluster.Address);
        using var his = await ApiProgram.OfAsync(gustav, cluster.Address);
        var written = Enumerable.Range(1, 6).Select(i => $"notice {i}").ToList();
        foreach (var (text, i) in written.Select((text, i) => (text, i)))
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(hers.PostAsync(i % 2 == 0 ? cluster.One : cluster.Other, "api/statuses/update.json", ("status", text))));
            // Pages show the newest at once.
            await gustav.OpenAsync(new Uri(i % 2 == 0 ? cluster.Other : cluster.One, "home"));
            Assert.Contains(text, gustav.Html, StringComparison.Ordinal);
        }

        // Numbers come three seconds later (decision 0007), and then none that is lower.
        var (since, read) = (0L, new List<string>());
        while (read.Count < written.Count)
        {
            var more = await Waiting.UntilAsync(
                async () => (await JsonAsync(his.GetAsync(cluster.Other, $"api/statuses/home_timeline.json?since_id={since}"))).AsArray(), page => page.Count > 0);
            read.AddRange(more.Reverse().Select(status => (string)status!["text"]!));
            since = (long)more[0]!["id"]!;
        }

        Assert.Equal(written, read);
    }

    /// <summary>Has something answered until it is answered 304, from whatever memory there is.</summary>
    private static async Task<EntityTagHeaderValue> KnownAsync(Func<EntityTagHeaderValue?, Task<HttpResponseMessage>> askAsync)
    {
        using var first = await askAsync(null);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        for (var again = 0; again < 3; again++)
            Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(askAsync(first.Headers.ETag)));
        return first.Headers.ETag!;
    }

    private Task<HttpResponseMessage> ByPasswordAsync(string nickname, string password, EntityTagHeaderValue? known) =>
        AskAsync(Credentials, known, new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{nickname}:{password}"))));

    private async Task<HttpResponseMessage> AskAsync(string path, EntityTagHeaderValue? known, AuthenticationHeaderValue? authorization = null)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(cluster.Other, path));
        request.Headers.Authorization = authorization;
        if (known is not null)
            request.Headers.IfNoneMatch.Add(known);
        return await client.SendAsync(request);
    }

    private Task<IReadOnlyList<string>> WrittenByAsync(string nickname) => cluster.QueryAsync(
        $"SELECT n.content FROM microblog.notice n JOIN microblog.profile p ON p.id = n.author AND p.is_local AND p.nickname = '{nickname}' WHERE NOT n.is_deleted ORDER BY n.id");

    private static async Task<HttpStatusCode> StatusAsync(Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        return response.StatusCode;
    }

    private static async Task<JsonNode> JsonAsync(Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }
}
