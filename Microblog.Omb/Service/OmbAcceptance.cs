using Microblog.Omb.Messages;
using Microblog.Omb.OAuth;
using Microsoft.Extensions.Options;

namespace Microblog.Omb.Service;

/// <summary>What this node takes from others, beyond the form of a message.</summary>
internal sealed class OmbAcceptance(NodeAddresses addresses, IOptions<MicroblogOptions> node, IOptions<OmbOptions> options)
{
    /// <summary>A token serves the listenee and the address it was granted for (OMB-59).</summary>
    public static OmbRefusal? ObjectToGrant(Grant grant, ProfileUri listenee, string listenerInUrl) =>
        grant.Listenee != listenee ? new OmbRefusal(OmbRejection.NotTheGrant, $"The token was not granted for this {OmbNames.Listenee}.")
        : grant.ListenerInUrl != listenerInUrl ? new OmbRefusal(OmbRejection.NotTheGrant, "The token was not granted for this address.")
        : null;

    /// <summary>Own addresses and licences (OMB-37, OMB-41).</summary>
    public OmbRefusal? ObjectToNotice(PostNoticeMessage message) =>
        ObjectToOwn(OmbNames.Notice, message.Notice.Value)
        ?? ObjectToOwn(OmbNames.NoticeUrl, message.Url)
        ?? ObjectToOwn(OmbNames.SeeAlso, message.SeeAlso?.Url)
        ?? ObjectToLicense(OmbNames.NoticeLicense, message.License);

    /// <summary>Own addresses and licences (OMB-37, OMB-41).</summary>
    public OmbRefusal? ObjectToPerson(PersonFields fields) =>
        ObjectToOwn(PersonFields.ListeneePrefix + "profile", fields.ProfileUrl)
        ?? ObjectToLicense(PersonFields.ListeneePrefix + "license", fields.License);

    /// <summary>Nobody else may claim an address of ours (OMB-41).</summary>
    public OmbRefusal? ObjectToOwn(string name, string? address) =>
        !string.IsNullOrEmpty(address) && addresses.IsOwn(address)
            ? new OmbRefusal(OmbRejection.OwnNamespace, $"{name} lies under an address of this service, which only its own people have.")
            : null;

    /// <summary>Nobody else calls itself by our name: a key may be an address or a bare host (OMB-41).</summary>
    public OmbRefusal? ObjectToConsumer(string consumerKey) =>
        ObjectToOwn(OAuthNames.ConsumerKey, consumerKey) ?? ObjectToOwn(OAuthNames.ConsumerKey, "http://" + consumerKey);

    private OmbRefusal? ObjectToLicense(string name, string? license)
    {
        if (string.IsNullOrEmpty(license) || options.Value.AcceptAnyLicense)
            return null;
        if (license.Length > 255)
            return OmbRefusal.Malformed($"{name} is longer than 255 characters.");
        var site = node.Value.License!;
        return new License(license).IsCompatibleWith(site) ? null
            : new OmbRefusal(OmbRejection.License, $"{name}: this service publishes under {site.Url} and does not take {license}.");
    }
}
