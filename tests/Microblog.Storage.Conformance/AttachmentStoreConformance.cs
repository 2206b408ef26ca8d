namespace Microblog.Storage.Conformance;

public abstract class AttachmentStoreConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task An_upload_is_found_with_every_field_and_belongs_to_nothing()
    {
        var alice = await AddLocalAsync("alice");
        var upload = await UploadAsync(alice, "née 🎈 \"<");

        var stored = await Read(session => session.Attachments.FindAsync(upload.Id, None));
        Assert.Equal((upload, alice.Id, default), (stored!.Attachment, stored.Owner, stored.Notice));
        Assert.Null(await Read(session => session.Attachments.FindAsync(new AttachmentId(7), None)));
    }

    [Fact]
    public async Task A_notice_has_its_pictures_in_their_order_in_every_list()
    {
        var alice = await AddLocalAsync("alice");
        var (one, other) = (await UploadAsync(alice, "first"), await UploadAsync(alice, ""));
        var notice = await PublishAsync(alice, other, one);

        Assert.Equal([other, one], (await Read(session => session.Notices.FindAsync(notice.Id, default, None)))!.Notice.Attachments);
        Assert.Equal([other, one], (await Read(session => session.Timelines.HomeAsync(alice.Id, PageRequest.Newest(9), None)))[0].Notice.Attachments);
        Assert.Equal([other, one], (await Read(session => session.Archive.ListNoticesAsync(alice.Id, default, 9, None)))[0].Attachments);
        Assert.Equal(notice.Id, (await Read(session => session.Attachments.FindAsync(one.Id, None)))!.Notice);
    }

    [Fact]
    public async Task Uploads_are_attached_all_or_none_and_once_and_by_whoever_uploaded_them()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (one, other, bobs) = (await UploadAsync(alice), await UploadAsync(alice), await UploadAsync(bob));
        var notice = NewNoticeId();

        Assert.False(await Write(session => session.Attachments.AttachAsync([one.Id, bobs.Id], alice.Id, notice, None)));
        Assert.False(await Write(session => session.Attachments.AttachAsync([one.Id, new AttachmentId(7)], alice.Id, notice, None)));
        Assert.All([one, other, bobs], upload => Assert.True(Find(upload).Notice.IsNone));
        Assert.True(await Write(session => session.Attachments.AttachAsync([one.Id], alice.Id, notice, None)));
        Assert.False(await Write(session => session.Attachments.AttachAsync([other.Id, one.Id], alice.Id, NewNoticeId(), None)));
        Assert.True(Find(other).Notice.IsNone);

        StoredAttachment Find(Attachment upload) => Read(session => session.Attachments.FindAsync(upload.Id, None)).AsTask().Result!;
    }

    [Fact]
    public async Task Of_many_notices_that_want_an_upload_at_once_one_gets_it()
    {
        var alice = await AddLocalAsync("alice");
        var upload = await UploadAsync(alice);
        var won = await AtOnceAsync(8, _ => Write(session => session.Attachments.AttachAsync([upload.Id], alice.Id, NewNoticeId(), None)));
        Assert.Single(won, isWon => isWon);
    }

    [Fact]
    public async Task Only_the_own_upload_that_belongs_to_no_notice_is_described_and_removed()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (loose, attached) = (await UploadAsync(alice), await UploadAsync(alice));
        await PublishAsync(alice, attached);

        Assert.True(await Write(session => session.Attachments.DescribeAsync(loose.Id, alice.Id, "a cat", None)));
        Assert.Equal("a cat", (await Read(session => session.Attachments.FindAsync(loose.Id, None)))!.Attachment.Description);
        Assert.False(await Write(session => session.Attachments.DescribeAsync(loose.Id, bob.Id, "mine", None)));
        Assert.False(await Write(session => session.Attachments.DescribeAsync(attached.Id, alice.Id, "late", None)));
        Assert.False(await Write(session => session.Attachments.RemoveAsync(loose.Id, bob.Id, None)));
        Assert.False(await Write(session => session.Attachments.RemoveAsync(attached.Id, alice.Id, None)));
        Assert.True(await Write(session => session.Attachments.RemoveAsync(loose.Id, alice.Id, None)));
        Assert.Null(await Read(session => session.Attachments.FindAsync(loose.Id, None)));
    }

    [Fact]
    public async Task A_persons_pictures_are_measured_each_with_its_least_charge()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        Assert.Equal(0, await Read(session => session.Attachments.MeasureAsync(alice.Id, None)));
        await UploadAsync(alice, size: 1);
        await UploadAsync(alice, size: 1_000_000);
        await UploadAsync(bob, size: 5_000);
        Assert.Equal(1_004_096, await Read(session => session.Attachments.MeasureAsync(alice.Id, None)));
    }

    [Fact]
    public async Task What_is_named_is_named_by_any_attachment_and_a_deleted_notice_names_nothing()
    {
        var alice = await AddLocalAsync("alice");
        var (kept, gone) = (await UploadAsync(alice), await UploadAsync(alice));
        var notice = await PublishAsync(alice, gone);
        var nobodys = BlobKey.Of("x"u8);

        Assert.Equal(2, (await Named()).Count);
        Assert.True(await DeleteAsync(notice.Id));
        Assert.Equal([kept.Blob], await Named());
        Assert.Null(await Read(session => session.Attachments.FindAsync(gone.Id, None)));

        ValueTask<IReadOnlyList<BlobKey>> Named() => Read(session => session.Attachments.FindNamedAsync([nobodys, kept.Blob, gone.Blob], None));
    }

    [Fact]
    public async Task Whoever_leaves_takes_all_their_pictures_along_and_nobody_elses()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (loose, attached, bobs) = (await UploadAsync(alice), await UploadAsync(alice), await UploadAsync(bob));
        var notice = await PublishAsync(alice, attached);
        var other = await PublishAsync(bob, bobs);
        await Write(session => session.Profiles.DeleteLocalAsync(alice.Id, None));

        Assert.Null(await Read(session => session.Attachments.FindAsync(loose.Id, None)));
        Assert.Null(await Read(session => session.Attachments.FindAsync(attached.Id, None)));
        Assert.Empty((await Read(session => session.Archive.FindNoticeAsync(notice.Id, None)))!.Attachments);
        Assert.Equal([bobs], (await Read(session => session.Archive.FindNoticeAsync(other.Id, None)))!.Attachments);
        Assert.NotNull(await Read(session => session.Attachments.FindAsync(bobs.Id, None)));
    }

    [Fact]
    public async Task Uploads_that_no_notice_took_are_pruned_oldest_first()
    {
        var alice = await AddLocalAsync("alice");
        var attached = await UploadAsync(alice);
        await PublishAsync(alice, attached);
        var (first, second) = (await UploadAsync(alice), await UploadAsync(alice));
        Clock.Advance(TimeSpan.FromHours(25));
        var fresh = await UploadAsync(alice);
        var before = Clock.GetUtcNow() - TimeSpan.FromHours(24);

        Assert.Equal(1, await Write(session => session.Attachments.PruneAsync(before, 1, None)));
        Assert.Null(await Read(session => session.Attachments.FindAsync(first.Id, None)));
        Assert.NotNull(await Read(session => session.Attachments.FindAsync(second.Id, None)));
        Assert.Equal(1, await Write(session => session.Attachments.PruneAsync(before, 9, None)));
        Assert.NotNull(await Read(session => session.Attachments.FindAsync(fresh.Id, None)));
        Assert.NotNull(await Read(session => session.Attachments.FindAsync(attached.Id, None)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256 * 1024)]
    [InlineData(256 * 1024 + 1)]
    [InlineData(1_000_000)]
    public async Task Bytes_come_back_as_they_were(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        await Store.Blobs.WriteAsync(BlobKey.Of(content), content, None);
        await Store.Blobs.WriteAsync(BlobKey.Of(content), content, None);
        Assert.Equal(content, await BytesAsync(BlobKey.Of(content)));
    }

    [Fact]
    public async Task Bytes_under_another_key_than_their_own_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Blobs.WriteAsync(BlobKey.Of("a"u8), "b"u8.ToArray(), None).AsTask());
        Assert.Null(await Store.Blobs.OpenAsync(BlobKey.Of("a"u8), None));
        Assert.Null(await Store.Blobs.OpenAsync(BlobKey.Of("b"u8), None));
    }

    [Fact]
    public async Task Keys_are_listed_in_their_order_page_by_page()
    {
        Assert.Empty(await Store.Blobs.ListAsync(null, 10, DateTimeOffset.MaxValue, None));
        var keys = new List<BlobKey>();
        for (var number = 0; number < 40; number++)
            keys.Add(await WriteAsync(number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var listed = new List<BlobKey>();
        for (var page = await Store.Blobs.ListAsync(null, 7, DateTimeOffset.MaxValue, None); page.Count > 0;
            page = await Store.Blobs.ListAsync(listed[^1], 7, DateTimeOffset.MaxValue, None))
            listed.AddRange(page);
        Assert.Equal(keys.OrderBy(key => key.Value, StringComparer.Ordinal), listed);
    }

    [Fact]
    public async Task Bytes_go_only_if_nobody_wrote_them_again_meanwhile()
    {
        var (old, again) = (await WriteAsync("old"), await WriteAsync("again"));
        Clock.Advance(TimeSpan.FromHours(1));
        var moment = Clock.GetUtcNow();
        await WriteAsync("again");
        var fresh = await WriteAsync("fresh");

        Assert.Equal([old], await Store.Blobs.ListAsync(null, 10, moment, None));
        Assert.True(await Store.Blobs.RemoveAsync(old, moment, None));
        Assert.False(await Store.Blobs.RemoveAsync(old, moment, None));
        Assert.False(await Store.Blobs.RemoveAsync(again, moment, None));
        Assert.False(await Store.Blobs.RemoveAsync(fresh, moment, None));
        Assert.Null(await Store.Blobs.OpenAsync(old, None));
        Assert.Equal("again"u8.ToArray(), await BytesAsync(again));
        await WriteAsync("old");
        Assert.Equal("old"u8.ToArray(), await BytesAsync(old));
    }

    [Fact]
    public async Task Whoever_writes_while_others_sweep_finds_the_bytes_afterwards()
    {
        // Each writes bytes that are old, while sweepers remove what is older than now: whoever has written has them.
        var keys = new List<BlobKey>();
        for (var number = 0; number < 30; number++)
            keys.Add(await WriteAsync($"{number}"));
        Clock.Advance(TimeSpan.FromHours(1));
        var moment = Clock.GetUtcNow();
        await Task.WhenAll(
            AtOnceAsync(30, async number => await WriteAsync($"{number}")),
            AtOnceAsync(30, number => Store.Blobs.RemoveAsync(keys[number], moment, None)),
            AtOnceAsync(30, number => Store.Blobs.RemoveAsync(keys[29 - number], moment, None)));
        foreach (var key in keys)
            Assert.NotEmpty(await BytesAsync(key));
    }

    private async ValueTask<BlobKey> WriteAsync(string text)
    {
        var content = System.Text.Encoding.UTF8.GetBytes(text);
        await Store.Blobs.WriteAsync(BlobKey.Of(content), content, None);
        return BlobKey.Of(content);
    }

    private async Task<byte[]> BytesAsync(BlobKey key)
    {
        await using var stream = await Store.Blobs.OpenAsync(key, None);
        Assert.NotNull(stream);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content);
        return content.ToArray();
    }

    private async Task<Notice> PublishAsync(Profile author, params Attachment[] attachments)
    {
        var id = NewNoticeId();
        var notice = new Notice
        {
            Id = id,
            Uri = NoticeUri.Parse($"https://here.example/notice/{id}"),
            Author = author.Id,
            Content = "look",
            License = Licence,
            Conversation = id,
            Attachments = attachments,
        };
        await Write(async session =>
        {
            Assert.True(await session.Attachments.AttachAsync([.. attachments.Select(item => item.Id)], author.Id, id, None));
            await session.Notices.PublishAsync(notice, None);
        });
        return notice;
    }
}
