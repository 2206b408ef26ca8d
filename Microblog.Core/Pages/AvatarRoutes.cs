using Microblog.Http;
using Microblog.Media;
using Microblog.People;
using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>People's pictures, from this site whoever they are (OMB-68): for pages as they are, for other services exactly 96×96 as OMB has them.</summary>
internal sealed class AvatarRoutes(PageFrames frames, MicroblogNode node) : INodeRoutes
{
    public IEnumerable<NodeRoute> Routes =>
    [
        new NodeRoute { Method = "GET", Template = "/user/{id}/avatar", Handler = (request, ct) => ShowAsync(request, isExact: false, ct) },
        new NodeRoute { Method = "GET", Template = "/user/{id}/avatar/96", Handler = (request, ct) => ShowAsync(request, isExact: true, ct) },
    ];

    private async ValueTask<NodeResponse> ShowAsync(NodeRequest request, bool isExact, CancellationToken cancellationToken)
    {
        var id = new ProfileId(Visit.Number(request.Route("id")));
        var frame = await frames.ForAsync(request.User, cancellationToken).ConfigureAwait(false);
        var (person, avatar) = await node.ReadAsync((session, ct) => FindAsync(session, id, frame.Viewer?.Profile, ct), cancellationToken).ConfigureAwait(false);
        return person switch
        {
            null => NodeResponse.Text(404, "There is nobody of this number."),
            { IsDeleted: true } => NodeResponse.Text(410, "This person has left."),
            // Drawn from the identifier, which never changes; and in place of what nobody shall see.
            _ when avatar is null || (isExact && !avatar.IsExact) => Picture("image/png", Identicon.Create(person.Uri.Value), "public"),
            _ => Picture(avatar.MediaType, avatar.Content, person.Scope.IsNone ? "public" : "private"),
        };
    }

    private static async ValueTask<(Profile? Person, Avatar? Avatar)> FindAsync(
        IReadSession session, ProfileId id, Profile? viewer, CancellationToken cancellationToken)
    {
        if (await session.Profiles.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } person)
            return default;
        // What one subscription brought is for its own two people (OMB-65).
        if (!person.Scope.IsNone
            && (await session.Subscriptions.FindAsync(person.Scope, cancellationToken).ConfigureAwait(false) is not { } subscription
                || viewer is null || (viewer.Id != subscription.Subscriber && viewer.Id != subscription.Publisher)))
            return default;
        return (person, await ProfileVisibility.IsHiddenAsync(session, person, cancellationToken).ConfigureAwait(false)
            ? null
            : await session.Avatars.FindAsync(id, cancellationToken).ConfigureAwait(false));
    }

    // Somebody else chose the bytes, so they are a picture and nothing else, whatever a browser finds inside.
    private static NodeResponse Picture(string mediaType, ReadOnlyMemory<byte> content, string cache) =>
        NodeResponse.Bytes(200, mediaType, content)
            .With("Cache-Control", cache + ", max-age=3600")
            .With("Content-Security-Policy", "default-src 'none'; sandbox");
}
