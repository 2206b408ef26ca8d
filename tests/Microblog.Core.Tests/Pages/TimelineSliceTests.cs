using Microblog.Pages;
using Microblog.Storage;

namespace Microblog.Core.Tests.Pages;

public sealed class TimelineSliceTests
{
    // One more than a page shows, newest first, each standing higher than its notice is numbered.
    private static readonly TimelineEntry[] Late = [.. Enumerable.Range(1, 21).Reverse().Select(number => new TimelineEntry(
        new Notice { Id = new NoticeId(number), Uri = NoticeUri.Parse($"tag:{number}"), Author = new ProfileId(1), Content = "", Url = "", License = "" },
        new Profile { Id = new ProfileId(1), Uri = ProfileUri.Parse("tag:1"), Nickname = "ann", Url = "", IsLocal = true, License = "" },
        new TimelinePosition(1000 + number)))];

    [Fact]
    public void The_ways_onward_lead_from_where_the_last_entries_stand()
    {
        var newest = TimelineSlice.Cut(Late, PageRequest.Newest(21), "/home");
        Assert.Equal((new TimelinePosition(1002), null), (newest.Older, newest.Newer));

        var older = TimelineSlice.Cut(Late, PageRequest.OlderThan(new TimelinePosition(2000), 21), "/home");
        Assert.Equal((new TimelinePosition(1002), new TimelinePosition(1021)), (older.Older, older.Newer));

        var newer = TimelineSlice.Cut(Late, PageRequest.NewerThan(new TimelinePosition(1000), 21), "/home");
        Assert.Equal((new TimelinePosition(1001), new TimelinePosition(1020)), (newer.Older, newer.Newer));
    }
}
