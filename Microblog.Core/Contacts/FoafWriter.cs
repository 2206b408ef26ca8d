using System.Xml;
using Microblog.Feeds;

namespace Microblog.Contacts;

/// <summary>Writes whom a person follows as whom they know (FOAF in RDF/XML).</summary>
internal sealed class FoafWriter : ContactWriter
{
    private const string Foaf = FoafContacts.Foaf;
    private const string Rdf = FoafContacts.Rdf;

    private readonly NodeAddresses addresses;
    private readonly XmlWriter xml;

    public FoafWriter(Stream stream, Profile person, NodeAddresses addresses)
    {
        this.addresses = addresses;
        xml = XmlWriter.Create(stream, Xml);
        xml.WriteStartElement("rdf", "RDF", Rdf);
        xml.WriteAttributeString("xmlns", "foaf", null, Foaf);
        xml.WriteStartElement("PersonalProfileDocument", Foaf);
        xml.WriteAttributeString("about", Rdf, "");
        WriteReference("primaryTopic", person.Uri.Value);
        xml.WriteEndElement();
        BeginPerson(person);
    }

    public override void Add(Profile person)
    {
        xml.WriteStartElement("knows", Foaf);
        BeginPerson(person);
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    public override void Flush() => xml.Flush();

    public override void Dispose() => xml.Dispose();

    private void BeginPerson(Profile person)
    {
        xml.WriteStartElement("Person", Foaf);
        xml.WriteAttributeString("about", Rdf, FeedXml.Clean(person.Uri.Value));
        if (person.FullName.Length > 0)
            WriteText("name", person.FullName);
        WriteText("nick", person.Nickname);
        xml.WriteStartElement("account", Foaf);
        xml.WriteStartElement("OnlineAccount", Foaf);
        if (person.IsLocal)
            WriteReference("accountServiceHomepage", addresses.Root);
        WriteText("accountName", person.Nickname);
        if (WebAddress.IsValid(person.Url))
            WriteReference("accountProfilePage", person.Url);
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private void WriteText(string name, string text) => xml.WriteElementString(name, Foaf, LineOf(text));

    private void WriteReference(string name, string address)
    {
        xml.WriteStartElement(name, Foaf);
        xml.WriteAttributeString("resource", Rdf, FeedXml.Clean(address));
        xml.WriteEndElement();
    }
}
