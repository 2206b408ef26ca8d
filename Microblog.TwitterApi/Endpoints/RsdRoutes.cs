using Microblog.Feeds;
using Microblog.Http;
using Microblog.Text;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Tells clients where the API is: Really Simple Discovery, for the site and for each person (§1).</summary>
internal sealed class RsdRoutes(MicroblogNode node, NodeAddresses addresses) : INodeRoutes
{
    private const string Namespace = "http://archipelago.phrasewise.com/rsd";

    public IEnumerable<NodeRoute> Routes =>
    [
        new() { Method = "GET", Template = "/rsd.xml", Handler = (_, _) => new(Document(addresses.Root)) },
        new() { Method = "GET", Template = "/{nickname}/rsd.xml", Handler = OfPersonAsync },
    ];

    private async ValueTask<NodeResponse> OfPersonAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var asked = request.Route("nickname");
        if (!Nickname.TryParse(asked, out var nickname, out _)
            || await node.FindLocalAsync(nickname, cancellationToken).ConfigureAwait(false) is not { MayAct: true } person)
            return NodeResponse.Text(404, "There is nobody of this name here.");
        return asked == person.Nickname
            ? Document(addresses.ProfileUrl(person.Nickname))
            : new NodeResponse(301, NodeBody.None).With("Location", addresses.ProfileUrl(person.Nickname) + "/rsd.xml");
    }

    private NodeResponse Document(string homepage)
    {
        var document = FeedXml.Write(xml =>
        {
            xml.WriteStartElement("rsd", Namespace);
            xml.WriteAttributeString("version", "1.0");
            xml.WriteStartElement("service", Namespace);
            xml.WriteElementString("engineName", Namespace, "Microblog");
            xml.WriteElementString("engineLink", Namespace, addresses.Root);
            xml.WriteElementString("homePageLink", Namespace, homepage);
            xml.WriteStartElement("apis", Namespace);
            xml.WriteStartElement("api", Namespace);
            xml.WriteAttributeString("name", "Twitter");
            xml.WriteAttributeString("preferred", "true");
            xml.WriteAttributeString("apiLink", addresses.At(ApiRoutes.Root + "/"));
            xml.WriteAttributeString("blogID", "");
            xml.WriteStartElement("settings", Namespace);
            xml.WriteStartElement("setting", Namespace);
            xml.WriteAttributeString("name", "OAuth");
            xml.WriteString("true");
            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndElement();
        });
        return NodeResponse.Bytes(200, "application/rsd+xml", document);
    }
}
