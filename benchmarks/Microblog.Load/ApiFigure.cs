using System.Text;
using Microblog.Applications;
using Microblog.Load.Ingest;
using Microblog.Load.Servers;
using Microblog.Omb.OAuth;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Load;

/// <summary>The Twitter-compatible API with signed requests: home timelines, posts, and answers that nothing has changed, beside a bare endpoint that sends the
/// same bytes and stores one row durably for each post.</summary>
internal static class ApiFigure
{
    private const int Authors = 20;
    private const int MostPerSecond = 30_000;
    private const int WarmUps = 2;

    public static async Task RunAsync(LoadOptions options, TemporaryDirectory place, CancellationToken cancellationToken)
    {
        var database = new NodeDatabase(place.At("api"), null);
        Console.Error.WriteLine($"Filling: {options.Notices:N0} notices");
        var (reader, authors) = await PrepareAsync(database, options.Notices);
        await using var node = await ServerProcess.StartAsync("api", database.Directory);
        var (home, tag) = await FetchAsync(node.Address, reader, cancellationToken);
        var bareFiles = place.At("bare");
        await File.WriteAllBytesAsync(Path.Combine(bareFiles, "home.json"), home, cancellationToken);
        await using var bare = await ServerProcess.StartAsync("api-bare", bareFiles);
        Console.WriteLine($"One page of 20: {home.Length:N0} bytes");
        Console.WriteLine($"fsync of 4 KiB, one thread: {Machine.MeasureSynchronisations(place.At("sync"), TimeSpan.FromSeconds(2)):N0} a second");
        Console.WriteLine();
        Console.WriteLine("| connections | what | node | bare | ratio | processor time of a request, node | bare |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        var number = 0;
        foreach (var connections in options.Connections)
        {
            await MeasureAsync(connections, "home timeline of 20", 200, (call, _) => Get(reader, call, ""));
            await MeasureAsync(connections, "the same, unchanged: 304", 304, (call, _) => Get(reader, call, $"If-None-Match: {tag}\r\n"));
            await MeasureAsync(connections, "post, durable", 200, (call, i) => Post(authors[i % authors.Count], call));
        }

        async Task MeasureAsync(int connections, string what, int status, Func<int, int, byte[]> make)
        {
            var (nodes, bares, nodeTimes, bareTimes) = (new Sample(), new Sample(), new Sample(), new Sample());
            for (var round = -WarmUps; round < options.Rounds; round++)
            {
                var requests = new byte[(int)(options.Duration.TotalSeconds * MostPerSecond)][];
                var first = number;
                number += requests.Length;
                Parallel.For(0, requests.Length, i => requests[i] = make(first + i, i));
                var ofNode = await LoadGenerator.RunAsync([node], requests, connections, options.Duration, cancellationToken, status);
                var ofBare = await LoadGenerator.RunAsync([bare], requests, connections, options.Duration, cancellationToken, status);
                Console.Error.WriteLine($"{connections} connections, {what}, round {round + 1}: {ofNode} and {ofBare}");
                if (round < 0)
                    continue;
                nodes.Add(ofNode.PerSecond);
                bares.Add(ofBare.PerSecond);
                nodeTimes.Add(ofNode.ProcessorTime);
                bareTimes.Add(ofBare.ProcessorTime);
            }

            Console.WriteLine(
                $"| {connections} | {what} | {nodes.Median:N0}/s | {bares.Median:N0}/s | {nodes.Median / bares.Median:F2} | {nodeTimes.Median:F0} µs | {bareTimes.Median:F0} µs |");
        }
    }

    private static async Task<(Client Reader, IReadOnlyList<Client> Authors)> PrepareAsync(NodeDatabase database, int notices)
    {
        await using var application = NodeServer.Build(database, configure: NodeServer.AddApi);
        await application.StartAsync();
        var services = application.Services;
        var node = services.GetRequiredService<MicroblogNode>();
        var store = services.GetRequiredService<IMicroblogStore>();
        var owner = (await node.JoinAsync("reader", "reader")).Value;
        await Filling.SubscribeAsync(store, owner.Id, 100);
        await Filling.AddNoticesAsync(database, owner.Id, notices, new NoticeId(owner.Id.Value - (1 << 12)));
        var reader = await Client.LetInAsync(services, owner);
        var authors = new List<Client>();
        for (var i = 0; i < Authors; i++)
            authors.Add(await Client.LetInAsync(services, (await node.JoinAsync($"author{i}", $"author{i}")).Value));
        await application.StopAsync();
        return (reader, authors);
    }

    private static async Task<(byte[] Home, string Tag)> FetchAsync(Uri address, Client reader, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/statuses/home_timeline.json");
        request.Headers.Host = "node.example";
        request.Headers.TryAddWithoutValidation("Authorization", reader.Sign("GET", "statuses/home_timeline.json", []).Authorization);
        using var answer = await http.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadAsByteArrayAsync(cancellationToken), answer.Headers.ETag!.Tag);
    }

    private static byte[] Get(Client client, int number, string headers) => Encoding.ASCII.GetBytes(
        $"GET /api/statuses/home_timeline.json HTTP/1.1\r\nHost: node.example\r\n{headers}"
        + $"Authorization: {client.Sign("GET", "statuses/home_timeline.json", []).Authorization}\r\nX-Number: {number}\r\n\r\n");

    private static byte[] Post(Client client, int number)
    {
        var call = client.Sign(
            "POST", "statuses/update.json", [new("status", $"{number}: walked along the river this morning & counted 14 herons, more than last year. #birds")]);
        return Encoding.ASCII.GetBytes(
            $"POST /api/statuses/update.json HTTP/1.1\r\nHost: node.example\r\nAuthorization: {call.Authorization}\r\n"
            + $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {call.Form.Length}\r\n\r\n{call.Form}");
    }

    /// <summary>An application in somebody's account.</summary>
    private sealed record Client(string Key, string Secret, TokenCredentials Token)
    {
        public static async Task<Client> LetInAsync(IServiceProvider services, Profile person)
        {
            var registered = (await services.GetRequiredService<ApplicationDesk>().RegisterAsync(
                person.Id, new ApplicationDetails { Name = "Load", MayWrite = true })).Value;
            var fresh = TokenCredentials.Create();
            var granted = await services.GetRequiredService<IMicroblogStore>().ExecuteAsync(
                (session, ct) => services.GetRequiredService<AccessDesk>().GrantAsync(
                    session, person.Id, registered.Application.Key, true, new AccessSecret(fresh.Token, fresh.Secret), ct),
                CancellationToken.None);
            return new Client(registered.Application.Key, registered.Secret, new TokenCredentials(granted!.Token, granted.Secret));
        }

        public SignedCall Sign(string method, string path, IEnumerable<KeyValuePair<string, string>> fields) =>
            new OAuthSigner(Key, Secret).Sign(
                method, new Uri($"{NodeServer.Root}api/{path}"), fields, Token, RequestStamp.Fresh(DateTimeOffset.UtcNow), OAuthPlacement.Header);
    }
}
