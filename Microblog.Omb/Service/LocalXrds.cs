using System.Globalization;
using Microblog.Http;
using Microblog.Omb.Discovery;
using Microblog.Pages;
using Microblog.Storage;

namespace Microblog.Omb.Service;

/// <summary>Offers the discovery document of this node's people in all three ways at once: openmicroblogging.md §3.2.</summary>
internal sealed class LocalXrds(IMicroblogStore store, NodeAddresses addresses) : IProfileRepresentation
{
    private const string LocationName = "X-XRDS-Location";

    public bool IsPreferred(string accept) => YadisNegotiation.PrefersXrds(accept);

    public ValueTask<NodeResponse> RenderAsync(Profile profile, CancellationToken cancellationToken) => new(Document(profile));

    public IEnumerable<KeyValuePair<string, string>> Headers(Profile profile) => [new(LocationName, Location(profile))];

    public IEnumerable<HeadElement> HeadElements(Profile profile) => [new HeadElement.HttpEquiv(LocationName, Location(profile))];

    public string? SubscribeUrl(Profile profile) => SubscribePage(profile);

    /// <summary>Answers the document's own address, whatever is asked for by <c>Accept</c> (OMB-4).</summary>
    public async ValueTask<NodeResponse> AnswerAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var profile = long.TryParse(request.Route("id"), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? await store.ReadAsync(
                Freshness.Latest, (session, ct) => session.Profiles.FindAsync(new ProfileId(id), ct), cancellationToken).ConfigureAwait(false)
            : null;
        return profile is { MayAct: true } ? Document(profile) : NodeResponse.Text(404, "There is nobody here.");
    }

    private NodeResponse Document(Profile profile)
    {
        var pushes = addresses.At($"/omb/{profile.Id}");
        var endpoints = new OmbEndpoints
        {
            Identifier = profile.Uri.Value,
            RequestToken = addresses.At("/omb/request_token"),
            Authorize = addresses.At(AuthorizationEndpoint.Path),
            AccessToken = addresses.At("/omb/access_token"),
            // One per listener, so that one's unsubscribing silences nobody else (OMB-13).
            PostNotice = pushes + "/notice",
            UpdateProfile = pushes + "/profile",
        };
        return NodeResponse.Bytes(200, XrdsTypes.MediaType, XrdsWriter.Write(endpoints, XrdsWriter.DefaultCapabilities));
    }

    private string Location(Profile profile) => addresses.At($"/user/{profile.Id}/xrds");

    private string SubscribePage(Profile profile) => addresses.At($"/{profile.Nickname}/subscribe");
}
