using Microblog.Storage;
using Microblog.Storage.Conformance;
using Microblog.Storage.InMemory;
using Microblog.Testing;

namespace Microblog.Core.Tests.Storage;

public sealed class InMemoryRestartTests() : StoreConformance(new InMemoryFixture())
{
    [Fact]
    public async Task A_store_that_follows_a_killed_one_has_what_was_committed_and_draws_higher_numbers()
    {
        var clock = new FakeTimeProvider();
        var killed = new InMemoryStore(clock);
        using var lost = killed.Ids.Draw();
        using var kept = killed.Ids.Draw();
        var person = new Profile
        {
            Id = kept.Profile, Uri = ProfileUri.Parse("https://a.example/user/1"), Nickname = "ann", Url = "https://a.example/ann",
            IsLocal = true, License = License.CcBy40.Url,
        };
        await killed.ExecuteAsync((session, ct) => session.Profiles.AddLocalAsync(person, "subject", ct), CancellationToken.None);
        clock.SetUtcNow(clock.GetUtcNow() - TimeSpan.FromHours(1));

        var next = new InMemoryStore(clock, killed);
        Assert.Equal(person, await next.ReadAsync(Freshness.Latest, (session, ct) => session.Profiles.FindAsync(person.Id, ct), CancellationToken.None));
        // What the killed process had drawn and never stored holds nobody up.
        Assert.Equal(long.MaxValue, next.Ids.Horizon);
        using var drawn = next.Ids.Draw();
        Assert.True(drawn.Value > kept.Value);
    }

    [Fact]
    public async Task Numbers_go_on_above_the_positions_of_late_entries_although_the_clock_went_back()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (_, hers) = await HearRemoteAsync(bob, "zoe");
        await ReceiveAsync(RemoteNotice(zoe, "https://there.example/1"), alice);
        Clock.Advance(TimeSpan.FromHours(1));
        var late = RemoteNotice(hers, "https://there.example/1");
        Assert.Equal(ReceiveResult.Shared, await ReceiveAsync(late, bob));

        using var drawn = new InMemoryStore(new FakeTimeProvider(Clock.GetUtcNow().AddDays(-1)), (InMemoryStore)Store).Ids.Draw();
        Assert.True(drawn.Notice > late.Id);
    }

    [Fact]
    public async Task Numbers_go_on_above_the_last_change_although_the_clock_went_back()
    {
        var notice = await PublishAsync(await AddLocalAsync("alice"));
        Clock.Advance(TimeSpan.FromHours(1));
        await DeleteAsync(notice.Id);
        var last = Store.Ids.Last;

        using var drawn = new InMemoryStore(new FakeTimeProvider(Clock.GetUtcNow().AddDays(-1)), (InMemoryStore)Store).Ids.Draw();
        Assert.True(drawn.Value > last);
    }
}
