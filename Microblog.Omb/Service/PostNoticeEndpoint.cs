using Microblog.Delivery;
using Microblog.Http;
using Microblog.Omb.Messages;
using Microblog.Omb.OAuth;
using Microblog.Policies;
using Microblog.Storage;
using Microblog.Text;

namespace Microblog.Omb.Service;

/// <summary>Takes notices for one listener: openmicroblogging.md §7.</summary>
internal sealed class PostNoticeEndpoint(
    PushVerifier verifier, OmbAcceptance acceptance, IMicroblogStore store, Origins.OriginQueue origins,
    IEnumerable<INoticePolicy> policies)
{
    private const string Operation = "postNotice";

    /// <summary>Literal, unescaped: some senders search for exactly this text (OMB-53).</summary>
    public static NodeResponse Done { get; } =
        NodeResponse.Bytes(200, "text/plain", System.Text.Encoding.ASCII.GetBytes($"{OmbNames.Version}={OmbNames.ProtocolVersion}"));

    public async ValueTask<NodeResponse> AnswerAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var (push, refusal) = await verifier.VerifyAsync(request, Operation, cancellationToken).ConfigureAwait(false);
        if (push is null)
            return refusal!;

        if (PostNoticeMessage.TryRead(push.Request, out var message) is { } malformed)
            return PushVerifier.Refuse(malformed, Operation);
        // A token speaks for one listenee at one address; without this any service subscribed to could post in anyone's name.
        if (OmbAcceptance.ObjectToGrant(push.Grant, message!.Listenee, request.Route("listener")) is { } foreign)
            return PushVerifier.Refuse(foreign, Operation);
        if (acceptance.ObjectToNotice(message) is { } objection)
            return PushVerifier.Refuse(objection, Operation);

        using var id = store.Ids.Draw();
        var notice = Compose(message, push.Grant, id.Notice);
        if (await ObjectionAsync(notice, push.Grant, cancellationToken).ConfigureAwait(false) is { } objected)
            return PushVerifier.Refuse(objected, Operation);

        // The store decides when this runs, may run it twice, and may commit it together with others' work,
        // so nothing in here has an effect outside the session.
        var refused = await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (await PushVerifier.ClaimAsync(session, push, ct).ConfigureAwait(false) is { } claim)
                    return claim;
                var licensed = notice.License.Length > 0 ? notice
                    : notice with { License = (await session.Profiles.FindAsync(notice.Author, ct).ConfigureAwait(false))?.License ?? "" };
                // One that we have already is a success, stored once: senders retry when our answer was lost (OMB-55).
                var result = await session.Notices.ReceiveAsync(licensed, push.Grant.Listener, ct).ConfigureAwait(false);
                if (result == ReceiveResult.Stored && origins.IsWorthAsking(licensed, push.Grant))
                    await origins.EnqueueAsync(session, licensed, push.Grant, ct).ConfigureAwait(false);
                return null;
            },
            cancellationToken).ConfigureAwait(false);
        return refused is null ? Done : verifier.Refuse(refused, Operation);
    }

    private static Notice Compose(PostNoticeMessage message, Grant grant, NoticeId id)
    {
        var parts = message.Content.AsSpan().ContainsAny('@', '#') ? NoticeText.Split(message.Content) : [];
        return new Notice
        {
            Id = id,
            Uri = message.Notice,
            Author = grant.Author,
            Content = message.Content,
            Url = message.Url,
            License = message.License,
            SeeAlso = message.SeeAlso,
            IsRemote = true,
            Scope = grant.Scope,
            Conversation = id,
            // "@nick" alone is somebody over there; only the listener's full name means the listener (OMB-66).
            Mentions = parts.Any(p => p.Kind == TextPartKind.Mention && p.Value == grant.ListenerAddress) ? [grant.Listener] : [],
            Tags = parts.Count == 0 ? [] : [.. parts.Where(p => p.Kind == TextPartKind.Tag).Select(p => p.Value).Distinct(StringComparer.Ordinal)],
        };
    }

    private async ValueTask<OmbRefusal?> ObjectionAsync(Notice notice, Grant grant, CancellationToken cancellationToken)
    {
        Profile? author = null;
        foreach (var policy in policies)
        {
            author ??= await store.ReadAsync(
                Freshness.Latest, (session, ct) => session.Profiles.FindAsync(grant.Author, ct), cancellationToken).ConfigureAwait(false);
            if (author is not null && await policy.ObjectToAsync(notice, author, cancellationToken).ConfigureAwait(false) is { } objection)
                return new OmbRefusal(OmbRejection.Policy, objection);
        }

        return null;
    }
}
