using Microblog.Federation;
using Microblog.Storage;
using Microblog.TwitterApi.Wire;
using Microsoft.Extensions.Options;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Texts that are commands, where the host wants them: <c>follow nick</c>, <c>leave nick</c>, <c>join group</c>, <c>drop group</c>,
/// <c>fav #number</c>, <c>fav nick</c> (§9).</summary>
internal sealed class ApiCommands(MicroblogNode node, IMicroblogStore store, PeopleFinder people, IOptions<TwitterApiOptions> options)
{
    private static readonly ApiOutcome Done = new(null);
    private static readonly string[] Words = ["follow", "sub", "subscribe", "unfollow", "unsub", "unsubscribe", "leave", "join", "drop", "fav"];

    /// <summary>Carries out a text that is a command.</summary>
    /// <returns>What came of it; <see langword="null"/> for a text that is none.</returns>
    public async ValueTask<ApiOutcome?> RunAsync(ApiCall call, string text, CancellationToken cancellationToken)
    {
        var words = text.Trim().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (!options.Value.AcceptCommands)
            return null;
        // Nobody is told by IM or SMS here, so there is nothing to switch.
        if (words is [var only])
            return only.ToLowerInvariant() is "on" or "off" ? Done : null;
        if (words.Length != 2 || !Words.Contains(words[0], StringComparer.OrdinalIgnoreCase))
            return null;
        // No draft remembers this request (decision 0012).
        if (call.Caller!.Once is { } once && !await store.ExecuteAsync((session, ct) => session.Credentials.OnceAsync(once, ct), cancellationToken).ConfigureAwait(false))
            return new(StatusWriting.Refuse(NoticeDraft.PublishedAlready));
        return words[0].ToLowerInvariant() switch
        {
            "follow" or "sub" or "subscribe" => await FollowAsync(call, words[1], cancellationToken).ConfigureAwait(false),
            "unfollow" or "unsub" or "unsubscribe" or "leave" => await UnfollowAsync(call, words[1], cancellationToken).ConfigureAwait(false),
            "join" => await GroupAsync(call, words[1], node.JoinGroupAsync, cancellationToken).ConfigureAwait(false),
            "drop" => await GroupAsync(call, words[1], node.LeaveGroupAsync, cancellationToken).ConfigureAwait(false),
            _ => await FavouriteAsync(call, words[1], cancellationToken).ConfigureAwait(false),
        };
    }

    private async ValueTask<ApiOutcome> FollowAsync(ApiCall call, string name, CancellationToken cancellationToken) =>
        await node.SubscribeAsync(call.Reader, name, cancellationToken).ConfigureAwait(false) switch
        {
            SubscribeResult.Active or SubscribeResult.Requested => Done,
            SubscribeResult.Refused refused => new(ApiRefusal.Forbidden(refused.Reason)),
            _ => new(ApiRefusal.Forbidden("Follow people of other services on the node's page.")),
        };

    private async ValueTask<ApiOutcome> UnfollowAsync(ApiCall call, string name, CancellationToken cancellationToken)
    {
        var subscription = await node.ReadAsync(
            async (session, ct) => await people.FindAsync(session, call.Reader, name, ct).ConfigureAwait(false) is { } person
                ? await FriendshipEndpoints.FindAsync(session, call.Reader, person, ct).ConfigureAwait(false) : null,
            cancellationToken).ConfigureAwait(false);
        return subscription is not null && await node.UnsubscribeAsync(call.Reader, subscription.Id, cancellationToken).ConfigureAwait(false)
            ? Done : new(ApiRefusal.Forbidden("You do not follow this person."));
    }

    private async ValueTask<ApiOutcome> GroupAsync(
        ApiCall call, string name, Func<ProfileId, GroupId, CancellationToken, Task<Outcome<Group>>> change, CancellationToken cancellationToken)
    {
        if (await node.FindGroupAsync(name, cancellationToken).ConfigureAwait(false) is not { } group)
            return new(ApiRefusal.NotFound("There is no such group."));
        return (await change(call.Reader, group.Id, cancellationToken).ConfigureAwait(false)).Problem is { } problem ? new(ApiRefusal.Forbidden(problem)) : Done;
    }

    private async ValueTask<ApiOutcome> FavouriteAsync(ApiCall call, string what, CancellationToken cancellationToken)
    {
        var found = await node.ReadAsync(
            async (session, ct) => what.StartsWith('#')
                ? await StatusPages.FindAsync(session, call.Reader, ApiParameters.Number(what.AsSpan(1)), ct).ConfigureAwait(false)
                : await people.FindAsync(session, call.Reader, what, ct).ConfigureAwait(false) is { } person
                    ? (await session.Timelines.ProfileAsync(person.Id, call.Reader, PageRequest.Newest(20), ct).ConfigureAwait(false)).FirstOrDefault(StatusPages.IsNoLetter)
                    : null,
            cancellationToken).ConfigureAwait(false);
        return found is not null && await node.FavouriteAsync(call.Reader, found.Notice.Id, cancellationToken).ConfigureAwait(false)
            ? Done : new(ApiRefusal.NoStatus());
    }
}

/// <summary>What came of a command.</summary>
/// <param name="Refusal">Why nothing did; <see langword="null"/> when it is done.</param>
internal sealed record ApiOutcome(ApiRefusal? Refusal);
