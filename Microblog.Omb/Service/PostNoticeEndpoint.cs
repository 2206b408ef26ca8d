using Microblog.Delivery;
using Microblog.Http;
using Microblog.Omb.Messages;
using Microblog.Policies;
using Microblog.Storage;
using Microblog.Text;

namespace Microblog.Omb.Service;

/// <summary>Takes notices for one listener: openmicroblogging.md §7.</summary>
internal sealed class PostNoticeEndpoint(
    PushVerifier verifier, OmbAcceptance acceptance, IMicroblogStore store, PushQueue queue, IEnumerable<INoticePolicy> policies,
    DeliverySignal signal)
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

        // Asked for only if needed: by policies, and for the licence of a notice that names none, which is its author's.
        var author = message.License.Length > 0 && !policies.Any() ? null : await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Profiles.FindAsync(push.Grant.Author, ct), cancellationToken).ConfigureAwait(false);
        using var id = store.Ids.Draw();
        var notice = Compose(message, push.Grant, id.Notice);
        if (author is not null)
        {
            notice = notice.License.Length > 0 ? notice : notice with { License = author.License };
            if (await ObjectionAsync(notice, author, cancellationToken).ConfigureAwait(false) is { } objected)
                return PushVerifier.Refuse(objected, Operation);
        }

        var refused = await queue.StoreAsync(push, notice, cancellationToken).ConfigureAwait(false);
        if (refused is not null)
            return verifier.Refuse(refused, Operation);
        signal.NoticeArrived();
        return Done;
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

    private async ValueTask<OmbRefusal?> ObjectionAsync(Notice notice, Profile author, CancellationToken cancellationToken)
    {
        foreach (var policy in policies)
        {
            if (await policy.ObjectToAsync(notice, author, cancellationToken).ConfigureAwait(false) is { } objection)
                return new OmbRefusal(OmbRejection.Policy, objection);
        }

        return null;
    }
}
