using System.Text;
using Microblog.Identity;
using Microblog.Storage;

namespace Microblog.Applications;

/// <summary>Remembers which applications a person let into their account.</summary>
/// <remarks>Safe for many threads. No grant is remembered outside the store, so what is taken back ends at once in every process.</remarks>
public sealed class AccessDesk
{
    /// <summary>Most applications that one person lets in at a time.</summary>
    public const int MaxPerPerson = 100;

    private const string Scope = "api.access";

    private readonly IMicroblogStore store;
    private readonly ISecretProtector protector;
    private readonly TimeProvider clock;
    private readonly OpenedSecrets secrets;
    private readonly bool takesUnregistered;

    internal AccessDesk(IMicroblogStore store, ISecretProtector protector, TimeProvider clock, bool takesUnregistered = false) =>
        (this.store, this.protector, this.clock, secrets, this.takesUnregistered) = (store, protector, clock, new OpenedSecrets(protector), takesUnregistered);

    /// <summary>Looks up, in one read, who calls by whose leave.</summary>
    /// <param name="key">The application's key.</param>
    /// <param name="token">The token that it was given.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns><see langword="null"/> when the application is not in force, or has no such token in force.</returns>
    public async ValueTask<ApplicationAccess?> FindAsync(string key, string token, CancellationToken cancellationToken)
    {
        var (access, application, person) = await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) =>
                await session.Credentials.FindAsync(Scope, token, ct).ConfigureAwait(false) is { State: CredentialState.Active } found && found.Consumer == key
                    ? (found,
                        await ApplicationDesk.FindAsync(session, key, ct).ConfigureAwait(false),
                        await session.Profiles.FindAsync(found.Person, ct).ConfigureAwait(false))
                    : default((Credential?, Credential?, Profile?)),
            cancellationToken).ConfigureAwait(false);
        if (access is null || person is null)
            return null;
        var registered = application is not null ? new RegisteredApplication(ApplicationRecord.Read(application)!, secrets.Open(application))
            : key == Application.Unregistered.Key ? ApplicationDesk.FindUnregistered(takesUnregistered) : null;
        var tokenSecret = secrets.Open(access);
        // Without its secret nothing can be checked; an empty one would be known to everybody.
        if (registered is not { Secret.Length: > 0 } || tokenSecret.Length == 0)
            return null;
        return new ApplicationAccess
        {
            Application = registered,
            Person = person,
            Secret = tokenSecret,
            MayWrite = registered.Application.Details.MayWrite && MayWrite(access),
        };
    }

    /// <summary>Lets an application in, inside the transaction that takes what the person's agreement was kept as.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="person">Who agreed.</param>
    /// <param name="key">The application.</param>
    /// <param name="mayWrite">What they agreed to.</param>
    /// <param name="fresh">What the application gets, unless it is let in already: then it gets again what it has.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>What the application gets; <see langword="null"/> when it is gone, or the person is, or has let too many in.</returns>
    public async ValueTask<AccessSecret?> GrantAsync(
        IStoreSession session, ProfileId person, string key, bool mayWrite, AccessSecret fresh, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(fresh);
        // Held until the end, so that of two at once one finds what the other made.
        if (await session.Profiles.FindAsync(person, cancellationToken).ConfigureAwait(false) is not { MayAct: true }
            || await ReadAsync(session, key, cancellationToken).ConfigureAwait(false) is null)
            return null;
        var kept = await session.Credentials.ListAsync(Scope, person, MaxPerPerson, cancellationToken).ConfigureAwait(false);
        var data = KeptFields.Write(("write", mayWrite ? "1" : ""), ("at", KeptFields.Time(clock.GetUtcNow())));
        if (kept.FirstOrDefault(access => access.Consumer == key) is { } known && ApplicationRecord.Open(known, protector) is { Length: > 0 } secret)
        {
            await session.Credentials.ReplaceAsync(known with { Data = data }, CredentialState.Active, cancellationToken).ConfigureAwait(false);
            return new AccessSecret(known.Token, secret);
        }

        if (kept.Count == MaxPerPerson && !await TidyAsync(session, kept, cancellationToken).ConfigureAwait(false))
            return null;
        var credential = new Credential
        {
            Scope = Scope,
            Token = fresh.Token,
            ProtectedSecret = protector.Protect(Encoding.ASCII.GetBytes(fresh.Secret)),
            Consumer = key,
            State = CredentialState.Active,
            Person = person,
            Data = data,
        };
        await session.Credentials.AddAsync(credential, int.MaxValue, cancellationToken).ConfigureAwait(false);
        return fresh;
    }

    /// <summary>Whether a person may let another application in.</summary>
    public async Task<bool> HasRoomAsync(ProfileId person, string key, CancellationToken cancellationToken = default)
    {
        var grants = await ListAsync(person, cancellationToken).ConfigureAwait(false);
        return grants.Count < MaxPerPerson || grants.Any(grant => grant.Application.Key == key);
    }

    /// <summary>What a person let in, the last first.</summary>
    public async Task<IReadOnlyList<AccessGrant>> ListAsync(ProfileId person, CancellationToken cancellationToken = default)
    {
        var grants = await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) =>
            {
                var list = new List<AccessGrant>();
                foreach (var access in await session.Credentials.ListAsync(Scope, person, MaxPerPerson, ct).ConfigureAwait(false))
                {
                    // The host may take unregistered ones again, so whoever let them in can take that back meanwhile.
                    var application = access.Consumer == Application.Unregistered.Key
                        ? Application.Unregistered : await ReadAsync(session, access.Consumer, ct).ConfigureAwait(false);
                    if (application is not null)
                        list.Add(new AccessGrant(application, application.Details.MayWrite && MayWrite(access), KeptFields.Time(KeptFields.Read(access.Data)["at"])));
                }

                return list;
            },
            cancellationToken).ConfigureAwait(false);
        return [.. grants.OrderByDescending(grant => grant.GrantedAt)];
    }

    /// <summary>Takes an application's access back, at once and for good: should they let it in again, it gets another token.</summary>
    /// <returns>Whether it had any.</returns>
    public async Task<bool> RevokeAsync(ProfileId person, string key, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        return await store.ExecuteAsync(
            async (session, ct) =>
            {
                var kept = await session.Credentials.ListAsync(Scope, person, MaxPerPerson, ct).ConfigureAwait(false);
                var isRevoked = false;
                foreach (var access in kept.Where(access => access.Consumer == key))
                    isRevoked |= await session.Credentials.ReplaceAsync(ApplicationDesk.Over(access, now), CredentialState.Active, ct).ConfigureAwait(false);
                return isRevoked;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Application?> ReadAsync(IReadSession session, string key, CancellationToken cancellationToken) =>
        key == Application.Unregistered.Key
            ? ApplicationDesk.FindUnregistered(takesUnregistered)?.Application
            : ApplicationRecord.Read(await session.Credentials.FindAsync(ApplicationRecord.Scope, key, cancellationToken).ConfigureAwait(false));

    private static bool MayWrite(Credential access) => KeptFields.Read(access.Data).Has("write");

    // What deleted applications had takes no place. Whether there is room then.
    private async ValueTask<bool> TidyAsync(IStoreSession session, IReadOnlyList<Credential> kept, CancellationToken cancellationToken)
    {
        var hasRoom = false;
        foreach (var access in kept)
        {
            if (await ReadAsync(session, access.Consumer, cancellationToken).ConfigureAwait(false) is null)
                hasRoom |= await session.Credentials.ReplaceAsync(ApplicationDesk.Over(access, clock.GetUtcNow()), CredentialState.Active, cancellationToken).ConfigureAwait(false);
        }

        return hasRoom;
    }
}
