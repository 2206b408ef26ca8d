using Microblog.Omb.OAuth;

namespace Microblog.TwitterApi.Access;

/// <summary>How the client API speaks OAuth: 1.0a only, for here everybody registers.</summary>
internal sealed class ApiOAuth(ApiTokens tokens, NodeAddresses addresses, TimeProvider clock)
{
    private readonly OAuthOptions options = new()
    {
        Realm = addresses.Root,
        AcceptOAuth10 = false,
        NumericOutOfBandVerifiers = true,
    };

    private OAuthProvider? provider;

    public OAuthOptions Options => options;

    public OAuthProvider Provider => provider ??= new OAuthProvider(tokens, options, clock);
}
