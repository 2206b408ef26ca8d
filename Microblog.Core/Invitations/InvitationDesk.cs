using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microblog.People;
using Microblog.Storage;
using Microblog.Subscribing;

namespace Microblog.Invitations;

/// <summary>Makes invitations, and lets people join by them.</summary>
internal sealed class InvitationDesk(IMicroblogStore store, ProfileDesk people, SubscriptionDesk subscriptions, NodeAddresses addresses, TimeProvider clock)
{
    /// <summary>Most invitations that one person keeps at a time, used-up ones included.</summary>
    public const int MaxPerPerson = 50;

    private const string Unknown = "There is no such invitation, or it was taken back.";

    // 160 bits: nobody guesses one, and it needs no salt.
    private const int SecretBytes = 20;
    private const int MaxUses = 100;
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(366);

    public async Task<Outcome<NewInvitation>> CreateAsync(ProfileId inviter, InvitationTerms terms, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (terms.Lifetime <= TimeSpan.Zero || terms.Lifetime > MaxLifetime)
            return Outcome<NewInvitation>.Refused($"An invitation lasts at most {MaxLifetime.Days} days.");
        if (terms.MaxUses is < 1 or > MaxUses)
            return Outcome<NewInvitation>.Refused($"From 1 to {MaxUses} people may join by one invitation.");
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var now = clock.GetUtcNow();
        var invitation = new Invitation
        {
            Key = KeyOf(secret),
            Inviter = inviter,
            CreatedAt = now,
            ExpiresAt = now + terms.Lifetime,
            MaxUses = terms.MaxUses,
            FollowsBack = terms.FollowsBack,
        };
        var problem = await store.ExecuteAsync((session, ct) => AddAsync(session, invitation, ct), cancellationToken).ConfigureAwait(false);
        return problem is null
            ? Outcome<NewInvitation>.Done(new NewInvitation(invitation, addresses.At("/invitation/" + secret)))
            : Outcome<NewInvitation>.Refused(problem);
    }

    public async Task<Outcome<Invitation>> FindAsync(string secret, CancellationToken cancellationToken)
    {
        var key = KeyOf(secret);
        var found = await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) =>
                // Who may do nothing here invites nobody either.
                await session.Invitations.FindAsync(key, ct).ConfigureAwait(false) is { } invitation
                    && await session.Profiles.FindAsync(invitation.Inviter, ct).ConfigureAwait(false) is { MayAct: true } ? invitation : null,
            cancellationToken).ConfigureAwait(false);
        return ObjectTo(found) is { } problem ? Outcome<Invitation>.Refused(problem) : Outcome<Invitation>.Done(found!);
    }

    public async Task<bool> RemoveAsync(ProfileId inviter, string key, CancellationToken cancellationToken) =>
        await store.ExecuteAsync((session, ct) => session.Invitations.RemoveAsync(key, inviter, ct), cancellationToken).ConfigureAwait(false);

    public async Task<Outcome<Profile>> JoinAsync(string subject, string nickname, string secret, CancellationToken cancellationToken)
    {
        using var id = store.Ids.Draw();
        if (!people.Prepare(subject, nickname, id.Profile).IsDone(out var profile, out var problem))
            return Outcome<Profile>.Refused(problem);
        if (!(await FindAsync(secret, cancellationToken).ConfigureAwait(false)).IsDone(out var invitation, out problem))
            return Outcome<Profile>.Refused(problem);
        var inviter = await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Profiles.FindAsync(invitation.Inviter, ct), cancellationToken).ConfigureAwait(false);
        if (inviter is null)
            return Outcome<Profile>.Refused(Unknown);
        // Whoever may not hear the other joins all the same.
        var follows = await subscriptions.ObjectToAsync(profile, inviter, cancellationToken).ConfigureAwait(false) is null;
        var isFollowed = invitation.FollowsBack && await subscriptions.ObjectToAsync(inviter, profile, cancellationToken).ConfigureAwait(false) is null;
        using var following = store.Ids.Draw();
        using var followed = store.Ids.Draw();
        return await store.ExecuteAsync(
            async (session, ct) =>
            {
                // The inviter first, as where they leave, so that nobody waits crosswise.
                if (await session.Profiles.FindAsync(inviter.Id, ct).ConfigureAwait(false) is not { MayAct: true } present)
                    return Outcome<Profile>.Refused(Unknown);
                // Somebody else may have used it meanwhile.
                if (ObjectTo(await session.Invitations.FindAsync(invitation.Key, ct).ConfigureAwait(false)) is { } objection)
                    return Outcome<Profile>.Refused(objection);
                var joined = await ProfileDesk.AddAsync(session, profile, subject, ct).ConfigureAwait(false);
                if (joined.Problem is not null)
                    return joined;
                await session.Invitations.CountUseAsync(invitation.Key, ct).ConfigureAwait(false);
                if (follows)
                    await subscriptions.SubscribeAsync(session, profile, present, following, ct).ConfigureAwait(false);
                if (isFollowed)
                    await subscriptions.SubscribeAsync(session, present, profile, followed, ct).ConfigureAwait(false);
                return joined;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static string KeyOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static async ValueTask<string?> AddAsync(IStoreSession session, Invitation invitation, CancellationToken cancellationToken)
    {
        if (await session.Profiles.FindAsync(invitation.Inviter, cancellationToken).ConfigureAwait(false) is not { MayAct: true })
            return "There is no such profile, or it is suspended.";
        await session.Invitations.RemoveExpiredAsync(invitation.Inviter, invitation.CreatedAt, cancellationToken).ConfigureAwait(false);
        var kept = await session.Invitations.ListAsync(invitation.Inviter, MaxPerPerson, cancellationToken).ConfigureAwait(false);
        if (kept.Count == MaxPerPerson)
            return $"You have {MaxPerPerson} invitations. Take one back first.";
        await session.Invitations.AddAsync(invitation, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private string? ObjectTo(Invitation? invitation) => invitation switch
    {
        null => Unknown,
        { IsUsedUp: true } => "This invitation is used up.",
        _ when invitation.ExpiresAt <= clock.GetUtcNow() => "This invitation has expired.",
        _ => null,
    };
}
