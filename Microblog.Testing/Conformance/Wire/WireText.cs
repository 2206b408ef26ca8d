namespace Microblog.Testing.Conformance.Wire;

/// <summary>Names and values of OpenMicroBlogging 0.1 as they stand on the wire.</summary>
internal static class WireText
{
    public const string Version = "http://openmicroblogging.org/protocol/0.1";
    public const string License = "https://creativecommons.org/licenses/by/4.0/";
    public const string XrdsType = "application/xrds+xml";
    public const string Request = "http://oauth.net/core/1.0/endpoint/request";
    public const string Authorize = "http://oauth.net/core/1.0/endpoint/authorize";
    public const string Access = "http://oauth.net/core/1.0/endpoint/access";
    public const string PostNotice = Version + "/postNotice";
    public const string UpdateProfile = Version + "/updateProfile";
    public const string OAuthPointer = "http://oauth.net/discovery/1.0";

    /// <summary>Whether a text can stand in a request line: with a line end a peer would write requests of its own.</summary>
    public static bool IsPrintable(string text) => text.All(c => c is > ' ' and < '\x7f');

    /// <summary>Whether two addresses have scheme, host and port in common, which is what a browser's sign-in goes by.</summary>
    public static bool IsSameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && one.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase);

    public static string[] Endpoints { get; } = [Request, Authorize, Access, PostNotice, UpdateProfile];
}
