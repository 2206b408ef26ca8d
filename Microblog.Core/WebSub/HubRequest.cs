using System.Globalization;
using System.Text;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Text;

namespace Microblog.WebSub;

/// <summary>Reads what somebody asks the hub for (W3C WebSub §5.1). All of it is hostile.</summary>
internal sealed class HubRequest(ISecretProtector protector, NodeAddresses addresses, WebSubOptions options)
{
    /// <summary>What is asked for, or what is wrong with it. Whether there is such a feed is not looked at.</summary>
    public Outcome<HubIntent> Read(NodeForm form, string network)
    {
        var (mode, topic, callback, secret) = (form["hub.mode"], form["hub.topic"], form["hub.callback"], form["hub.secret"]);
        if (mode is not (HubIntent.Subscribe or HubIntent.Unsubscribe))
            return Refused("hub.mode must be subscribe or unsubscribe.");
        if (topic.Length is 0 or > HubSubscription.MaxAddressLength || !NoticeText.IsStorable(topic))
            return Refused("hub.topic is missing or too long: give the address of a feed of this node, as its link “self” says it.");
        if (!HubAddress.IsUsable(callback))
            return Refused($"hub.callback must be an absolute http or https address without a fragment, of at most {HubSubscription.MaxAddressLength} characters.");
        if (addresses.IsOwn(callback))
            return Refused("hub.callback is an address of this node.");
        if (Encoding.UTF8.GetByteCount(secret) > HubSecret.MaxBytes)
            return Refused("hub.secret must be less than 200 bytes.");
        if (LeaseOf(form["hub.lease_seconds"]) is not { } lease)
            return Refused("hub.lease_seconds must be a whole number above zero.");
        return Outcome<HubIntent>.Done(new HubIntent(mode == HubIntent.Subscribe, topic, callback)
        {
            Lease = lease,
            Network = network,
            // Who says how it wants to be asked speaks PubSubHubbub 0.3, which signs by SHA-1 alone: Prosody, for one, takes nothing else.
            ProtectedSecret = HubSecret.Seal(protector, secret, isForSha1: form.Has("hub.verify")),
        });
    }

    // Within our bounds, whatever was wished (W3C WebSub §5.1): the subscriber learns it when it confirms.
    private TimeSpan? LeaseOf(string text)
    {
        if (text.Length == 0)
            return options.DefaultLease;
        if (text.Any(c => !char.IsAsciiDigit(c)) || text.All(c => c == '0'))
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < options.LongestLease.TotalSeconds
            ? TimeSpan.FromSeconds(Math.Max(seconds, options.ShortestLease.TotalSeconds))
            : options.LongestLease;
    }

    private static Outcome<HubIntent> Refused(string problem) => Outcome<HubIntent>.Refused(problem);
}
