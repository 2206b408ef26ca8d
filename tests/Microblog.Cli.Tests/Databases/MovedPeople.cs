using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Microblog.Storage;

namespace Microblog.Cli.Tests.Databases;

/// <summary>Three people with all that an archive can hold: much, a little of everything, and nothing.</summary>
internal static class MovedPeople
{
    /// <summary>Their nicknames.</summary>
    public static readonly string[] Names = ["alice", "bob", "carol"];

    private static readonly DateTimeOffset Start = new(2010, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // Many batches of a copy, so that it can be killed between them.
    private static readonly int[] Notices = [20_000, 12, 0];

    public static async Task MoveInAsync(NodeFile node, string directory)
    {
        await using (var store = node.CreateStore())
            await store.StartAsync(CancellationToken.None);
        for (var i = 0; i < Names.Length; i++)
        {
            var file = Path.Combine(directory, "in-" + Names[i]);
            Write(file, Names[i], Notices[i]);
            await RunAsync("import", file, "--subject", $"user {i}", "--base-uri", "https://here.example/", "--database", node.Name);
        }

        await using var follower = node.CreateStore();
        await follower.StartAsync(CancellationToken.None);
        await follower.ExecuteAsync(
            async (session, token) =>
            {
                var zoe = new Profile { Id = new ProfileId(2), Uri = ProfileUri.Parse("https://there.example/zoe"), Nickname = "zoe", Url = "https://there.example/zoe", IsLocal = false, Host = "there.example" };
                await session.Profiles.SaveRemoteAsync(zoe, token);
                var bob = (await session.Profiles.FindLocalAsync("bob", token))!;
                await session.Subscriptions.SaveAsync(Follow(3, zoe, bob), token);
                await session.Subscriptions.SaveAsync(Follow(4, bob, (await session.Profiles.FindLocalAsync("alice", token))!), token);
                return true;
            },
            CancellationToken.None);
    }

    /// <returns>Everybody's archive.</returns>
    public static async Task<List<byte[]>> ExportAsync(string database, string directory)
    {
        var archives = new List<byte[]>();
        foreach (var name in Names)
        {
            var file = Path.Combine(directory, $"out-{name}");
            await RunAsync("export", name, file, "--database", database);
            archives.Add(await File.ReadAllBytesAsync(file));
            File.Delete(file);
        }

        return archives;
    }

    private static async Task RunAsync(params string[] arguments)
    {
        var (code, output) = await Tool.RunAsync(["account", .. arguments]);
        Assert.True(code == 0, output);
    }

    private static Subscription Follow(long id, Profile subscriber, Profile publisher) => new()
    {
        Id = new SubscriptionId(id),
        Subscriber = subscriber.Id,
        Publisher = publisher.Id,
        State = SubscriptionState.Active,
        Protocol = subscriber.IsLocal ? "" : "omb",
        IsSubscriberLocal = subscriber.IsLocal,
        Peer = subscriber.Host,
        Endpoint = subscriber.IsLocal ? "" : "https://there.example/post",
        ProfileEndpoint = subscriber.IsLocal ? "" : "https://there.example/profile",
        Token = subscriber.IsLocal ? "" : "t",
        CreatedAt = Start.AddDays(1),
    };

    private static void Write(string path, string name, int notices)
    {
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        Add(zip, "microblog.json", [new { format = "microblog-account", version = 1 }]);
        Add(zip, "profile.json", [new { uri = $"https://old.example/{name}", nickname = name, fullName = "née 🎈 'quoted\"", bio = notices > 0 ? "名前\\n" : "", license = "https://creativecommons.org/licenses/by/4.0/", approvesFollowers = name == "bob" }]);
        if (notices == 0)
            return;
        var others = Enumerable.Range(0, 5).Select(i => (object)new { uri = $"https://far.example/{name}/{i}", nickname = $"far{i}", url = $"https://far.example/{i}", fullName = $"Ｆ{i}", since = Time(i) });
        Add(zip, "following/000001.jsonl", others);
        Add(zip, "followers/000001.jsonl", others);
        Add(zip, "blocks/000001.jsonl", [new { uri = "https://troll.example/", since = Time(0) }]);
        var picture = Microblog.Media.Identicon.Create(name);
        var file = BlobKey.Of(picture) + ".png";
        using (var entry = zip.CreateEntry("files/" + file).Open())
            entry.Write(picture);
        Add(zip, "notices/000001.jsonl", Enumerable.Range(1, notices).Select(number => (object)new
        {
            uri = Uri(name, number),
            published = Time(number),
            content = $"notice {number} 😀 \u200F #x",
            url = number % 2 == 0 ? "" : Uri(name, number),
            license = "https://creativecommons.org/licenses/by/4.0/",
            visibility = new[] { "public", "unlisted", "followers", "direct" }[number % 4],
            localOnly = number % 5 == 0,
            replyTo = number % 3 == 0 ? Uri(name, number - 1) : "",
            attachments = number % 100 == 1 ? new object[] { new { file, description = $"née 🎈 {number}" } } : [],
            tags = number % 2 == 0 ? ["x", "é"] : Array.Empty<string>(),
            mentions = number % 10 == 0 ? new object[] { new { uri = "https://far.example/m", nickname = "m", url = "https://far.example/m" } } : [],
        }));
    }

    private static string Uri(string name, int number) => string.Create(CultureInfo.InvariantCulture, $"https://old.example/{name}/{number}");

    private static string Time(int minutes) => Start.AddMinutes(minutes).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void Add(ZipArchive zip, string entry, IEnumerable<object> lines)
    {
        using var writer = new StreamWriter(zip.CreateEntry(entry).Open());
        foreach (var line in lines)
            writer.Write(JsonSerializer.Serialize(line) + "\n");
    }
}
