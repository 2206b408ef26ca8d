using Microblog.Http;
using Microblog.Media;
using Microblog.Omb.Messages;
using Microblog.Omb.OAuth;
using Microblog.Storage;

namespace Microblog.Omb.Service;

/// <summary>Takes changes of a listenee's profile for one listener: openmicroblogging.md §8. All or nothing (OMB-73).</summary>
internal sealed class UpdateProfileEndpoint(PushVerifier verifier, OmbAcceptance acceptance, IMicroblogStore store, AvatarKeeper avatars, TimeProvider clock)
{
    private const string Operation = "updateProfile";

    public async ValueTask<NodeResponse> AnswerAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var (push, refusal) = await verifier.VerifyAsync(request, Operation, cancellationToken).ConfigureAwait(false);
        if (push is null)
            return refusal!;

        var reader = new FieldReader(push.Request.Field);
        reader.Version();
        var listenee = reader.ProfileUri(OmbNames.Listenee);
        var fields = PersonFields.Read(reader, PersonFields.ListeneePrefix);
        if (reader.Problem is { } malformed)
            return PushVerifier.Refuse(malformed, Operation);
        if (OmbAcceptance.ObjectToGrant(push.Grant, listenee!, request.Route("listener")) is { } foreign)
            return PushVerifier.Refuse(foreign, Operation);
        if (acceptance.ObjectToPerson(fields) is { } objection)
            return PushVerifier.Refuse(objection, Operation);

        var now = clock.GetUtcNow();
        var refused = await store.ExecuteAsync(
            async (session, ct) =>
            {
                if ((await PushVerifier.ClaimAsync(session, [push], ct).ConfigureAwait(false))[0] is { } claim)
                    return claim;
                // Only what this grant's own listener sees changes (OMB-65, OMB-74): the author is the profile in its scope.
                if (await session.Profiles.FindAsync(push.Grant.Author, ct).ConfigureAwait(false) is not { } profile)
                    return null;
                var changed = fields.ApplyTo(profile, now);
                await session.Profiles.UpdateAsync(changed, ct).ConfigureAwait(false);
                // The picture behind an unchanged address may be another one, so a named address is fetched anew.
                if (fields.Avatar is not null)
                    await avatars.RefreshAsync(session, changed, ct).ConfigureAwait(false);
                return null;
            },
            cancellationToken).ConfigureAwait(false);
        return refused is null ? PostNoticeEndpoint.Done : verifier.Refuse(refused, Operation);
    }
}
