using System.Globalization;
using Microblog.Http;
using Microblog.Moderation;
using Microblog.Omb.Messages;
using Microblog.Omb.OAuth;
using Microblog.Storage;

namespace Microblog.Omb.Service;

/// <summary>Issues request tokens for one listener: openmicroblogging.md §4.</summary>
internal sealed class RequestTokenEndpoint(OAuthProvider provider, IMicroblogStore store)
{
    private const string Operation = "requestToken";

    private static readonly KeyValuePair<string, string>[] VersionAnswer = [new(OmbNames.Version, OmbNames.ProtocolVersion)];

    public ValueTask<NodeResponse> AnswerAsync(NodeRequest request, CancellationToken cancellationToken) =>
        provider.RequestTokenAsync(
            request, TermsAsync, refusal => PushVerifier.Note(refusal, Operation), cancellationToken);

    // The token is bound to its listener by the number, which is whose the identifier is for ever (OMB-24).
    private async ValueTask<RequestTokenTerms> TermsAsync(SignedRequest request, CancellationToken cancellationToken)
    {
        var reader = new FieldReader(request.Field);
        reader.Version();
        var uri = reader.ProfileUri(OmbNames.Listener);
        if (reader.Problem is { } malformed)
            return Refuse(malformed);
        var (listener, standing) = await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) => (
                await session.Profiles.FindAsync(uri!, default, ct).ConfigureAwait(false),
                await session.Moderation.FindHostAsync(ConsumerKeys.HostOf(request.ConsumerKey), ct).ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);
        if (standing == Standing.Suspended)
            return Refuse(OmbRefusal.Blocked(ConsumerKeys.HostOf(request.ConsumerKey)));
        return listener is { MayAct: true }
            ? new RequestTokenTerms.Agreed(listener.Id.Value.ToString(CultureInfo.InvariantCulture), VersionAnswer)
            : Refuse(new OmbRefusal(OmbRejection.UnknownListener, $"Nobody here has this {OmbNames.Listener}."));
    }

    private static RequestTokenTerms.Refused Refuse(OmbRefusal refusal)
    {
        OmbMetrics.Refused(Operation, refusal.Reason.ToString());
        return new RequestTokenTerms.Refused(refusal.ToResponse());
    }
}
