using System.Security.Cryptography;
using Microblog.Identity;
using Microblog.People;
using Microblog.Storage;

namespace Microblog.Applications;

/// <summary>Registers programs that people of this node wrote, or want to use, so that others can let them into their accounts.</summary>
/// <remarks>Safe for many threads. Everything is a credential of the node's store, so it goes with a person who leaves.</remarks>
public sealed class ApplicationDesk
{
    /// <summary>Most applications that one person keeps at a time.</summary>
    public const int MaxPerPerson = 25;

    internal const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int KeyLength = 32;

    // Agreed between everybody and every site (StatusNet), so it proves nothing.
    private static readonly RegisteredApplication Unregistered = new(Application.Unregistered, "anonymous");

    private readonly IMicroblogStore store;
    private readonly ISecretProtector protector;
    private readonly TimeProvider clock;
    private readonly bool takesUnregistered;

    internal ApplicationDesk(IMicroblogStore store, ISecretProtector protector, TimeProvider clock, bool takesUnregistered = false) =>
        (this.store, this.protector, this.clock, this.takesUnregistered) = (store, protector, clock, takesUnregistered);

    /// <summary>Registers an application.</summary>
    /// <param name="owner">A person of this node.</param>
    /// <param name="details">What it says about itself; texts are made one line.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    public async Task<Outcome<RegisteredApplication>> RegisterAsync(ProfileId owner, ApplicationDetails details, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(details);
        if (!ApplicationRecord.Clean(details).IsDone(out var clean, out var problem))
            return Outcome<RegisteredApplication>.Refused(problem);
        var application = new Application
        {
            Key = RandomNumberGenerator.GetString(LettersAndDigits, KeyLength),
            Owner = owner,
            Details = clean,
            RegisteredAt = clock.GetUtcNow(),
        };
        var secret = RandomNumberGenerator.GetString(LettersAndDigits, KeyLength);
        var credential = ApplicationRecord.Write(application, secret, protector);
        problem = await store.ExecuteAsync((session, ct) => AddAsync(session, credential, ct), cancellationToken).ConfigureAwait(false);
        return problem is null
            ? Outcome<RegisteredApplication>.Done(new RegisteredApplication(application, secret))
            : Outcome<RegisteredApplication>.Refused(problem);
    }

    /// <summary>Changes what an application says about itself. Whoever let it in to read only has to decide anew before it may write.</summary>
    public async Task<Outcome<Application>> ChangeAsync(
        ProfileId owner, string key, ApplicationDetails details, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(details);
        if (!ApplicationRecord.Clean(details).IsDone(out var clean, out var problem))
            return Outcome<Application>.Refused(problem);
        var changed = await store.ExecuteAsync(
            async (session, ct) =>
            {
                // In this order, as where it is registered.
                if (await session.Profiles.FindAsync(owner, ct).ConfigureAwait(false) is not { MayAct: true }
                    || await FindOwnAsync(session, owner, key, ct).ConfigureAwait(false) is not var (credential, known))
                    return null;
                var next = known with { Details = clean };
                return await session.Credentials.ReplaceAsync(
                    credential with { Data = ApplicationRecord.Fields(next) }, CredentialState.Active, ct).ConfigureAwait(false) ? next : null;
            },
            cancellationToken).ConfigureAwait(false);
        return changed is null ? Outcome<Application>.Refused("You have no such application.") : Outcome<Application>.Done(changed);
    }

    /// <summary>Deletes an application; from then on nobody is let in by it.</summary>
    /// <returns>Whether the owner had it.</returns>
    public async Task<bool> DeleteAsync(ProfileId owner, string key, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        return await store.ExecuteAsync(
            async (session, ct) => await FindOwnAsync(session, owner, key, ct).ConfigureAwait(false) is var (credential, _)
                && await session.Credentials.ReplaceAsync(Over(credential, now), CredentialState.Active, ct).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A person's own applications with their secrets, newest first.</summary>
    public async Task<IReadOnlyList<RegisteredApplication>> ListAsync(ProfileId owner, CancellationToken cancellationToken = default)
    {
        var kept = await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Credentials.ListAsync(ApplicationRecord.Scope, owner, MaxPerPerson, ct), cancellationToken).ConfigureAwait(false);
        return [.. kept.Select(Registered).OrderByDescending(own => own.Application.RegisteredAt)];
    }

    /// <summary>The application of this key; <see langword="null"/> when there is none, it was deleted, or its owner may do nothing here.</summary>
    public async Task<RegisteredApplication?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        if (key == Application.Unregistered.Key)
            return FindUnregistered(takesUnregistered);
        var found = await store.ReadAsync(Freshness.Latest, (session, ct) => FindAsync(session, key, ct), cancellationToken).ConfigureAwait(false);
        return found is null ? null : Registered(found);
    }

    /// <summary>What stands for every program that nobody registered, where such are let in.</summary>
    internal static RegisteredApplication? FindUnregistered(bool areTaken) => areTaken ? Unregistered : null;

    /// <summary>The credential of an application that people can use.</summary>
    internal static async ValueTask<Credential?> FindAsync(IReadSession session, string key, CancellationToken cancellationToken) =>
        await session.Credentials.FindAsync(ApplicationRecord.Scope, key, cancellationToken).ConfigureAwait(false) is { State: CredentialState.Active } credential
        && await session.Profiles.FindAsync(credential.Person, cancellationToken).ConfigureAwait(false) is { MayAct: true } ? credential : null;

    /// <summary>What becomes of a credential that is taken back: it ends at once, takes no place, and is cleaned up in time.</summary>
    internal static Credential Over(Credential credential, DateTimeOffset now) =>
        credential with { State = CredentialState.Revoked, ProtectedSecret = default, Data = "", Expires = now };

    private RegisteredApplication Registered(Credential credential) =>
        new(ApplicationRecord.Read(credential)!, ApplicationRecord.Open(credential, protector));

    private static async ValueTask<(Credential Credential, Application Application)?> FindOwnAsync(
        IStoreSession session, ProfileId owner, string key, CancellationToken cancellationToken) =>
        await session.Credentials.FindAsync(ApplicationRecord.Scope, key, cancellationToken).ConfigureAwait(false) is { } credential
        && credential.Person == owner && ApplicationRecord.Read(credential) is { } known ? (credential, known) : null;

    private static async ValueTask<string?> AddAsync(IStoreSession session, Credential credential, CancellationToken cancellationToken)
    {
        // Who leaves at the same time comes before or after.
        var owner = await session.Profiles.FindAsync(credential.Person, cancellationToken).ConfigureAwait(false);
        if (owner is not { MayAct: true })
            return Presence.ObjectionTo(owner);
        return await session.Credentials.AddAsync(credential, MaxPerPerson, cancellationToken).ConfigureAwait(false)
            ? null : $"You have {MaxPerPerson} applications. Delete one first.";
    }
}
