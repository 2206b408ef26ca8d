using Microblog.Delivery;
using Microblog.Storage;

namespace Microblog.Publishing;

/// <summary>Marks notices as favourites and takes the marks back.</summary>
internal sealed class FavouriteDesk(IMicroblogStore store, DeliverySignal signal)
{
    public async Task<bool> AddAsync(ProfileId person, NoticeId notice, CancellationToken cancellationToken)
    {
        using var id = store.Ids.Draw();
        var isOne = await store.ExecuteAsync((session, ct) => AddAsync(session, person, notice, id.Position, ct), cancellationToken).ConfigureAwait(false);
        signal.WakeReaders();
        return isOne;
    }

    public async Task<bool> RemoveAsync(ProfileId person, NoticeId notice, CancellationToken cancellationToken) =>
        await store.ExecuteAsync(
            async (session, ct) =>
            {
                var found = await session.Notices.FindAsync(notice, person, ct).ConfigureAwait(false);
                return await session.Reactions.UnfavouriteAsync(person, found?.Repeated?.Notice.Id ?? notice, ct).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);

    private static async ValueTask<bool> AddAsync(
        IStoreSession session, ProfileId person, NoticeId notice, TimelinePosition position, CancellationToken cancellationToken)
    {
        if (await session.Profiles.FindAsync(person, cancellationToken).ConfigureAwait(false) is not { MayAct: true })
            return false;
        var found = await session.Notices.FindAsync(notice, person, cancellationToken).ConfigureAwait(false);
        // Whoever likes a repeat likes what it repeats.
        if ((found?.Repeated ?? found) is not { } entry)
            return false;
        if (await session.Reactions.FavouriteAsync(person, entry.Notice.Id, position, cancellationToken).ConfigureAwait(false)
            && entry.Author.IsLocal && entry.Author.Id != person)
        {
            await session.Notifications.AddAsync(
                new Notification
                {
                    Owner = entry.Author.Id,
                    Position = position,
                    Kind = NotificationKind.Favourite,
                    Actor = person,
                    Notice = entry.Notice.Id,
                },
                cancellationToken).ConfigureAwait(false);
        }

        return true;
    }
}
