using System.IO.Compression;
using System.Text;
using Microblog.Archive;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microblog.Testing;
using Microsoft.Extensions.Options;

namespace Microblog.Core.Tests.Archive;

/// <summary>An empty node in memory that imports.</summary>
internal sealed class ArchiveNode
{
    public const string Person = """{"uri":"https://old.example/user/1","nickname":"alice","license":"https://creativecommons.org/licenses/by/4.0/"}""";
    public const string Head = """{"format":"microblog-account","version":1}""";

    public FakeTimeProvider Clock { get; } = new();

    public InMemoryStore Store { get; }

    public AccountArchive Archive { get; }

    public ArchiveNode()
    {
        Store = new InMemoryStore(Clock);
        var options = Options.Create(new MicroblogOptions { BaseUri = new Uri("https://new.example/"), License = License.CcBy40 });
        Archive = new AccountArchive(Store, new NodeAddresses(options), options, Clock);
    }

    public static string Notice(int number, string more = "", string content = "hello") =>
        $$"""{"uri":"https://old.example/notice/{{number}}","published":"2010-01-01T00:00:{{number % 60:D2}}.000Z","content":"{{content}}","visibility":"public"{{more}}}""";

    public static MemoryStream Zip(params (string Name, string Text)[] entries) =>
        ZipBytes([.. entries.Select(entry => (entry.Name, Encoding.UTF8.GetBytes(entry.Text)))]);

    public static MemoryStream ZipBytes(params (string Name, byte[] Content)[] entries) => ZipBytes(CompressionLevel.Optimal, entries);

    private static MemoryStream ZipBytes(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return stream;
    }

    public static MemoryStream Account(params string[] notices) => Account(CompressionLevel.Optimal, notices);

    public static MemoryStream Account(CompressionLevel level, params string[] notices) => ZipBytes(
        level,
        ("microblog.json", Encoding.UTF8.GetBytes(Head)),
        ("profile.json", Encoding.UTF8.GetBytes(Person)),
        ("notices/000001.jsonl", Encoding.UTF8.GetBytes(string.Join('\n', notices))));

    public Task<ImportedAccount> ImportAsync(Stream archive, string? nickname = null) =>
        Archive.ImportAsync(archive, new AccountImport("somebody", nickname));

    /// <summary>Imports what has to be refused, and sees that nothing is left of it.</summary>
    public async Task<ArchiveException> RefuseAsync(Stream archive, string? nickname = null)
    {
        var refused = await Assert.ThrowsAsync<ArchiveException>(() => ImportAsync(archive, nickname));
        Assert.True(await IsEmptyAsync());
        return refused;
    }

    public async Task<bool> IsEmptyAsync() => await Store.ReadAsync(
        Freshness.Latest,
        async (session, ct) =>
            (await session.Profiles.ListLocalAsync(null, 10, ct)).Count == 0
            && await session.Profiles.FindBySubjectAsync("somebody", ct) is null
            && await session.Profiles.FindAsync(ProfileUri.Parse("https://old.example/user/1"), default, ct) is null
            && (await session.Timelines.PublicAsync(default, PageRequest.Newest(10), ct)).Count == 0
            && (await session.Notices.FindAsync(NoticeUri.Parse("https://old.example/notice/1"), ct)).Count == 0,
        CancellationToken.None);
}
