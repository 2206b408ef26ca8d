using System.Security;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Consumer;

/// <summary>The document of a listener of the kit, after the sample in 3.5.</summary>
internal static class XrdsWriting
{
    public static string Write(string identifier, string request, string authorize, string access, string notice, string update) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <XRDS xmlns="xri://$xrds">
          <XRD xmlns="xri://$xrd*($v*2.0)" xml:id="oauth" version="2.0">
            <Type>xri://$xrds*simple</Type>
            {Service(WireText.Request, request, $"<LocalID>{SecurityElement.Escape(identifier)}</LocalID>")}
            {Service(WireText.Authorize, authorize)}
            {Service(WireText.Access, access)}
          </XRD>
          <XRD xmlns="xri://$xrd*($v*2.0)" xml:id="omb" version="2.0">
            <Type>xri://$xrds*simple</Type>
            {Service(WireText.PostNotice, notice)}
            {Service(WireText.UpdateProfile, update)}
          </XRD>
          <XRD xmlns="xri://$xrd*($v*2.0)" version="2.0">
            <Type>xri://$xrds*simple</Type>
            {Service(WireText.OAuthPointer, "#oauth")}
            {Service(WireText.Version, "#omb")}
          </XRD>
        </XRDS>
        """;

    public static string Service(string type, string address, string more = "") =>
        $"<Service><Type>{type}</Type><URI>{SecurityElement.Escape(address)}</URI>{more}</Service>";
}
