using Microblog.Feeds;
using Microblog.Storage;

namespace Microblog.WebSub;

/// <summary>The pages of the lists that a notice stands in by what it is, apart from its conversation.</summary>
internal static class FeedPaths
{
    /// <summary>Below the node's base, without a slash at the end.</summary>
    public static async ValueTask<IReadOnlyList<string>> OfAsync(IReadSession session, TimelineEntry entry, CancellationToken cancellationToken)
    {
        var (notice, paths) = (entry.Notice, new List<string>());
        if (notice is { IsRemote: false, Visibility: Visibility.Public })
            paths.Add("");
        if (!notice.IsRemote)
            paths.Add("/" + entry.Author.Nickname);
        if (notice.Visibility == Visibility.Public)
            paths.AddRange(notice.Tags.Select(tag => FeedLists.OfTag(tag).Path));
        foreach (var named in notice.Groups)
        {
            if (await session.Groups.FindAsync(named.Id, cancellationToken).ConfigureAwait(false) is { } group)
                paths.Add($"/group/{group.Nickname}");
        }

        return paths;
    }
}
