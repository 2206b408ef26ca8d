namespace Microblog.Federation.Tests.Consumer;

/// <summary>An XRDS document after the sample of Laconica's days, endpoints in both kinds of order.</summary>
internal static class ForeignXrds
{
    public static string Write(string identifier, string request, string authorize, string access, string notice, string update) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <XRDS xmlns="xri://$xrds">
          <XRD xmlns="xri://$xrd*($v*2.0)" xml:id="oauth" version="2.0">
            <Type>xri://$xrds*simple</Type>
            {Service("http://oauth.net/core/1.0/endpoint/authorize", authorize)}
            {Service("http://oauth.net/core/1.0/endpoint/access", access)}
            {Service("http://oauth.net/core/1.0/endpoint/request", request, $"<LocalID>{identifier}</LocalID>")}
          </XRD>
          <XRD xmlns="xri://$xrd*($v*2.0)" xml:id="omb" version="2.0">
            <Type>xri://$xrds*simple</Type>
            {Service("http://openmicroblogging.org/protocol/0.1/postNotice", notice)}
            {Service("http://openmicroblogging.org/protocol/0.1/updateProfile", update)}
          </XRD>
          <XRD xmlns="xri://$xrd*($v*2.0)" version="2.0">
            <Type>xri://$xrds*simple</Type>
            {Service("http://oauth.net/discovery/1.0", "#oauth")}
            {Service("http://openmicroblogging.org/protocol/0.1", "#omb")}
          </XRD>
        </XRDS>
        """;

    private static string Service(string type, string address, string more = "") =>
        $"<Service><Type>{type}</Type><URI>{address.Replace("&", "&amp;", StringComparison.Ordinal)}</URI>{more}</Service>";
}
