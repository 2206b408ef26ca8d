namespace Microblog.Storage.Postgres;

/// <summary>A subscription in columns.</summary>
internal static class PostgresSubscriptionRow
{
    public const string Columns =
        "s.id, s.subscriber, s.publisher, s.state, s.protocol, s.is_subscriber_local, s.peer, s.endpoint, s.profile_endpoint, s.token, "
        + "s.secret, s.created_at";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int Count = 12;

    public static Subscription Read(PostgresRow row) => new()
    {
        Id = new SubscriptionId(row.Int64(0)),
        Subscriber = new ProfileId(row.Int64(1)),
        Publisher = new ProfileId(row.Int64(2)),
        State = (SubscriptionState)row.Int32(3),
        Protocol = row.Text(4),
        IsSubscriberLocal = row.Bool(5),
        Peer = row.Text(6),
        Endpoint = row.Text(7),
        ProfileEndpoint = row.Text(8),
        Token = row.Text(9),
        ProtectedSecret = row.Blob(10),
        CreatedAt = row.Time(11),
    };
}
