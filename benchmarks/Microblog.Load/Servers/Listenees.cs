namespace Microblog.Load.Servers;

/// <summary>People elsewhere whom somebody of the node hears.</summary>
internal static class Listenees
{
    public const string License = "https://creativecommons.org/licenses/by/4.0/";

    public static Profile Profile(ProfileId id, string uri, SubscriptionId scope) => new()
    {
        Id = id,
        Uri = ProfileUri.Parse(uri),
        Nickname = "somebody",
        Url = uri,
        IsLocal = false,
        Host = new Uri(uri).Host,
        FullName = "Somebody Else",
        Bio = "Writes every now and then, and hopes to be read.",
        License = License,
        Scope = scope,
        FetchedAt = DateTimeOffset.UtcNow,
    };

    public static Subscription Subscription(SubscriptionId id, ProfileId listener, ProfileId author, string peer) => new()
    {
        Id = id,
        Subscriber = listener,
        Publisher = author,
        State = SubscriptionState.Active,
        Protocol = "omb",
        IsSubscriberLocal = true,
        Peer = peer,
        CreatedAt = DateTimeOffset.UtcNow,
    };
}
