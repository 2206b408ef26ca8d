using Microblog.Media;

namespace Microblog.Testing.Tests;

public sealed class PictureTests
{
    [Fact]
    [Trait("Clause", "OMB-61")]
    public async Task The_first_picture_of_a_public_notice_reaches_another_node_as_an_address_that_it_may_fetch()
    {
        await using var network = new SimulatedNetwork();
        var here = await network.AddNodeAsync("https://a.example/");
        var there = await network.AddNodeAsync("https://b.example/");
        var ann = await here.JoinAsync("ann");
        var bob = await there.JoinAsync("bob");
        await bob.FollowAsync(ann);

        var uploads = new List<AttachmentId>();
        foreach (var text in new[] { "one", "other" })
            uploads.Add((await here.CallAsync(node => node.UploadAsync(ann.Profile.Id, Identicon.Create(text), text))).Value.Id);
        var published = await here.CallAsync(node => node.PublishAsync(ann.Profile.Id, new NoticeDraft { Content = "look", Attachments = uploads }));
        var kept = await here.CallAsync(node => node.PublishAsync(
            ann.Profile.Id, new NoticeDraft { Content = "mine", SeeAlso = new SeeAlso("https://more.example/") }));
        await network.SettleAsync(atMost: TimeSpan.FromHours(1));

        Assert.Equal(uploads, published.Value.Attachments.Select(picture => picture.Id));
        var heard = (await bob.HomeAsync()).ToDictionary(entry => entry.Notice.Content, entry => entry.Notice);
        Assert.Equal(new SeeAlso($"https://a.example/attachment/{uploads[0]}", IsInline: true, "image/png", published.Value.License), heard["look"].SeeAlso);
        Assert.Empty(heard["look"].Attachments);
        Assert.Equal(kept.Value.SeeAlso, heard["mine"].SeeAlso);
    }
}
