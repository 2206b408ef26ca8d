using System.Globalization;

namespace Microblog.Omb.Service;

/// <summary>What a person's consent made: kept with the request token until it is exchanged.</summary>
/// <param name="Subscription">The subscription that waits for the exchange.</param>
internal sealed record ConsentRecord(SubscriptionId Subscription)
{
    public static bool TryParse(string text, out ConsentRecord consent)
    {
        var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id);
        consent = new ConsentRecord(new SubscriptionId(id));
        return isNumber;
    }

    public override string ToString() => Subscription.ToString();
}
