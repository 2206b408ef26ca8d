#pragma warning disable CA2007, MA0004, CA1707, IDE0060
namespace Microblog.Storage;

internal readonly record struct Relation(bool IsFollowing, bool IsRequested, bool IsFollowedBy, bool IsBlocking, bool IsMuting);

internal static class Shim
{
    public static async ValueTask<IReadOnlyDictionary<ProfileId, ProfileCounts>> CountAsync(this IProfileReader reader, IReadOnlyCollection<ProfileId> people, CancellationToken ct)
    {
        var found = new Dictionary<ProfileId, ProfileCounts>();
        foreach (var p in people)
            found[p] = await reader.CountAsync(p, ct);
        return found;
    }

    public static async ValueTask<IReadOnlyDictionary<ProfileId, Relation>> RelateAsync(this ISubscriptionReader reader, ProfileId person, IReadOnlyCollection<ProfileId> others, CancellationToken ct)
    {
        var found = new Dictionary<ProfileId, Relation>();
        var a = await reader.ListPublishersAsync(person, null, 200, ct);
        var b = await reader.ListSubscribersAsync(person, SubscriptionState.Active, null, 200, ct);
        var c = await reader.ListBlocksAsync(person, 200, ct);
        foreach (var p in others)
            found[p] = new Relation(a.Any(x => x.Other.Id == p), false, b.Any(x => x.Other.Id == p), c.Any(x => x.Value.EndsWith("/" + p.Value, StringComparison.Ordinal)), false);
        return found;
    }

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
