using System.Globalization;
using Microblog.Omb.Discovery;
using Microblog.Omb.OAuth;

namespace Microblog.Omb.Remote;

/// <summary>A subscription that a visitor began and whose consent is still out: what has to be remembered until the callback.</summary>
internal sealed record PendingDance
{
    public required ProfileId Publisher { get; init; }

    /// <summary>What discovery found. The listener's identity comes from here, never from the callback (OMB-124).</summary>
    public required OmbEndpoints Endpoints { get; init; }

    public required string ProfileUrl { get; init; }

    public required TokenCredentials RequestToken { get; init; }

    /// <summary>Whether the other side confirmed the callback: then a verifier is insisted on (OAUTH-52).</summary>
    public required bool IsConfirmed { get; init; }

    public required string BrowserHash { get; init; }

    /// <summary>Everything but the request token's secret, which is kept apart under protection.</summary>
    public string ToData() => KeptForm.Write(
    [
        new("publisher", Publisher.Value.ToString(CultureInfo.InvariantCulture)),
        new("identifier", Endpoints.Identifier),
        new("request", Endpoints.RequestToken),
        new("authorize", Endpoints.Authorize),
        new("access", Endpoints.AccessToken),
        new("notice", Endpoints.PostNotice),
        new("update", Endpoints.UpdateProfile),
        new("profile", ProfileUrl),
        new("token", RequestToken.Token),
        new("confirmed", IsConfirmed ? "1" : null),
        new("browser", BrowserHash),
    ]);

    public static PendingDance FromData(string data, string requestTokenSecret)
    {
        var kept = KeptForm.Read(data);
        return new PendingDance
        {
            Publisher = new ProfileId(long.Parse(kept("publisher")!, CultureInfo.InvariantCulture)),
            Endpoints = new OmbEndpoints
            {
                Identifier = kept("identifier")!,
                RequestToken = kept("request")!,
                Authorize = kept("authorize")!,
                AccessToken = kept("access")!,
                PostNotice = kept("notice")!,
                UpdateProfile = kept("update")!,
            },
            ProfileUrl = kept("profile")!,
            RequestToken = new TokenCredentials(kept("token")!, requestTokenSecret),
            IsConfirmed = kept("confirmed") is not null,
            BrowserHash = kept("browser")!,
        };
    }
}
