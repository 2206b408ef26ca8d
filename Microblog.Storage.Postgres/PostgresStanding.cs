namespace Microblog.Storage.Postgres;

/// <summary>What lists ask of how the operator treats a person: p is the author as the viewer knows them, w whom a notice repeats, a who
/// did what the viewer is told, and $1 the viewer.</summary>
internal static class PostgresStanding
{
    /// <summary>Neither gone nor suspended, nor of a blocked domain.</summary>
    public const string Present =
        "p.standing < 2 AND NOT p.is_deleted AND (p.host = '' OR NOT EXISTS (SELECT 1 FROM microblog.host t WHERE t.host = p.host AND t.standing = 2 OFFSET 0))";

    /// <inheritdoc cref="Present"/>
    public const string RepeatedPresent =
        "w.standing < 2 AND NOT w.is_deleted AND (w.host = '' OR NOT EXISTS (SELECT 1 FROM microblog.host t WHERE t.host = w.host AND t.standing = 2 OFFSET 0))";

    /// <inheritdoc cref="Present"/>
    public const string ActorPresent =
        "a.standing < 2 AND NOT a.is_deleted AND (a.host = '' OR NOT EXISTS (SELECT 1 FROM microblog.host t WHERE t.host = a.host AND t.standing = 2 OFFSET 0))";

    /// <summary>Not silenced, or heard by the viewer all the same.</summary>
    public const string Heard =
        """
        ((p.standing = 0 AND (p.host = '' OR NOT EXISTS (SELECT 1 FROM microblog.host t WHERE t.host = p.host AND t.standing = 1 OFFSET 0)))
            OR p.id = $1 OR EXISTS (SELECT 1 FROM microblog.subscription s WHERE s.subscriber = $1 AND s.publisher_uri = p.uri AND s.state = 1 OFFSET 0))
        """;

    /// <inheritdoc cref="Heard"/>
    public const string RepeatedHeard =
        """
        ((w.standing = 0 AND (w.host = '' OR NOT EXISTS (SELECT 1 FROM microblog.host t WHERE t.host = w.host AND t.standing = 1 OFFSET 0)))
            OR w.id = $1 OR EXISTS (SELECT 1 FROM microblog.subscription s WHERE s.subscriber = $1 AND s.publisher_uri = w.uri AND s.state = 1 OFFSET 0))
        """;

    /// <inheritdoc cref="Heard"/>
    public const string ActorHeard =
        """
        ((a.standing = 0 AND (a.host = '' OR NOT EXISTS (SELECT 1 FROM microblog.host t WHERE t.host = a.host AND t.standing = 1 OFFSET 0)))
            OR a.id = $1 OR EXISTS (SELECT 1 FROM microblog.subscription s WHERE s.subscriber = $1 AND s.publisher_uri = a.uri AND s.state = 1 OFFSET 0))
        """;
}
