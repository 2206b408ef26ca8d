using System.Globalization;
using Microblog.Storage;

namespace Microblog.Archive;

/// <summary>Under which number an import stores what nobody sees yet. A setting remembers it, so that the next import of the same account
/// takes back what a killed one left.</summary>
internal sealed class Staging(IMicroblogStore store, string marker, ProfileId person, SubscriptionId run)
{
    private const int AtOnce = 200;

    public ProfileId Person { get; } = person;

    /// <summary>The scope of the people whom the notices name; another one in every run.</summary>
    public SubscriptionId Run { get; } = run;

    private string Value => $"{Person} {Run}";

    /// <summary>What an earlier import left; <see langword="null"/> when none did.</summary>
    public static Staging? Parse(IMicroblogStore store, string marker, string? value) => value?.Split(' ') is [var person, var run]
        ? new Staging(store, marker, new ProfileId(NumberOf(person)), new SubscriptionId(NumberOf(run)))
        : null;

    public async ValueTask BeginAsync(CancellationToken cancellationToken) => await store.ExecuteAsync(
        async (session, ct) =>
        {
            if (await IsUsedAsync(session, ct).ConfigureAwait(false))
                throw new ArchiveException("The identifier carries a number that is in use on this node.", ArchiveFormat.Profile);
            await session.Settings.SetAsync(marker, Value, ct).ConfigureAwait(false);
            return true;
        },
        cancellationToken).ConfigureAwait(false);

    /// <exception cref="ArchiveException">Another import of the same account has begun, and took back what this one stored.</exception>
    public async ValueTask CheckAsync(IStoreSession session, CancellationToken cancellationToken)
    {
        if (await session.Settings.FindAsync(marker, cancellationToken).ConfigureAwait(false) != Value)
            throw new ArchiveException("Another import of this account has begun.");
    }

    public ValueTask EndAsync(IStoreSession session, CancellationToken cancellationToken) => session.Settings.SetAsync(marker, "", cancellationToken);

    public async ValueTask TakeBackAsync()
    {
        // Not cancelled: whoever gave up wants nothing of it to stay.
        while (await store.ExecuteAsync(TakeBackAsync, CancellationToken.None).ConfigureAwait(false))
        {
        }
    }

    private static long NumberOf(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private async ValueTask<bool> TakeBackAsync(IStoreSession session, CancellationToken cancellationToken)
    {
        if (await session.Settings.FindAsync(marker, cancellationToken).ConfigureAwait(false) != Value)
            return false;
        if (await session.Archive.RemoveAsync(Person, Run, AtOnce, cancellationToken).ConfigureAwait(false))
            return true;
        await EndAsync(session, cancellationToken).ConfigureAwait(false);
        return false;
    }

    private async ValueTask<bool> IsUsedAsync(IStoreSession session, CancellationToken cancellationToken) =>
        await session.Profiles.FindAsync(Person, cancellationToken).ConfigureAwait(false) is not null
        || (await session.Archive.ListNoticesAsync(Person, default, 1, cancellationToken).ConfigureAwait(false)).Count > 0
        || (await session.Archive.ListPublishersAsync(Person, SubscriptionState.Imported, default, 1, cancellationToken).ConfigureAwait(false)).Count > 0
        || (await session.Archive.ListSubscribersAsync(Person, SubscriptionState.Imported, default, 1, cancellationToken).ConfigureAwait(false)).Count > 0
        || (await session.Archive.ListBlocksAsync(Person, "", 1, cancellationToken).ConfigureAwait(false)).Count > 0
        || (await session.Archive.ListMutesAsync(Person, "", 1, cancellationToken).ConfigureAwait(false)).Count > 0
        || (await session.Archive.ListFavouritesAsync(Person, default, 1, cancellationToken).ConfigureAwait(false)).Count > 0;
}
