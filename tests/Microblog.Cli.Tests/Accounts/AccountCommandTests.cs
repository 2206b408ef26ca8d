using System.Globalization;
using System.IO.Compression;
using Microblog.Cli.Tests.Databases;
using Microblog.Storage;

namespace Microblog.Cli.Tests.Accounts;

/// <summary>An account moves from the command line.</summary>
public sealed class AccountCommandTests : IDisposable
{
    private const int Notices = 30_000;

    private readonly NodeFile node = new();
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-account-");

    public void Dispose()
    {
        node.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task An_account_goes_in_and_comes_out_the_same()
    {
        await CreateAsync(node);
        using var empty = new NodeFile();
        await CreateAsync(empty);
        Write(At("first.zip"), 10);

        Assert.Equal((0, true), Said(await ImportAsync(node.Name, "first.zip"), "alice is here: 10 notices"));
        Assert.Equal((0, true), Said(await Tool.RunAsync("account", "export", "alice", At("second.zip"), "--database", node.Name), "alice is in "));
        Assert.Equal((0, true), Said(await ImportAsync(empty.Name, "second.zip"), "alice is here: 10 notices"));
        Assert.Equal(0, (await Tool.RunAsync("account", "export", "alice", At("third.zip"), "--database", empty.Name)).Code);

        Assert.Equal(await File.ReadAllBytesAsync(At("second.zip")), await File.ReadAllBytesAsync(At("third.zip")));
    }

    [DatabaseFact]
    public async Task PostgreSQL_takes_an_account_in_and_gives_the_same_bytes_as_SQLite()
    {
        await CreateAsync(node);
        await using var server = new NodeServer();
        await server.Database.UpgradeAsync(CancellationToken.None);
        Write(At("first.zip"), 10);

        Assert.Equal((0, true), Said(await ImportAsync(node.Name, "first.zip"), "alice is here: 10 notices"));
        Assert.Equal((0, true), Said(await ImportAsync(server.Name, "first.zip"), "alice is here: 10 notices"));
        foreach (var (name, file) in new[] { (node.Name, "sqlite.zip"), (server.Name, "postgres.zip") })
            Assert.Equal((0, true), Said(await Tool.RunAsync("account", "export", "alice", At(file), "--database", name), "alice is in "));

        Assert.Equal(await File.ReadAllBytesAsync(At("sqlite.zip")), await File.ReadAllBytesAsync(At("postgres.zip")));
        Assert.Equal((2, true), Said(await ImportAsync(server.Name, "first.zip", "2"), "here already, as alice"));
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_one_line_and_nothing_is_changed()
    {
        await CreateAsync(node);
        Write(At("a.zip"), 1);
        await File.WriteAllTextAsync(At("bad.zip"), "nothing of the kind");

        Assert.Equal((2, true), Said(await ImportAsync(node.Name, "bad.zip"), "no ZIP file"));
        Assert.Equal((2, true), Said(await Tool.RunAsync("account", "import", At("a.zip"), "--subject", "1", "--database", node.Name), "Give --base-uri"));
        Assert.Equal((2, true), Said(await Tool.RunAsync("account", "export", "alice", At("x.zip"), "--database", node.Name), "nobody of the nickname alice"));
        Assert.False(File.Exists(At("x.zip")));
        Assert.Equal(0, (await ImportAsync(node.Name, "a.zip")).Code);
        Assert.Equal((2, true), Said(await ImportAsync(node.Name, "a.zip", "2"), "here already, as alice"));
        Assert.Equal((2, true), Said(await Tool.RunAsync("account", "export", "alice", At("a.zip"), "--database", node.Name), "a.zip"));
    }

    [Fact]
    public async Task An_import_that_is_killed_shows_nothing_and_begins_anew()
    {
        await CreateAsync(node);
        Write(At("big.zip"), Notices);

        using (var process = Tool.Start(null, "account", "import", At("big.zip"), "--subject", "1", "--base-uri", "https://new.example/", "--database", node.Name))
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith("Storing", StringComparison.Ordinal))
            {
            }

            process.Kill();
            await process.WaitForExitAsync();
        }

        Assert.InRange(node.Ask<long>("SELECT count(*) FROM microblog_notice"), 1, Notices - 1);
        Assert.Equal(0, await VisibleAsync());

        Assert.Equal(0, (await ImportAsync(node.Name, "big.zip")).Code);
        Assert.Equal(Notices, node.Ask<long>("SELECT count(*) FROM microblog_notice"));
        Assert.Equal(PageRequest.MaxCount, await VisibleAsync());
    }

    private static (int Code, bool IsSaid) Said((int Code, string Output) result, string text) =>
        (result.Code, result.Output.Contains(text, StringComparison.Ordinal) ? true : throw new Xunit.Sdk.XunitException(result.Output));

    private static async Task CreateAsync(NodeFile file)
    {
        await using var store = file.CreateStore();
        await store.StartAsync(CancellationToken.None);
    }

    private static void Write(string path, int notices)
    {
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        Add(zip, "microblog.json", """{"format":"microblog-account","version":1}""");
        Add(zip, "profile.json", """{"uri":"https://old.example/user/1","nickname":"alice","license":"https://creativecommons.org/licenses/by/4.0/"}""");
        var start = new DateTimeOffset(2010, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Add(zip, "notices/1.jsonl", string.Join('\n', Enumerable.Range(1, notices).Select(number => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"uri":"https://old.example/notice/{{number}}","published":"{{start.AddMinutes(number):O}}","content":"notice {{number}}","visibility":"public"}"""))));
    }

    private static void Add(ZipArchive zip, string name, string text)
    {
        using var writer = new StreamWriter(zip.CreateEntry(name).Open());
        writer.Write(text);
    }

    private string At(string name) => Path.Combine(directory.FullName, name);

    private Task<(int Code, string Output)> ImportAsync(string database, string archive, string subject = "1") =>
        Tool.RunAsync("account", "import", At(archive), "--subject", subject, "--base-uri", "https://new.example/", "--database", database);

    private async Task<int> VisibleAsync()
    {
        await using var store = node.CreateStore();
        await store.StartAsync(CancellationToken.None);
        return await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) => (await session.Timelines.PublicAsync(default, PageRequest.Newest(PageRequest.MaxCount), ct)).Count,
            CancellationToken.None);
    }
}
