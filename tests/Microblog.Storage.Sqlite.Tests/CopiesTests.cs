using Microblog.Storage.Conformance;

namespace Microblog.Storage.Sqlite.Tests;

/// <summary>Rows that only a mistake of ours could leave.</summary>
public sealed class CopiesTests() : StoreConformance(new TempDatabase())
{
    [Fact]
    public async Task Two_entries_at_one_position_are_an_error_and_none_of_them_is_lost()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, hers) = await HearRemoteAsync(bob, "zoe");
        await AddRemoteAsync("zoe");
        const string Uri = "https://there.example/notice/1";
        var other = RemoteNotice(hers, Uri, "other words");
        await ReceiveAsync(other, bob);
        var own = await PublishAsync(bob);
        var copy = RemoteNotice(zoe, Uri);
        await ReceiveAsync(copy, alice);
        using (var connection = ((SqliteStore)Store).Connector.OpenWriter())
            connection.RunScript($"UPDATE microblog_home SET position = {copy.Id} WHERE owner = {bob.Id} AND notice = {own.Id}");

        await Assert.ThrowsAsync<StoreException>(
            () => Write(session => session.Notices.RecordOriginAsync(copy.Id, "", isProven: true, None)).AsTask());

        Assert.Equal([own.Id, other.Id], await HomeAsync(bob));
    }
}
