namespace Microblog.Omb.Discovery;

/// <summary>The service types and capabilities of XRDS documents, spelled once (OMB reference 3.4).</summary>
internal static class XrdsTypes
{
    public const string MediaType = "application/xrds+xml";

    public const string XrdsNamespace = "xri://$xrds";
    public const string XrdNamespace = "xri://$xrd*($v*2.0)";
    public const string SimpleNamespace = "http://xrds-simple.net/core/1.0";
    public const string Simple = "xri://$xrds*simple";

    public const string OAuthDiscovery = "http://oauth.net/discovery/1.0";
    public const string Omb = "http://openmicroblogging.org/protocol/0.1";

    public const string RequestToken = "http://oauth.net/core/1.0/endpoint/request";
    public const string Authorize = "http://oauth.net/core/1.0/endpoint/authorize";
    public const string AccessToken = "http://oauth.net/core/1.0/endpoint/access";
    public const string Resource = "http://oauth.net/core/1.0/endpoint/resource";
    public const string PostNotice = "http://openmicroblogging.org/protocol/0.1/postNotice";
    public const string UpdateProfile = "http://openmicroblogging.org/protocol/0.1/updateProfile";

    public const string AuthHeader = "http://oauth.net/core/1.0/parameters/auth-header";
    public const string PostBody = "http://oauth.net/core/1.0/parameters/post-body";
    public const string UriQuery = "http://oauth.net/core/1.0/parameters/uri-query";
    public const string HmacSha1 = "http://oauth.net/core/1.0/signature/HMAC-SHA1";
    public const string RsaSha1 = "http://oauth.net/core/1.0/signature/RSA-SHA1";
    public const string Plaintext = "http://oauth.net/core/1.0/signature/PLAINTEXT";
}
