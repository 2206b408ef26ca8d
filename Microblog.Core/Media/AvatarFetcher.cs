using Microblog.Remote;

namespace Microblog.Media;

/// <summary>Fetches a picture through the one door out, to be kept here and never linked to (OMB-68).</summary>
internal sealed class AvatarFetcher(RemoteClient client)
{
    // What 96×96 pixels need, and no more of a stranger's bandwidth or of ours.
    private const int MaxBytes = 64 * 1024;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    /// <summary>The picture, or why not.</summary>
    public async ValueTask<Outcome<Avatar>> FetchAsync(string address, CancellationToken cancellationToken) =>
        Read(await AskAsync(address, cancellationToken).ConfigureAwait(false));

    /// <summary>Asks for the picture; <see langword="null"/> when the address is none.</summary>
    public async ValueTask<RemoteResult?> AskAsync(string address, CancellationToken cancellationToken) =>
        !WebAddress.IsValid(address) ? null
        : await client.SendAsync(
            RemoteRequest.Get(new Uri(address), "image/png, image/jpeg, image/gif") with { MaxBytes = MaxBytes, Timeout = TimeLimit },
            cancellationToken).ConfigureAwait(false);

    /// <summary>What an answer brought: a picture as OMB has them.</summary>
    public static Outcome<Avatar> Read(RemoteResult? result) => result switch
    {
        RemoteResult.Answered { Status: 200 } answered => Exact(Avatar.Clean(answered.Body)),
        RemoteResult.Answered answered => Outcome<Avatar>.Refused($"The picture's address answered {answered.Status}."),
        RemoteResult.Failed failed => Outcome<Avatar>.Refused($"The picture could not be fetched: {failed.Reason}."),
        _ => Outcome<Avatar>.Refused("The picture's address does not begin with http:// or https://."),
    };

    private static Outcome<Avatar> Exact(Outcome<Avatar> fetched)
    {
        if (!fetched.IsDone(out var avatar, out _) || avatar.IsExact)
            return fetched;
        return Outcome<Avatar>.Refused(FormattableString.Invariant(
            $"The picture measures {avatar.Width}×{avatar.Height}; it has to be a PNG, JPEG or GIF of exactly {Avatar.Size}×{Avatar.Size}."));
    }
}
