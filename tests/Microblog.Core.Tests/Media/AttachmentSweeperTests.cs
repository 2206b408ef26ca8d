using Microblog.Media;
using Microblog.Scheduling;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microblog.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microblog.Tests.Media;

public sealed class AttachmentSweeperTests : IAsyncLifetime, IDisposable
{
    private static readonly byte[] Picture = Identicon.Create("x");
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly InMemoryStore store;
    private readonly AttachmentDesk desk;
    private readonly AttachmentSweeper sweeper;
    private readonly Profile alice;

    public AttachmentSweeperTests()
    {
        store = new InMemoryStore(clock);
        desk = new AttachmentDesk(store, Options.Create(new MicroblogOptions()));
        sweeper = new AttachmentSweeper(store, new TaskStarter(), clock, NullLogger<AttachmentSweeper>.Instance);
        alice = new Profile { Id = new ProfileId(1), Uri = ProfileUri.Parse("https://here.example/user/1"), Nickname = "alice", Url = "https://here.example/alice", IsLocal = true };
    }

    public async Task InitializeAsync() =>
        await store.ExecuteAsync(async (session, ct) => await session.Profiles.AddLocalAsync(alice, "1", ct), None);

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => sweeper.Dispose();

    [Fact]
    public async Task An_upload_waits_a_day_for_its_notice_and_its_bytes_go_with_it()
    {
        await UploadAsync();
        clock.Advance(TimeSpan.FromHours(23));
        await sweeper.SweepAsync(None);
        Assert.Single(await KeysAsync());
        clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMilliseconds(1));
        await sweeper.SweepAsync(None);
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task Bytes_whose_row_a_crash_kept_from_being_written_go_but_not_while_it_may_still_come()
    {
        await store.Blobs.WriteAsync(BlobKey.Of(Picture), Picture, None);
        clock.Advance(AttachmentSweeper.Grace);
        await sweeper.SweepAsync(None);
        Assert.Single(await KeysAsync());
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await sweeper.SweepAsync(None);
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task Bytes_that_two_uploads_share_stay_until_the_last_of_them_is_gone()
    {
        var (one, other) = (await UploadAsync(), await UploadAsync());
        Assert.Equal(one.Blob, other.Blob);
        await desk.WithdrawAsync(alice.Id, one.Id, None);
        clock.Advance(AttachmentSweeper.Grace + TimeSpan.FromMinutes(1));
        await sweeper.SweepAsync(None);
        Assert.Single(await KeysAsync());
        await desk.WithdrawAsync(alice.Id, other.Id, None);
        await sweeper.SweepAsync(None);
        Assert.Empty(await KeysAsync());
    }

    private async Task<Attachment> UploadAsync() => (await desk.UploadAsync(alice.Id, Picture, "", None)).Value;

    private ValueTask<IReadOnlyList<BlobKey>> KeysAsync() => store.Blobs.ListAsync(null, 10, DateTimeOffset.MaxValue, None);
}
