using System.Security.Cryptography;
using System.Text;
using Microblog.People;
using Microblog.Storage;
using Microblog.Text;

namespace Microblog.Applications;

/// <summary>Makes and checks application passwords, for clients that know nothing but a name and a password.</summary>
/// <remarks>Safe for many threads. A password is made here and never chosen, so that a fast hash is enough and none is anybody's own elsewhere.</remarks>
public sealed class PasswordDesk
{
    /// <summary>Most passwords that one person has at a time.</summary>
    public const int MaxPerPerson = 25;

    /// <summary>Longest name, in UTF-16 code units.</summary>
    public const int MaxNameLength = 64;

    private const string Scope = "api.password";

    // Without 0 and o, 1, i and l, and without vowels, so that it is easy to type and spells nothing: 4.75 bits each, 114 in all.
    private const string EasyToType = "23456789bcdfghjkmnpqrstvwxz";
    private const int Length = 24;
    private const int Group = 4;
    private const int MaxTyped = 256;

    private readonly IMicroblogStore store;
    private readonly TimeProvider clock;

    internal PasswordDesk(IMicroblogStore store, TimeProvider clock) => (this.store, this.clock) = (store, clock);

    /// <summary>Makes a password. Only its hash is kept.</summary>
    /// <param name="person">Whose, of this node.</param>
    /// <param name="name">What the person calls it, such as the program's name.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    public async Task<Outcome<NewApplicationPassword>> MakeAsync(ProfileId person, string name, CancellationToken cancellationToken = default)
    {
        var line = OneLine.Of(name);
        if (line.Length is 0 or > MaxNameLength)
            return Outcome<NewApplicationPassword>.Refused($"Say in at most {MaxNameLength} characters what the password is for.");
        var text = string.Join('-', RandomNumberGenerator.GetString(EasyToType, Length).Chunk(Group).Select(group => new string(group)));
        var made = new ApplicationPassword(KeyOf(text), line, clock.GetUtcNow());
        var credential = new Credential
        {
            Scope = Scope,
            Token = made.Key,
            // Places are counted by it.
            Consumer = person.ToString(),
            State = CredentialState.Active,
            Person = person,
            Data = KeptFields.Write(("name", made.Name), ("at", KeptFields.Time(made.MadeAt))),
        };
        var problem = await store.ExecuteAsync(
            async (session, ct) =>
            {
                // Who leaves at the same time comes before or after.
                var owner = await session.Profiles.FindAsync(person, ct).ConfigureAwait(false);
                return owner is not { MayAct: true } ? Presence.ObjectionTo(owner)
                    : await session.Credentials.AddAsync(credential, MaxPerPerson, ct).ConfigureAwait(false) ? null
                    : $"You have {MaxPerPerson} passwords. Remove one first.";
            },
            cancellationToken).ConfigureAwait(false);
        return problem is null
            ? Outcome<NewApplicationPassword>.Done(new NewApplicationPassword(made, text))
            : Outcome<NewApplicationPassword>.Refused(problem);
    }

    /// <summary>A person's passwords, newest first.</summary>
    public async Task<IReadOnlyList<ApplicationPassword>> ListAsync(ProfileId person, CancellationToken cancellationToken = default)
    {
        var kept = await store.ReadAsync(
            Freshness.Latest, (session, ct) => session.Credentials.ListAsync(Scope, person, MaxPerPerson, ct), cancellationToken).ConfigureAwait(false);
        return [.. kept.Select(Read).OrderByDescending(password => password.MadeAt)];
    }

    /// <summary>Removes a password; nobody comes in by it from then on.</summary>
    /// <param name="person">Whose.</param>
    /// <param name="key">Which (<see cref="ApplicationPassword.Key"/>).</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    /// <returns>Whether the person had it.</returns>
    public async Task<bool> RemoveAsync(ProfileId person, string key, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        return await store.ExecuteAsync(
            async (session, ct) => await session.Credentials.FindAsync(Scope, key, ct).ConfigureAwait(false) is { } credential && credential.Person == person
                && await session.Credentials.ReplaceAsync(ApplicationDesk.Over(credential, now), CredentialState.Active, ct).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The person of a nickname and one of their passwords, also when they are suspended; <see langword="null"/> when the pair is wrong.</summary>
    /// <param name="nickname">As typed; upper-case ASCII letters are folded.</param>
    /// <param name="password">As typed; blanks and hyphens do not count, nor does the case of letters.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <remarks>One read. Only hashes are compared, so that the time it takes says nothing about a password.</remarks>
    public async ValueTask<Profile?> FindPersonAsync(string nickname, string password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(nickname);
        ArgumentNullException.ThrowIfNull(password);
        var folded = nickname.ToLowerInvariant();
        if (password.Length > MaxTyped || folded.Length > Nickname.MaxLength || !NoticeText.IsStorable(folded))
            return null;
        var key = KeyOf(password);
        return await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) =>
                await session.Credentials.FindAsync(Scope, key, ct).ConfigureAwait(false) is { State: CredentialState.Active } credential
                    && await session.Profiles.FindLocalAsync(folded, ct).ConfigureAwait(false) is { IsDeleted: false } person
                    && person.Id == credential.Person ? person : null,
            cancellationToken).ConfigureAwait(false);
    }

    private static ApplicationPassword Read(Credential credential)
    {
        var fields = KeptFields.Read(credential.Data);
        return new ApplicationPassword(credential.Token, fields["name"], KeptFields.Time(fields["at"]));
    }

    private static string KeyOf(string password)
    {
        var typed = string.Concat(password.Where(c => c is not ('-' or ' '))).ToLowerInvariant();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(typed)));
    }
}
