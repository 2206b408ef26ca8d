namespace Microblog.Testing.Tests;

/// <summary>What OMB can say of what people do with notices, between two nodes.</summary>
public sealed class ReactionTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_repeat_goes_to_other_nodes_in_words_and_a_favourite_or_a_change_goes_nowhere()
    {
        await using var network = new SimulatedNetwork();
        var here = await network.AddNodeAsync("https://a.example/");
        var (ann, bob) = (await here.JoinAsync("ann"), await here.JoinAsync("bob"));
        var zoe = await (await network.AddNodeAsync("https://b.example/")).JoinAsync("zoe");
        await zoe.FollowAsync(bob);
        var notice = (await here.CallAsync(node => node.PublishAsync(ann.Profile.Id, new NoticeDraft { Content = "hello wrold", Warning = "mild" }))).Value;

        Assert.Null((await here.CallAsync(node => node.RepeatAsync(bob.Profile.Id, notice.Id))).Problem);
        Assert.True(await here.CallAsync(node => node.FavouriteAsync(bob.Profile.Id, notice.Id)));
        var own = (await here.CallAsync(node => node.PublishAsync(bob.Profile.Id, new NoticeDraft { Content = "mine" }))).Value;
        await network.SettleAsync(atMost: Hour);
        Assert.Null((await here.CallAsync(node => node.EditAsync(bob.Profile.Id, own.Id, new NoticeDraft { Content = "changed" }))).Problem);
        await network.SettleAsync(atMost: Hour);

        Assert.Equal(["mine", "RT @ann hello wrold"], (await zoe.HomeAsync()).Select(entry => entry.Notice.Content));
    }
}
