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
        var newest = Cut(PageRequest.Newest(21));
        Assert.Equal((new TimelinePosition(1002), null), (newest.Older, newest.Newer));

        var older = Cut(PageRequest.OlderThan(new TimelinePosition(2000), 21));
        Assert.Equal((new TimelinePosition(1002), new TimelinePosition(1021)), (older.Older, older.Newer));

        var newer = Cut(PageRequest.NewerThan(new TimelinePosition(1000), 21));
        Assert.Equal((new TimelinePosition(1001), new TimelinePosition(1020)), (newer.Older, newer.Newer));
    }

    [Fact]
    public void The_way_back_to_newer_pages_leads_past_no_number_that_is_still_open()
    {
        var older = Cut(PageRequest.OlderThan(new TimelinePosition(2000), 21), horizon: 1010);

        Assert.Equal(new TimelinePosition(1009), older.Newer);
    }

    private static TimelineSlice Cut(PageRequest request, long horizon = long.MaxValue) =>
        TimelineSlice.Cut(EntryPage.Create(Late, request, horizon), request, "/home");
}
