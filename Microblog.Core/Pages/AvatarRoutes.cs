using Microblog.Http;
using Microblog.Media;

namespace Microblog.Pages;

/// <summary>People's pictures: 96×96, from this site whoever they are (OMB-68).</summary>
internal sealed class AvatarRoutes(MicroblogNode node) : INodeRoutes
{
    public IEnumerable<NodeRoute> Routes => [new NodeRoute { Method = "GET", Template = "/user/{id}/avatar", Handler = ShowAsync }];

    private async ValueTask<NodeResponse> ShowAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var id = new ProfileId(Visit.Number(request.Route("id")));
        var person = await node.FindProfileAsync(id, cancellationToken).ConfigureAwait(false);
        return person switch
        {
            null => NodeResponse.Text(404, "There is nobody of this number."),
            { IsDeleted: true } => NodeResponse.Text(410, "This person has left."),
            // Drawn from the identifier, which never changes.
            _ => NodeResponse.Bytes(200, "image/png", Identicon.Create(person.Uri.Value)).With("Cache-Control", "public, max-age=86400"),
        };
    }
}
