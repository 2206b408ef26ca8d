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
                var list = new List<FoundContact>(contacts.Count);
                Circle? circle = null;
                foreach (var contact in contacts)
                {
                    var name = ContactName.Of(contact.Addresses[0], addresses);
                    list.Add(name.IsHere
                        ? await FindHereAsync(session, person, contact, name, ct).ConfigureAwait(false)
                        : (circle ??= await Circle.ReadAsync(session, person, ct).ConfigureAwait(false)).Find(contact, name));
                }

                return list;
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

    private static async ValueTask<FoundContact> FindHereAsync(
        IReadSession session, Profile person, Contact contact, ContactName name, CancellationToken cancellationToken)
    {
        var found = !name.Id.IsNone ? await session.Profiles.FindAsync(name.Id, cancellationToken).ConfigureAwait(false)
            : name.Nickname.Length > 0 ? await session.Profiles.FindLocalAsync(name.Nickname, cancellationToken).ConfigureAwait(false)
            : null;
        if (found is not { MayAct: true })
            return new FoundContact(contact.Addresses[0], contact.Name, ContactStanding.Unknown);
        var subscription = await session.Subscriptions.FindAsync(person.Id, found.Uri, "", cancellationToken).ConfigureAwait(false);
        var standing = found.Id == person.Id ? ContactStanding.Yourself
            : await session.Subscriptions.IsBlockedAsync(person.Id, found.Uri, cancellationToken).ConfigureAwait(false)
                || await session.Subscriptions.IsBlockedAsync(found.Id, person.Uri, cancellationToken).ConfigureAwait(false) ? ContactStanding.Blocked
            : subscription?.State switch
            {
                SubscriptionState.Active => ContactStanding.Followed,
                SubscriptionState.Requested => ContactStanding.Asked,
                _ => ContactStanding.Here,
            };
        return new FoundContact(found.Nickname, contact.Name, standing) { Person = found };
    }

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
