using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Archive;
using Microblog.Storage;

namespace Microblog.Core.Tests.Archive;

/// <summary>An archive is made by anybody.</summary>
public sealed class HostileArchiveTests
{
    private readonly ArchiveNode node = new();

    public static TheoryData<string, string> BadNotices => new()
    {
        { """{"uri":"https://old.example/notice/2"}""", "published" },
        { """{"uri":7,"published":"2010-01-01T00:00:00Z","content":"x","visibility":"public"}""", "uri" },
        { """{"uri":"/relative","published":"2010-01-01T00:00:00Z","content":"x","visibility":"public"}""", "uri" },
        { ArchiveNode.Notice(2, content: ""), "content" },
        { ArchiveNode.Notice(2, content: """a\u0000b"""), "NUL" },
        { ArchiveNode.Notice(2, content: """a\ud800b"""), "half" },
        { ArchiveNode.Notice(2, content: new string('x', 100_001)), "100000" },
        { ArchiveNode.Notice(2).Replace("2010-", "2007-", StringComparison.Ordinal), "before 2008" },
        { ArchiveNode.Notice(2).Replace("2010-", "2027-", StringComparison.Ordinal), "future" },
        { ArchiveNode.Notice(2).Replace("2010-01-01", "2010-13-01", StringComparison.Ordinal), "published" },
        { ArchiveNode.Notice(2, ""","number":9007199254740993"""), "number" },
        { ArchiveNode.Notice(2, ""","number":-1"""), "number" },
        { ArchiveNode.Notice(2, ""","number":1.5"""), "number" },
        { ArchiveNode.Notice(2, ""","number":12345"""), "another time" },
        { ArchiveNode.Notice(2, ""","conversation":9007199254740991"""), "conversation" },
        { ArchiveNode.Notice(2, ""","author":"https://old.example/user/2" """), "somebody else" },
        { ArchiveNode.Notice(2, ""","visibility":"public" """), "JSON" },
        { ArchiveNode.Notice(2).Replace("public", "everybody", StringComparison.Ordinal), "visibility" },
        { ArchiveNode.Notice(2, ""","localOnly":"yes" """), "localOnly" },
        { ArchiveNode.Notice(2, ""","tags":"x" """), "tags" },
        { ArchiveNode.Notice(2, ""","tags":["a b"]"""), "tags" },
        { ArchiveNode.Notice(2, ""","tags":["X"]"""), "tags" },
        { ArchiveNode.Notice(2, ""","url":"javascript:alert(1)" """), "url" },
        { ArchiveNode.Notice(2, ""","replyTo":"nonsense" """), "replyTo" },
        { ArchiveNode.Notice(2, ""","seeAlso":{"url":"ftp://x/"}"""), "seeAlso.url" },
        { ArchiveNode.Notice(2, ""","mentions":[{"uri":"https://b.example/"}]"""), "nickname" },
        { ArchiveNode.Notice(2, ""","mentions":[{"uri":"https://b.example/","nickname":"a\u0007"}]"""), "nickname" },
        { ArchiveNode.Notice(2, ""","extensions":"[]" """), "extensions" },
        { ArchiveNode.Notice(2, ""","a\u0007b":1"""), "name" },
        { "not json", "JSON" },
        { "[]", "JSON" },
        { "", "JSON" },
        { string.Concat(Enumerable.Repeat("""{"a":""", 100)), "JSON" },
        { ArchiveNode.Notice(1), "already" },
        { ArchiveNode.Notice(2).Replace("https://old.example/notice/2", "https://new.example/notice/2", StringComparison.Ordinal), "address of this node" },
    };

