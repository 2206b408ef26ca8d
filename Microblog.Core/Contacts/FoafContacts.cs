using System.Text;
using System.Xml;

namespace Microblog.Contacts;

/// <summary>Reads whom somebody knows (FOAF in RDF/XML). Only whom the document's own person knows is meant: Laconica's documents also describe
/// who follows them, and whom those know.</summary>
/// <remarks>One pass without recursion, and no RDF beyond what such documents hold: properties as elements, people inside of
/// <c>foaf:knows</c> or referred to from there, as <c>rdf:about</c>, <c>rdf:ID</c> or <c>rdf:nodeID</c> name them.</remarks>
internal sealed class FoafContacts
{
    public const string Foaf = "http://xmlns.com/foaf/0.1/";
    public const string Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

    private const string Sioc = "http://rdfs.org/sioc/ns#";
    private const int MaxText = WebAddress.MaxLength;

    private readonly List<Person> people = [];
    private readonly Dictionary<string, Person> named = new(StringComparer.Ordinal);
    private readonly HashSet<string> topics = new(StringComparer.Ordinal);
    private readonly Stack<Node> open = new();

    public IEnumerable<Contact?> Parse(XmlReader reader)
    {
        do
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    Begin(reader);
                    if (reader.IsEmptyElement)
                        End();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA when open.Peek().Text.Length <= MaxText:
                    open.Peek().Text.Append(reader.Value);
                    break;
                case XmlNodeType.EndElement:
                    End();
                    break;
            }
        }
        while (XmlContacts.Next(reader));

        return (people.Find(person => topics.Contains(person.Id)) ?? people.FirstOrDefault())?.Known.Distinct(StringComparer.Ordinal).Select(ContactOf) ?? [];
    }

    private void Begin(XmlReader reader)
    {
        var (name, space) = (reader.LocalName, reader.NamespaceURI);
        var above = open.Count > 0 ? open.Peek() : null;
        var reference = reader.GetAttribute("resource", Rdf) ?? (reader.GetAttribute("nodeID", Rdf) is { } blank ? "_:" + blank : "");
        var isInAccount = above is { Name: "account" or "holdsAccount" };
        if ((space == Foaf && name is "Person" or "Agent") || (space == Rdf && name == "Description" && !isInAccount))
        {
            open.Push(new Node("", BeginPerson(reader, above)) { IsSubject = true });
        }
        else if (isInAccount)
        {
            if (IdOf(reader) is { Length: > 0 } id && above!.Person is { } owner)
                named.TryAdd(id, owner);
            open.Push(new Node("", above!.Person) { IsSubject = true, IsAccount = true });
        }
        else
        {
            BeginProperty(space, name, reference, above);
        }
    }

    // Below anything else than people and their accounts a name is the name of something else, such as a place.
    private void BeginProperty(string space, string name, string reference, Node? above)
    {
        var person = above is { IsSubject: true } ? above.Person : null;
        if (space == Foaf && name is "primaryTopic" or "maker")
            topics.Add(reference);
        // SIOC's word for an account that hears another.
        if (((space == Foaf && name == "knows") || (space == Sioc && name == "follows")) && reference.Length > 0)
            person?.Known.Add(reference);
        var node = new Node(space == Foaf ? name : "", person) { IsAccount = above is { IsAccount: true } };
        node.Text.Append(reference);
        open.Push(node);
    }

    // What stands about one person in several places is put together.
    private Person BeginPerson(XmlReader reader, Node? above)
    {
        var id = IdOf(reader);
        if (id.Length == 0)
            id = FormattableString.Invariant($" {people.Count}");
        if (!named.TryGetValue(id, out var person))
        {
            person = new Person(id);
            people.Add(person);
            named.Add(id, person);
        }

        if (above is { Name: "knows", Person: { } knower })
            knower.Known.Add(id);
        foreach (var property in new[] { "name", "nick" })
            person.Take(property, reader.GetAttribute(property, Foaf) ?? "", isAccount: false);
        return person;
    }

    private void End()
    {
        var node = open.Pop();
        node.Person?.Take(node.Name, node.Text.ToString().Trim(), node.IsAccount);
    }

    private static string IdOf(XmlReader reader) =>
        reader.GetAttribute("about", Rdf)
        ?? (reader.GetAttribute("ID", Rdf) is { } id ? "#" + id
            : reader.GetAttribute("nodeID", Rdf) is { } blank ? "_:" + blank : "");

    // Somebody of whom the document says nothing more is known by the reference alone; accounts are named with a fragment.
    private Contact? ContactOf(string reference) =>
        named.TryGetValue(reference, out var person) ? person.ToContact() : Contact.Of("", reference.Split('#')[0]);

    private sealed record Node(string Name, Person? Person)
    {
        public StringBuilder Text { get; } = new();

        /// <summary>Whether what stands directly below says something about the person.</summary>
        public bool IsSubject { get; init; }

        public bool IsAccount { get; init; }
    }

    private sealed class Person(string id)
    {
        private readonly List<string> pages = [];
        private readonly List<string> homes = [];
        private string name = "";
        private string nick = "";
        private string account = "";
        private string service = "";

        public string Id => id;

        /// <summary>Whom they know, by reference.</summary>
        public List<string> Known { get; } = [];

        public void Take(string property, string text, bool isAccount)
        {
            switch (property)
            {
                case "name" when name.Length == 0:
                    name = text;
                    break;
                case "nick" when nick.Length == 0:
                    nick = text;
                    break;
                case "accountName" when account.Length == 0:
                    account = text;
                    break;
                case "accountServiceHomepage" when service.Length == 0:
                    service = WebAddress.HostOf(text);
                    break;
                // Laconica names an account's page so.
                case "accountProfilePage" or "homepage" when isAccount:
                    pages.Add(text);
                    break;
                case "weblog" or "homepage" or "page":
                    homes.Add(text);
                    break;
            }
        }

        public Contact? ToContact()
        {
            var shown = name.Length > 0 ? name : nick.Length > 0 ? nick : account;
            var address = account.Length > 0 && service.Length > 0 ? $"{account}@{service}" : "";
            return Contact.Of(shown, [.. pages, address, .. homes, id.Split('#')[0]]) ?? Contact.Of(shown, nick, account);
        }
    }
}
