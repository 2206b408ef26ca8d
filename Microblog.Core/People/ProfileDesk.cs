using System.Text;
using Microblog.Delivery;
using Microblog.Media;
using Microblog.Storage;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.People;

/// <summary>Lets people of this node join and change their profiles.</summary>
internal sealed class ProfileDesk(
    IMicroblogStore store, IOptions<MicroblogOptions> options, NodeAddresses addresses, AvatarFetcher avatars, DeliverySignal signal)
{
    // An index entry of PostgreSQL has room for 2,704.
    private const int MaxSubjectBytes = 2048;

    public async Task<Outcome<Profile>> JoinAsync(string subject, string nickname, CancellationToken cancellationToken)
    {
        using var id = store.Ids.Draw();
        return Prepare(subject, nickname, id.Profile).IsDone(out var profile, out var problem)
            ? await store.ExecuteAsync((session, ct) => AddAsync(session, profile, subject, ct), cancellationToken).ConfigureAwait(false)
            : Outcome<Profile>.Refused(problem);
    }

    /// <summary>The profile of somebody who is about to join, or why they cannot.</summary>
    public Outcome<Profile> Prepare(string subject, string nickname, ProfileId id)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        // It comes from the host, which may have it from a stranger.
        if (!NoticeText.IsStorable(subject) || Encoding.UTF8.GetByteCount(subject) > MaxSubjectBytes)
            return Outcome<Profile>.Refused("Your name at this site is too long, or no text, so nothing can be kept under it.");
        var settings = options.Value;
        if (!Nickname.TryParse(nickname, out var name, out var problem, settings.ReservedNicknames))
            return Outcome<Profile>.Refused(problem);

        return Outcome<Profile>.Done(new Profile
        {
            Id = id,
            Uri = ProfileUri.Parse(addresses.ProfileUri(id)),
            Nickname = name,
            Url = addresses.ProfileUrl(name),
            IsLocal = true,
            License = settings.License!.Url,
        });
    }

    /// <summary>Lets them join, in the caller's transaction.</summary>
    public static async ValueTask<Outcome<Profile>> AddAsync(IStoreSession session, Profile profile, string subject, CancellationToken cancellationToken) =>
        await session.Profiles.AddLocalAsync(profile, subject, cancellationToken).ConfigureAwait(false) switch
        {
            AddProfileResult.Added => Outcome<Profile>.Done(profile),
            AddProfileResult.NicknameTaken => Outcome<Profile>.Refused("Somebody has, or had, this nickname. Choose another."),
            _ => Outcome<Profile>.Refused("You have a profile already, or left while it was suspended."),
        };

    public async Task<bool> LeaveAsync(ProfileId person, CancellationToken cancellationToken)
    {
        var hasLeft = await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (await session.Profiles.FindAsync(person, ct).ConfigureAwait(false) is not { IsLocal: true, IsDeleted: false })
                    return false;
                await session.Subscriptions.EndAllAsync(person, ct).ConfigureAwait(false);
                await session.Groups.EndAllAsync(person, ct).ConfigureAwait(false);
                await session.Avatars.SetAsync(person, null, ct).ConfigureAwait(false);
                await session.Profiles.DeleteLocalAsync(person, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        signal.Wake();
        return hasLeft;
    }

    public async Task<Outcome<Profile>> UpdateAsync(ProfileId person, ProfileChanges changes, CancellationToken cancellationToken)
    {
        if (ProfileLimits.ObjectTo(changes) is { } problem)
            return Outcome<Profile>.Refused(problem);
        var (avatarUrl, avatar) = (changes.AvatarUrl?.Trim(), default(Avatar));
        if (changes.Picture is not null || avatarUrl is { Length: > 0 })
        {
            // Nobody who may not change anything has this node fetch something.
            var asking = await store.ReadAsync(Freshness.Latest, (session, ct) => session.Profiles.FindAsync(person, ct), cancellationToken).ConfigureAwait(false);
            if (asking is not { MayAct: true })
                return Outcome<Profile>.Refused(Presence.ObjectionTo(asking));
            var taken = changes.Picture is { } picture
                ? Avatar.Clean(picture)
                : await avatars.FetchAsync(avatarUrl!, cancellationToken).ConfigureAwait(false);
            if (!taken.IsDone(out avatar, out problem))
                return Outcome<Profile>.Refused(problem);
            if (changes.Picture is not null)
                avatarUrl = addresses.At($"/user/{person}/avatar?{BlobKey.Of(avatar.Content.Span)}");
        }

        var updated = await store.ExecuteAsync(
            async (session, ct) =>
            {
                if (await session.Profiles.FindAsync(person, ct).ConfigureAwait(false) is not { MayAct: true } profile)
                    return null;
                var next = profile with
                {
                    FullName = changes.FullName?.Trim() ?? profile.FullName,
                    Bio = changes.Bio?.Trim() ?? profile.Bio,
                    Location = changes.Location?.Trim() ?? profile.Location,
                    Homepage = changes.Homepage?.Trim() ?? profile.Homepage,
                    AvatarUrl = avatarUrl ?? profile.AvatarUrl,
                    License = changes.License?.Url ?? profile.License,
                    ApprovesFollowers = changes.ApprovesFollowers ?? profile.ApprovesFollowers,
                };
                await session.Profiles.UpdateAsync(next, ct).ConfigureAwait(false);
                if (avatarUrl is not null)
                    await session.Avatars.SetAsync(person, avatar, ct).ConfigureAwait(false);
                // Whether followers wait for approval is nobody else's business.
                if (next with { ApprovesFollowers = profile.ApprovesFollowers } != profile)
                    await session.Deliveries.EnqueueAsync(new DeliveryEvent { Author = person, Kind = DeliveryEventKind.Profile }, ct).ConfigureAwait(false);
                return next;
            },
            cancellationToken).ConfigureAwait(false);
        signal.Wake();
        return updated is null ? Outcome<Profile>.Refused("There is no such profile, or it is suspended.") : Outcome<Profile>.Done(updated);
    }
}
