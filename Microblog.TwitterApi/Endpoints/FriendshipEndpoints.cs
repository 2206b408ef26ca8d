using Microblog.Federation;
using Microblog.Storage;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Following, and how two people stand to each other (§8.4).</summary>
internal sealed class FriendshipEndpoints(MicroblogNode node, PeopleFinder people, UserPages pages) : IApiEndpoints
{
    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("friendships/create", ApiFormats.Object, ApiAccess.Write, CreateAsync) { TakesId = true },
        new("friendships/destroy", ApiFormats.Object, ApiAccess.Write, DestroyAsync) { TakesId = true },
        new("friendships/exists", ApiFormats.Object, ApiAccess.Anyone, ExistsAsync),
        new("friendships/show", ApiFormats.Object, ApiAccess.Anyone, ShowAsync),
        new("friendships/no_retweets/ids", ApiFormats.Object, ApiAccess.Person, (call, _) => new(UserEndpoints.AnswerIds(call, [], null))),
    ];

    /// <summary>The subscription by which a person hears another, or has asked to.</summary>
    public static async ValueTask<Subscription?> FindAsync(IReadSession session, ProfileId subscriber, Profile publisher, CancellationToken cancellationToken)
    {
        const int Page = 200;
        const int Most = 10_000;
        if (publisher.IsLocal)
        {
            return await session.Subscriptions.FindAsync(subscriber, publisher.Uri, "", cancellationToken).ConfigureAwait(false)
                is { State: SubscriptionState.Active or SubscriptionState.Requested } local ? local : null;
        }

        SubscriptionId? before = null;
        for (var read = 0; read < Most; read += Page)
        {
            var some = await session.Subscriptions.ListPublishersAsync(subscriber, before, Page, cancellationToken).ConfigureAwait(false);
            if (some.FirstOrDefault(entry => entry.Other.Id == publisher.Id) is { } found)
                return found.Subscription;
            if (some.Count < Page)
                break;
            before = some[^1].Subscription.Id;
        }

        return null;
    }

    private async ValueTask<ApiResult> CreateAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var (person, known) = await TargetAsync(call, cancellationToken).ConfigureAwait(false);
        if (person is null || person.Id == call.Reader)
            return ApiRefusal.Forbidden(person is null ? "There is no such user." : "You cannot follow yourself.");
        if (known is { State: SubscriptionState.Active })
            return new ApiRefusal(403, 160, "You follow this user already.");
        return await node.SubscribeAsync(call.Reader, person.IsLocal ? person.Nickname : person.Url, cancellationToken).ConfigureAwait(false) switch
        {
            SubscribeResult.Active or SubscribeResult.Requested => await pages.AnswerAsync(call, person.Id, cancellationToken).ConfigureAwait(false),
            SubscribeResult.Refused refused => ApiRefusal.Forbidden(refused.Reason),
            _ => ApiRefusal.Forbidden("Following people of other services begins on their own page."),
        };
    }

    private async ValueTask<ApiResult> DestroyAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var (person, known) = await TargetAsync(call, cancellationToken).ConfigureAwait(false);
        if (person is null || person.Id == call.Reader)
            return ApiRefusal.Forbidden(person is null ? "There is no such user." : "You do not follow yourself.");
        if (known is not null)
            await node.UnsubscribeAsync(call.Reader, known.Id, cancellationToken).ConfigureAwait(false);
        return await pages.AnswerAsync(call, person.Id, cancellationToken).ConfigureAwait(false);
    }

    private Task<(Profile? Person, Subscription? Known)> TargetAsync(ApiCall call, CancellationToken cancellationToken) => node.ReadAsync(
        async (session, ct) =>
        {
            var person = PeopleFinder.NamesSomebody(call) ? await people.FindAsync(session, call, ct).ConfigureAwait(false) : null;
            return (person, person is null ? null : await FindAsync(session, call.Reader, person, ct).ConfigureAwait(false));
        },
        cancellationToken);

    private async ValueTask<ApiResult> ExistsAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            var a = await people.FindAsync(session, call.Reader, call.Parameters["user_a"], ct).ConfigureAwait(false);
            var b = await people.FindAsync(session, call.Reader, call.Parameters["user_b"], ct).ConfigureAwait(false);
            if (a is null || b is null)
                return ApiRefusal.Bad("The parameters user_a and user_b name two users.");
            if (await RefuseAsync(session, call, a, b, ct).ConfigureAwait(false) is { } refusal)
                return refusal;
            var (seen, _) = await RelateAsync(session, a, b, ct).ConfigureAwait(false);
            return call.Answer(writer => writer.Write("friends", seen.IsFollowing));
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> ShowAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            var source = await SideAsync(session, call, "source", ct).ConfigureAwait(false) ?? (HasSide(call, "source") ? null : call.Caller?.Person);
            var target = await SideAsync(session, call, "target", ct).ConfigureAwait(false);
            if (source is null && !HasSide(call, "source"))
                return ApiRefusal.Unauthorized("Say who you are, or of whom you ask.");
            if (source is null || target is null)
                return ApiRefusal.NotFound("There is no such user.");
            if (await RefuseAsync(session, call, source, target, ct).ConfigureAwait(false) is { } refusal)
                return refusal;
            var (ofSource, ofTarget) = await RelateAsync(session, source, target, ct).ConfigureAwait(false);
            return call.Answer(writer =>
            {
                // In JSON the relationship has a name of its own; in XML it is the root.
                if (call.Format == ApiFormats.Json)
                    writer.StartObject("hash");
                writer.StartObject("relationship");
                WriteSide(writer, "source", source, ofSource, call.Reader);
                WriteSide(writer, "target", target, ofTarget, call.Reader);
                writer.EndObject();
                if (call.Format == ApiFormats.Json)
                    writer.EndObject();
            });
        },
        cancellationToken).ConfigureAwait(false);

    private static bool HasSide(ApiCall call, string side) => call.Parameters.Has(side + "_id") || call.Parameters.Has(side + "_screen_name");

    private async ValueTask<Profile?> SideAsync(IReadSession session, ApiCall call, string side, CancellationToken cancellationToken) =>
        call.Parameters.Has(side + "_id")
            ? await PeopleFinder.FindByNumberAsync(session, call.Reader, new ProfileId(call.Parameters.Number(side + "_id")), cancellationToken).ConfigureAwait(false)
            : call.Parameters.Has(side + "_screen_name")
            ? await people.FindByNameAsync(session, call.Reader, call.Parameters[side + "_screen_name"], cancellationToken).ConfigureAwait(false)
            : null;

    // Of two others it is told what either's list would show.
    private static async ValueTask<ApiRefusal?> RefuseAsync(IReadSession session, ApiCall call, Profile a, Profile b, CancellationToken cancellationToken) =>
        a.Id == call.Reader || b.Id == call.Reader ? null
        : (a.IsLocal ? await FollowLists.RefuseAsync(session, call, a, cancellationToken).ConfigureAwait(false) : null)
            ?? (b.IsLocal ? await FollowLists.RefuseAsync(session, call, b, cancellationToken).ConfigureAwait(false) : null);

    private static async ValueTask<(Relation OfFirst, Relation OfSecond)> RelateAsync(IReadSession session, Profile a, Profile b, CancellationToken cancellationToken)
    {
        var first = a.IsLocal ? (await session.Subscriptions.RelateAsync(a.Id, [b.Id], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(b.Id) : default;
        var second = b.IsLocal ? (await session.Subscriptions.RelateAsync(b.Id, [a.Id], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(a.Id) : default;
        return (
            a.IsLocal ? first : new Relation(second.IsFollowedBy, false, second.IsFollowing, false, false),
            b.IsLocal ? second : new Relation(first.IsFollowedBy, false, first.IsFollowing, false, false));
    }

    // Whom somebody blocks they alone are told.
    private static void WriteSide(ApiWriter writer, string name, Profile person, Relation relation, ProfileId reader)
    {
        writer.StartObject(name);
        writer.WriteId("id", person.Id.Value);
        writer.Write("screen_name", person.Address);
        writer.Write("following", relation.IsFollowing);
        writer.Write("followed_by", relation.IsFollowedBy);
        writer.Write("notifications_enabled", false);
        writer.Write("blocking", relation.IsBlocking && person.Id == reader);
        writer.EndObject();
    }
}
