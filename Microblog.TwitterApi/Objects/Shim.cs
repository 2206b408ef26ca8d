#pragma warning disable CA2007, MA0004, CA1707, IDE0060
namespace Microblog.Storage;

internal static class Shim
{
    public static async ValueTask<IReadOnlyList<TimelineEntry>> ListAsync(this INoticeReader reader, IReadOnlyCollection<NoticeId> ids, ProfileId viewer, CancellationToken ct)
    {
        var found = new List<TimelineEntry>();
        foreach (var p in ids)
        {
            if (await reader.FindAsync(p, viewer, ct) is { } e)
                found.Add(e);
        }

        return found;
    }

    public static ValueTask<bool> IsDeletedAsync(this INoticeReader reader, NoticeId id, CancellationToken ct) => new(false);
}