    [Theory]
    [MemberData(nameof(BadNotices))]
    public async Task A_bad_line_is_named_and_nothing_is_stored(string line, string said)
    {
        var refused = await node.RefuseAsync(ArchiveNode.Account(ArchiveNode.Notice(1), line, ArchiveNode.Notice(3)));

        Assert.Equal(("notices/000001.jsonl", 2), (refused.Entry, refused.Line));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mutes", """{"since":"2010-01-01T00:00:00Z"}""", "uri")]
    [InlineData("mutes", """{"uri":"https://b.example/","since":"2027-01-01T00:00:00Z"}""", "future")]
    [InlineData("mutes", """{"uri":"https://b.example/","since":"2010-01-01T00:00:00Z","until":"2010-01-01T00:00:00Z"}""", "until")]
    [InlineData("mutes", """{"uri":"https://b.example/","since":"2010-01-01T00:00:00Z","until":"for ever"}""", "until")]
    [InlineData("revisions", """{"until":"2010-01-02T00:00:00Z","content":"x"}""", "notice")]
    [InlineData("revisions", """{"notice":"https://old.example/notice/2","content":"x"}""", "until")]
    [InlineData("revisions", """{"notice":"https://old.example/notice/2","until":"2010-01-02T00:00:00Z"}""", "content")]
    [InlineData("revisions", """{"notice":"https://old.example/notice/2","until":"2027-01-02T00:00:00Z","content":"x"}""", "future")]
    [InlineData("revisions", """{"notice":"https://old.example/notice/2","until":"2010-01-02T00:00:00Z","content":"a\u0000b"}""", "NUL")]
    [InlineData("revisions", """{"notice":"https://old.example/notice/2","until":"2010-01-02T00:00:00Z","content":"x","warning":"two\nlines"}""", "warning")]
    [InlineData("revisions", """{"notice":"https://old.example/notice/2","until":"2010-01-02T00:00:00Z","content":"x","language":"x"}""", "language")]
    [InlineData("revisions", """{"notice":"https://old.example/notice/1","until":"2010-01-02T00:00:00Z","content":"x"}""", "changed")]
    [InlineData("revisions", """{"notice":"https://old.example/notice/9","until":"2010-01-02T00:00:00Z","content":"x"}""", "changed")]
    [InlineData("favourites", """{"since":"2010-01-01T00:00:00Z"}""", "notice")]
    [InlineData("favourites", """{"notice":"/relative","since":"2010-01-01T00:00:00Z"}""", "notice")]
    [InlineData("favourites", """{"notice":"https://b.example/1","since":"2007-01-01T00:00:00Z"}""", "before 2008")]
    public async Task A_bad_line_of_another_part_is_named_and_nothing_is_stored(string part, string line, string said)
    {
        var good = part switch
        {
            "mutes" => """{"uri":"https://a.example/","since":"2010-01-01T00:00:00Z"}""",
            "revisions" => """{"notice":"https://old.example/notice/2","until":"2010-01-01T12:00:00Z","content":"w"}""",
            _ => """{"notice":"https://a.example/1","since":"2010-01-01T00:00:00Z"}""",
        };

        var refused = await node.RefuseAsync(ArchiveNode.Zip(
            ("microblog.json", ArchiveNode.Head), ("profile.json", ArchiveNode.Person),
            ("notices/000001.jsonl", ArchiveNode.Notice(1) + "\n" + ArchiveNode.Notice(2, ""","edited":"2010-01-03T00:00:00Z" """)),
            (part + "/000001.jsonl", good + "\n" + line)));

        Assert.Equal((part + "/000001.jsonl", 2), (refused.Entry, refused.Line));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revision_or_favourite_of_what_others_may_not_see_opens_nothing()
    {
        var bob = await JoinAsync("bob");
        using var drawn = node.Store.Ids.Draw();
        var secret = new Notice
        {
            Id = drawn.Notice, Uri = NoticeUri.Parse("https://new.example/notice/5"), Author = bob, Content = "hush", License = "",
            Visibility = Visibility.Followers, Conversation = drawn.Notice, EditedAt = node.Clock.GetUtcNow(),
        };
        await node.Store.ExecuteAsync((session, ct) => session.Notices.PublishAsync(secret, ct), CancellationToken.None);

        var refused = await Assert.ThrowsAsync<ArchiveException>(() => node.ImportAsync(Account(
            "revisions", """{"notice":"https://new.example/notice/5","until":"2010-01-01T00:00:00Z","content":"I say"}""")));
        var imported = await node.ImportAsync(Account("favourites", """{"notice":"https://new.example/notice/5","since":"2010-01-01T00:00:00Z"}"""));

        Assert.Equal("revisions/000001.jsonl", refused.Entry);
        await node.Store.ReadAsync(
            Freshness.Latest,
            async (session, ct) =>
            {
                Assert.Empty(await session.Notices.ListRevisionsAsync(secret.Id, ct));
                Assert.Equal(0, (await session.Notices.FindAsync(secret.Id, bob, ct))!.Notice.Counts.Favourites);
                Assert.Empty(await session.Timelines.FavouritesAsync(imported.Profile.Id, bob, PageRequest.Newest(9), ct));
                return true;
            },
            CancellationToken.None);

        static MemoryStream Account(string part, string line) =>
            ArchiveNode.Zip(("microblog.json", ArchiveNode.Head), ("profile.json", ArchiveNode.Person), (part + "/000001.jsonl", line));
    }

    [Theory]
    [InlineData("""{"nickname":"alice"}""", "uri")]
    [InlineData("""{"uri":"https://old.example/user/1","nickname":"Root/../x"}""", "Import under another one")]
    [InlineData("""{"uri":"https://old.example/user/1","nickname":"admin"}""", "Import under another one")]
    [InlineData("""{"uri":"https://old.example/user/1","nickname":"alice","homepage":"javascript:x"}""", "homepage")]
    [InlineData("""{"uri":"https://new.example/user/77","nickname":"alice"}""", "")]
    [InlineData("""{"uri":"https://new.example/","nickname":"alice"}""", "belongs to nobody")]
    [InlineData("""{"uri":"https://new.example/user/9007199254740991","nickname":"alice"}""", "belongs to nobody")]
    public async Task A_bad_profile_is_refused(string profile, string said)
    {
        if (said.Length == 0)
        {
            await node.Store.ExecuteAsync(
                (session, ct) => session.Profiles.SaveRemoteAsync(
                    new Profile { Id = new ProfileId(77), Uri = ProfileUri.Parse("tag:x,2009:y"), Nickname = "x", Url = "", IsLocal = false, Scope = new SubscriptionId(5) }, ct),
                CancellationToken.None);
            said = "in use";
        }

        var refused = await node.RefuseAsync(ArchiveNode.Zip(("microblog.json", ArchiveNode.Head), ("profile.json", profile)));

        Assert.Equal("profile.json", refused.Entry);
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"format":"microblog-account","version":2}""", "version")]
    [InlineData("""{"format":"something","version":1}""", "format")]
    [InlineData("""{"version":1}""", "format")]
    public async Task Another_format_or_a_newer_version_is_refused(string head, string said) =>
        Assert.Contains(said, (await node.RefuseAsync(ArchiveNode.Zip(("microblog.json", head), ("profile.json", ArchiveNode.Person)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("C:\\x")]
    [InlineData("a\u001b[31mb")]
    [InlineData("notices\\000001.jsonl")]
    public async Task A_path_that_leads_elsewhere_is_refused_and_not_repeated(string name)
    {
        var refused = await node.RefuseAsync(ArchiveNode.Zip(("microblog.json", ArchiveNode.Head), ("profile.json", ArchiveNode.Person), (name, "x")));

        Assert.DoesNotContain(name, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Entry 3", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_stands_there_twice_is_refused() =>
        await node.RefuseAsync(ArchiveNode.Zip(("microblog.json", ArchiveNode.Head), ("profile.json", ArchiveNode.Person), ("profile.json", ArchiveNode.Person)));

    [Fact]
    public async Task What_is_no_archive_at_all_is_refused()
    {
        await node.RefuseAsync(new MemoryStream());
        await node.RefuseAsync(new MemoryStream(Encoding.UTF8.GetBytes("PK\u0003\u0004 and nothing else")));
        Assert.Contains("microblog.json", (await node.RefuseAsync(ArchiveNode.Zip(("a.txt", "x")))).Message, StringComparison.Ordinal);
        Assert.Equal("profile.json", (await node.RefuseAsync(ArchiveNode.Zip(("microblog.json", ArchiveNode.Head)))).Entry);
    }

    [Fact]
    public async Task A_small_file_that_grows_without_end_is_refused_before_it_is_read()
    {
        using var bomb = ArchiveNode.ZipBytes(
            ("microblog.json", Encoding.UTF8.GetBytes(ArchiveNode.Head)),
            ("profile.json", Encoding.UTF8.GetBytes(ArchiveNode.Person)),
            ("notices/000001.jsonl", new byte[100 * 1024 * 1024]));
        Assert.InRange(bomb.Length, 0, 200_000);

        Assert.Contains("times the archive's size", (await node.RefuseAsync(bomb)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("profile.json", "alice", "alike")]
    [InlineData("notices/000001.jsonl", "hello", "jello")]
    public async Task A_damage_that_leaves_sense_behind_shows_in_the_checksum(string entry, string before, string after)
    {
        // Not compressed, so that the text stands in the file as it is.
        var bytes = ArchiveNode.Account(CompressionLevel.NoCompression, ArchiveNode.Notice(1)).ToArray();
        var at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(before));
        Encoding.ASCII.GetBytes(after).CopyTo(bytes, at);

        var refused = await node.RefuseAsync(new MemoryStream(bytes));

        Assert.Equal(entry, refused.Entry);
        Assert.Contains("is damaged", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task An_entry_that_is_longer_or_shorter_than_the_archive_says_is_refused(int more)
    {
        var bytes = ArchiveNode.Account(ArchiveNode.Notice(1)).ToArray();
        // The last entry of the directory: 46 bytes, of which the 25th begins its length, and then its name.
        var length = bytes.AsSpan(bytes.AsSpan().LastIndexOf("notices/000001.jsonl"u8) - 22);
        BinaryPrimitives.WriteInt32LittleEndian(length, BinaryPrimitives.ReadInt32LittleEndian(length) + more);

        Assert.Equal("notices/000001.jsonl", (await node.RefuseAsync(new MemoryStream(bytes))).Entry);
    }

    [Fact]
    public async Task An_endless_line_is_refused()
    {
        var refused = await node.RefuseAsync(ArchiveNode.ZipBytes(
            ("microblog.json", Encoding.UTF8.GetBytes(ArchiveNode.Head)),
            ("profile.json", Encoding.UTF8.GetBytes(ArchiveNode.Person)),
            ("notices/000001.jsonl", new byte[5 * 1024 * 1024])));

        Assert.Contains("longer than", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_that_is_none_is_refused() =>
        Assert.Equal("picture", (await node.RefuseAsync(ArchiveNode.Zip(
            ("microblog.json", ArchiveNode.Head), ("profile.json", ArchiveNode.Person), ("picture", "<svg onload=alert(1)>")))).Entry);

    [Fact]
    public async Task Other_entries_and_fields_are_named_and_left_out()
    {
        using var archive = ArchiveNode.Zip(
            ("microblog.json", ArchiveNode.Head), ("profile.json", ArchiveNode.Person.Replace("{", """{"pronouns":"she",""", StringComparison.Ordinal)),
            ("marks/000001.jsonl", "{}"), ("notices/000001.jsonl", ArchiveNode.Notice(1, ""","mood":"fine","seeAlso":{"url":"https://m.example/","size":9}""")));

        var imported = await node.ImportAsync(archive);

        Assert.Equal(["marks/000001.jsonl", "notices: mood", "notices: seeAlso.size", "profile.json: pronouns"], imported.LeftOut);
        Assert.Equal(1, imported.Notices);
    }

    [Fact]
    public async Task A_nickname_that_somebody_has_or_had_is_refused_and_another_one_helps()
    {
        await JoinAsync("alice");
        using var archive = ArchiveNode.Account(ArchiveNode.Notice(1));

        var refused = await Assert.ThrowsAsync<ArchiveException>(() => node.ImportAsync(archive));

        Assert.Contains("nickname alice", refused.Message, StringComparison.Ordinal);
        Assert.Equal("alicia", (await node.ImportAsync(archive, "alicia")).Profile.Nickname);
        Assert.Contains("here already", (await Assert.ThrowsAsync<ArchiveException>(() => node.ImportAsync(archive, "third"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_has_an_account_does_not_get_another()
    {
        await JoinAsync("bob", "somebody");

        var refused = await Assert.ThrowsAsync<ArchiveException>(() => node.ImportAsync(ArchiveNode.Account()));

        Assert.Contains("has one already, bob", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_does_not_open_the_conversation_of_a_notice_that_was_not_for_everybody()
    {
        var bob = await JoinAsync("bob");
        using var drawn = node.Store.Ids.Draw();
        var secret = new Notice
        {
            Id = drawn.Notice, Uri = NoticeUri.Parse("https://new.example/notice/5"), Author = bob, Content = "hush",
            License = "", Visibility = Visibility.Followers, Conversation = drawn.Notice,
        };
        await node.Store.ExecuteAsync(
            async (session, ct) =>
            {
                await session.Notices.PublishAsync(secret, ct);
                return true;
            },
            CancellationToken.None);

        var number = drawn.Value.ToString(CultureInfo.InvariantCulture);
        var imported = await node.ImportAsync(ArchiveNode.Account(
            ArchiveNode.Notice(1, $$""","replyTo":"https://new.example/notice/5","conversation":{{number}}""")));

        var notice = (await node.Store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Archive.ListNoticesAsync(imported.Profile.Id, default, 10, ct), CancellationToken.None))[0];
        Assert.Equal((default, notice.Id, "https://new.example/notice/5"), (notice.ReplyTo, notice.Conversation, notice.ReplyToUri));
    }

    [Fact]
    public async Task An_import_that_is_cancelled_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        using var archive = ArchiveNode.Account([.. Enumerable.Range(1, 2_000).Select(i => ArchiveNode.Notice(i))]);
        var progress = new Stopper(stop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => node.Archive.ImportAsync(archive, new AccountImport("somebody"), progress, stop.Token));

        Assert.True(await node.IsEmptyAsync());
        Assert.Equal(2_000, (await node.ImportAsync(archive)).Notices);
    }

    [Fact]
    public void Whatever_is_damaged_in_an_archive_it_is_taken_whole_or_refused_and_nothing_seen()
    {
        var bytes = ArchiveNode.Account([.. Enumerable.Range(1, 20).Select(i => ArchiveNode.Notice(i, ""","tags":["x"]"""))]).ToArray();
        var taken = 0;
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new System.Random(seed);
            for (var i = 0; i < 5; i++)
                taken += Survive(random.Next(3) == 0 ? DamageText(random) : Damaged.Copy(bytes, random, 3)) ? 1 : 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

        // Else the damage would be too great to reach anything, or too small to matter.
        Assert.InRange(taken, 10, 1_400);
    }

    // Whether it was taken.
    private static bool Survive(byte[] damaged)
    {
        var node = new ArchiveNode();
        using var archive = new MemoryStream(damaged);
        try
        {
            node.ImportAsync(archive).GetAwaiter().GetResult();
            return true;
        }
        catch (ArchiveException)
        {
            Assert.True(node.IsEmptyAsync().GetAwaiter().GetResult());
            return false;
        }
    }

    // Under sound checksums.
    private static byte[] DamageText(System.Random random)
    {
        var lines = Enumerable.Range(1, 20).Select(i => ArchiveNode.Notice(i, ""","mentions":[{"uri":"https://b.example/","nickname":"b"}],"conversation":5"""));
        string Change(string text) => random.Next(2) == 0 ? text : Encoding.UTF8.GetString(Damaged.Copy(Encoding.UTF8.GetBytes(text), random, 3));
        return ArchiveNode.Zip(
            ("microblog.json", ArchiveNode.Head), ("profile.json", Change(ArchiveNode.Person)), ("notices/000001.jsonl", Change(string.Join('\n', lines)))).ToArray();
    }

    private async Task<ProfileId> JoinAsync(string nickname, string? subject = null)
    {
        using var drawn = node.Store.Ids.Draw();
        var profile = new Profile
        {
            Id = drawn.Profile, Uri = ProfileUri.Parse($"https://new.example/user/{drawn.Value}"), Nickname = nickname, Url = $"https://new.example/{nickname}", IsLocal = true,
        };
        Assert.Equal(AddProfileResult.Added, await node.Store.ExecuteAsync(
            (session, ct) => session.Profiles.AddLocalAsync(profile, subject ?? nickname, ct), CancellationToken.None));
        return profile.Id;
    }

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<ArchiveProgress>
    {
        public void Report(ArchiveProgress value)
        {
            if (value.Step == ArchiveStep.Storing)
                stop.Cancel();
        }
    }
}
