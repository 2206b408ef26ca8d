using Microblog.Storage;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Whom people hear and who hears them, as far as a reader may know (decision 0013).</summary>
internal static class FollowLists
{
    private const int Chunk = 200;

    // Of those who are not shown there may be any number.
    private const int MostRead = 20_000;

    /// <summary>Why the reader may not see whom a person hears: who lets in only whom they choose shows it to those alone.</summary>
    public static async ValueTask<ApiRefusal?> RefuseAsync(IReadSession session, ApiCall call, Profile person, CancellationToken cancellationToken)
    {
        if (!person.IsLocal)
            return ApiRefusal.NotFound("Whom people of other services follow is known there.");
        if (person.Id == call.Reader)
            return null;
        if (call.Reader.IsNone)
            return person.ApprovesFollowers ? Closed() : null;
        var relations = await session.Subscriptions.RelateAsync(call.Reader, [person.Id], cancellationToken).ConfigureAwait(false);
        var isBlocked = await session.Subscriptions.IsBlockedAsync(person.Id, call.Person.Uri, cancellationToken).ConfigureAwait(false);
        return isBlocked || (person.ApprovesFollowers && !relations.GetValueOrDefault(person.Id).IsFollowing) ? Closed() : null;
    }

    /// <summary>Reads a part of a list, newest first: by cursor, or by counting pages.</summary>
    /// <returns>The people, and the cursor of what follows; 0 at the end.</returns>
    public static async ValueTask<(List<Profile> People, long Next)> ReadAsync(
        IReadSession session, ApiCall call, Profile person, bool isFollowers, int count, bool isPaged, CancellationToken cancellationToken)
    {
        var skipped = isPaged ? 0 : (call.Parameters.Page - 1) * count;
        var found = new List<Profile>();
        if (skipped + count > 2 * 5_000)
            return (found, 0);
        var before = isPaged && call.Parameters.Number("cursor") is > 0 and var cursor ? new SubscriptionId(cursor) : (SubscriptionId?)null;
        for (var looked = 0; looked < MostRead; looked += Chunk)
        {
            var some = isFollowers
                ? await session.Subscriptions.ListSubscribersAsync(person.Id, SubscriptionState.Active, before, Chunk, cancellationToken).ConfigureAwait(false)
                : await session.Subscriptions.ListPublishersAsync(person.Id, before, Chunk, cancellationToken).ConfigureAwait(false);
            var unseen = isFollowers && person.Id != call.Reader ? await UnseenAsync(session, call.Reader, some, cancellationToken).ConfigureAwait(false) : [];
            foreach (var entry in some)
            {
                before = entry.Subscription.Id;
                if (unseen.Contains(entry.Other.Id) || !IsShown(entry.Other, person.Id == call.Reader, call.Reader.IsNone) || skipped-- > 0)
                    continue;
                found.Add(entry.Other);
                if (found.Count == count)
                    return (found, entry == some[^1] && some.Count < Chunk ? 0 : before.Value.Value);
            }

            if (some.Count < Chunk)
                return (found, 0);
        }

        // Whoever has a cursor goes on from here.
        return (found, isPaged ? before!.Value.Value : 0);
    }

    // Who chooses who hears them follows unseen by everybody else, in the lists of others as well.
    private static async ValueTask<HashSet<ProfileId>> UnseenAsync(
        IReadSession session, ProfileId reader, IReadOnlyList<SubscriptionEntry> followers, CancellationToken cancellationToken)
    {
        HashSet<ProfileId> closed = [.. followers.Select(entry => entry.Other).Where(other => other.ApprovesFollowers && other.Id != reader).Select(other => other.Id)];
        if (closed.Count > 0 && !reader.IsNone)
        {
            var relations = await session.Subscriptions.RelateAsync(reader, [.. closed], cancellationToken).ConfigureAwait(false);
            closed.RemoveWhere(id => relations.GetValueOrDefault(id).IsFollowing);
        }

        return closed;
    }

    // What a subscription brought about somebody is for its own two people (OMB-65), and nobody of elsewhere is shown to passers-by.
    private static bool IsShown(Profile other, bool isOwn, bool isPublic) =>
        isOwn || other.IsLocal || (!isPublic && other.Scope.IsNone);

    private static ApiRefusal Closed() => ApiRefusal.Forbidden("They show this to the people they let in.");
}
