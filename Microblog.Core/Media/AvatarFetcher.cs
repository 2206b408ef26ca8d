using Microblog.Remote;

namespace Microblog.Media;

/// <summary>Fetches a picture through the one door out, to be kept here and never linked to (OMB-68).</summary>
internal sealed class AvatarFetcher(RemoteClient client)
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    public async ValueTask<ActionResult<Avatar>> FetchAsync(string address, CancellationToken cancellationToken)
    {
        if (!WebAddress.IsValid(address))
            return ActionResult<Avatar>.Refused("The picture's address does not begin with http:// or https://.");
        var request = RemoteRequest.Get(new Uri(address), "image/png, image/jpeg, image/gif") with { MaxBytes = Avatar.MaxBytes, Timeout = TimeLimit };
        return await client.SendAsync(request, cancellationToken).ConfigureAwait(false) switch
        {
            RemoteResult.Answered { Status: 200 } answered => Avatar.Of(answered.Body),
            RemoteResult.Answered answered => ActionResult<Avatar>.Refused($"The picture's address answered {answered.Status}."),
            RemoteResult.Failed failed => ActionResult<Avatar>.Refused($"The picture could not be fetched: {failed.Reason}."),
            _ => throw new InvalidOperationException("RemoteResult is a closed family."),
        };
    }
}
