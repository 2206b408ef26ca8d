using System.Globalization;
using System.Text;
using Microblog.Http;

namespace Microblog.WebSub;

/// <summary>What somebody asked the hub for, until the callback has confirmed it. It waits in the callback's lane as a text.</summary>
/// <param name="IsSubscribe">Whether to begin or renew, not to end.</param>
/// <param name="Topic">The feed's address, which was found.</param>
/// <param name="Callback">Where to confirm it, and to send the feed to.</param>
internal sealed record HubIntent(bool IsSubscribe, string Topic, string Callback)
{
    public const string Subscribe = "subscribe";
    public const string Unsubscribe = "unsubscribe";

    /// <summary>For how long, from the confirmation on.</summary>
    public TimeSpan Lease { get; init; }

    /// <summary>The network that asked.</summary>
    public string Network { get; init; } = "";

    /// <summary>The secret as it is kept; empty for none.</summary>
    public ReadOnlyMemory<byte> ProtectedSecret { get; init; }

    /// <summary>The wire's word for it.</summary>
    public string Mode => IsSubscribe ? Subscribe : Unsubscribe;

    /// <summary>The wire's number for <see cref="Lease"/>.</summary>
    public string LeaseSeconds => ((long)Lease.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    public string Write() => HubAddress.Encode(
        ("mode", Mode), ("topic", Topic), ("callback", Callback), ("lease", LeaseSeconds), ("network", Network),
        ("secret", Convert.ToBase64String(ProtectedSecret.Span)));

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static HubIntent Read(string text)
    {
        var form = NodeForm.Of(Encoding.UTF8.GetBytes(text));
        return new(form["mode"] == Subscribe, form["topic"], form["callback"])
        {
            Lease = TimeSpan.FromSeconds(long.Parse(form["lease"], CultureInfo.InvariantCulture)),
            Network = form["network"],
            ProtectedSecret = Convert.FromBase64String(form["secret"]),
        };
    }
}
