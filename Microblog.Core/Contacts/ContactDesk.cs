using System.Text;
using Microblog.Federation;
using Microblog.Moderation;
using Microblog.Storage;

namespace Microblog.Contacts;

/// <summary>Looks up people of a list, and follows those who were chosen. Of the list itself nothing is kept.</summary>
internal sealed class ContactDesk(MicroblogNode node, NodeAddresses addresses, FederationGate gate)
{
    /// <summary>How many are looked up, offered and followed at once.</summary>
    public const int AtOnce = 200;

    /// <summary>The people of a list, each once and by one address, those of this node first.</summary>
    public IReadOnlyList<Contact> Arrange(IEnumerable<Contact> contacts)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (here, elsewhere) = (new List<Contact>(), new List<Contact>());
        foreach (var contact in contacts)
        {
            var address = Choose(contact);
            var name = ContactName.Of(address, addresses);
            if (seen.Add(name.Key))
                (name.IsHere ? here : elsewhere).Add(contact with { Addresses = [address] });
        }

        return [.. here, .. elsewhere];
    }

    /// <summary>Finds out about people of a list, in its order; each person of this node once.</summary>
    public async ValueTask<IReadOnlyList<FoundContact>> LookUpAsync(Profile person, IReadOnlyList<Contact> contacts, CancellationToken cancellationToken)
    {
        var found = await node.ReadAsync(
            async (session, ct) =>
            {
                var names = contacts.Select(contact => ContactName.Of(contact.Addresses[0], addresses)).ToList();
                var people = await FindHereAsync(session, names, ct).ConfigureAwait(false);
                var relations = await session.Subscriptions.RelateAsync(person.Id, [.. people.Values.Select(other => other.Id).Distinct()], ct).ConfigureAwait(false);
                var circle = names.All(name => name.IsHere) ? null : await Circle.ReadAsync(session, person, ct).ConfigureAwait(false);
                return contacts.Zip(names, (contact, name) =>
                    !name.IsHere ? circle!.Find(contact, name)
                    : people.GetValueOrDefault(name.Key) is { } other ? new FoundContact(other.Nickname, contact.Name, StandingOf(person, other, relations)) { Person = other }
                    : new FoundContact(contact.Addresses[0], contact.Name, ContactStanding.Unknown)).ToList();
            },
            cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < found.Count; i++)
        {
            if (found[i].Standing == ContactStanding.Elsewhere
                && !await gate.IsOpenAsync(WebAddress.HostOf(found[i].Target), cancellationToken).ConfigureAwait(false))
                found[i] = found[i] with { Standing = ContactStanding.Blocked };
        }

        return [.. found.DistinctBy(contact => contact.Person?.Nickname ?? $"@{contact.Address}")];
    }

    /// <summary>Follows people of this node, as if each had been followed alone: whoever approves followers is asked, and blocks and policies count.</summary>
    /// <param name="person">Who follows.</param>
    /// <param name="nicknames">Whom.</param>
    /// <param name="cancellationToken">Cancels what is left; those who are followed by then stay so.</param>
    public async ValueTask<FollowedContacts> FollowAsync(Profile person, IEnumerable<string> nicknames, CancellationToken cancellationToken)
    {
        var (followed, asked, problems) = (0, 0, new List<string>());
        foreach (var nickname in nicknames)
        {
            switch (await node.SubscribeAsync(person.Id, nickname, cancellationToken).ConfigureAwait(false))
            {
                case SubscribeResult.Active:
                    followed++;
                    break;
                case SubscribeResult.Requested:
                    asked++;
                    break;
                case SubscribeResult.Refused refused:
                    problems.Add($"{nickname}: {refused.Reason}");
                    break;
            }
        }

        return new FollowedContacts(followed, asked, problems);
    }

    /// <summary>A list as it travels in a form from one page to the next: as CSV, so that it is read as any other list is.</summary>
    public static string Write(IEnumerable<Contact> contacts)
    {
        using var text = new StringWriter();
        CsvContacts.WriteRow(text, "Account address", "Name");
        foreach (var contact in contacts)
            CsvContacts.WriteRow(text, contact.Addresses[0], contact.Name);
        return text.ToString();
    }

    /// <summary>Reads what <see cref="Write"/> wrote; nobody for anything else.</summary>
    public static IReadOnlyList<Contact> Read(string text) =>
        ContactFile.Read(Encoding.UTF8.GetBytes(text), MaxWritten).IsDone(out var list, out _) ? list.Contacts : [];

    /// <summary>Most bytes of what <see cref="Write"/> writes: in UTF-8 a list that came in another encoding is up to twice as long.</summary>
    public const int MaxWritten = 3 * ContactFile.MaxBytes;

    // Somebody of this node before anybody else, then a page, which says more than nick@host.
    private string Choose(Contact contact) =>
        contact.Addresses.FirstOrDefault(address => ContactName.Of(address, addresses).IsHere && IsPrecise(address))
        ?? contact.Addresses.FirstOrDefault(address => address.Contains("://", StringComparison.Ordinal))
        ?? contact.Addresses.FirstOrDefault(IsPrecise)
        ?? contact.Addresses[0];

    // A bare nickname is somebody else's elsewhere.
    private static bool IsPrecise(string address) => address.AsSpan().ContainsAny('@', '/');

    // By their names' keys; who is not here is missing.
    private static async ValueTask<Dictionary<string, Profile>> FindHereAsync(
        IReadSession session, IReadOnlyList<ContactName> names, CancellationToken cancellationToken)
    {
        var people = new Dictionary<string, Profile>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var found = !name.Id.IsNone ? await session.Profiles.FindAsync(name.Id, cancellationToken).ConfigureAwait(false)
                : name.Nickname.Length > 0 ? await session.Profiles.FindLocalAsync(name.Nickname, cancellationToken).ConfigureAwait(false)
                : null;
            if (found is { MayAct: true })
                people[name.Key] = found;
        }

        return people;
    }

    // Whether the other blocks the person shows when they are asked, and not before.
    private static ContactStanding StandingOf(Profile person, Profile other, IReadOnlyDictionary<ProfileId, Relation> relations) =>
        other.Id == person.Id ? ContactStanding.Yourself : relations.GetValueOrDefault(other.Id) switch
        {
            { IsFollowing: true } => ContactStanding.Followed,
            { IsBlocking: true } => ContactStanding.Blocked,
            { IsRequested: true } => ContactStanding.Asked,
            _ => ContactStanding.Here,
        };

    /// <summary>Whom somebody hears and blocks elsewhere, by what lists may name them.</summary>
    private sealed record Circle(HashSet<string> Followed, HashSet<string> Blocked)
    {
        private const int Count = 500;

        public static async ValueTask<Circle> ReadAsync(IReadSession session, Profile person, CancellationToken cancellationToken)
        {
            var (followed, blocked) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
            SubscriptionId after = default;
            IReadOnlyList<SubscriptionEntry> page;
            do
            {
                page = await session.Archive.ListPublishersAsync(person.Id, SubscriptionState.Active, after, Count, cancellationToken).ConfigureAwait(false);
                foreach (var entry in page)
                {
                    after = entry.Subscription.Id;
                    if (!entry.Other.IsLocal)
                        followed.UnionWith(ContactName.KeysOf(entry.Other));
                }
            }
            while (page.Count == Count);

            foreach (var uri in await session.Subscriptions.ListBlocksAsync(person.Id, PageRequest.MaxCount, cancellationToken).ConfigureAwait(false))
            {
                if (await session.Profiles.FindAsync(uri, default, cancellationToken).ConfigureAwait(false) is { IsLocal: false } known)
                    blocked.UnionWith(ContactName.KeysOf(known));
            }

            return new Circle(followed, blocked);
        }

        public FoundContact Find(Contact contact, ContactName name) => new(
            contact.Addresses[0], contact.Name,
            Followed.Contains(name.Key) ? ContactStanding.Followed : Blocked.Contains(name.Key) ? ContactStanding.Blocked : ContactStanding.Elsewhere)
        {
            Target = name.Target,
        };
    }
}

/// <summary>What became of those who were to be followed.</summary>
/// <param name="Followed">How many are followed now.</param>
/// <param name="Asked">How many were asked, and decide.</param>
/// <param name="Problems">Who could not be followed, and why.</param>
internal sealed record FollowedContacts(int Followed, int Asked, IReadOnlyList<string> Problems);
