using Microblog.Omb.Discovery;

namespace Microblog.Omb.Tests.Discovery;

internal static class Samples
{
    /// <summary>Dora of the OMB reference's sample 3.5.</summary>
    public static OmbEndpoints Dora { get; } = new()
    {
        Identifier = "https://beta.example.net/id/42",
        RequestToken = "https://beta.example.net/omb/request_token",
        Authorize = "https://beta.example.net/omb/authorize",
        AccessToken = "https://beta.example.net/omb/access_token",
        PostNotice = "https://beta.example.net/omb/42/notice",
        UpdateProfile = "https://beta.example.net/omb/42/profile",
    };

    public static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "xrds", file));

    /// <summary>Everybody at one site, named after the person.</summary>
    public static OmbEndpoints At(string site, string identifier) => new()
    {
        Identifier = identifier,
        RequestToken = site + "/request",
        Authorize = site + "/authorize",
        AccessToken = site + "/access",
        PostNotice = site + "/post",
        UpdateProfile = site + "/update",
    };
}
