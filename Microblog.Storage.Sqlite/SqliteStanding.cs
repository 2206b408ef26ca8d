namespace Microblog.Storage.Sqlite;

/// <summary>What lists ask of how the operator treats a person: p is the author as the viewer knows them, w whom a notice repeats, a who
/// did what the viewer is told, and ?1 the viewer.</summary>
internal static class SqliteStanding
{
    /// <summary>Neither gone nor suspended, nor of a blocked domain.</summary>
    public const string Present =
        "p.standing < 2 AND p.is_deleted = 0 AND (p.host = '' OR NOT EXISTS (SELECT 1 FROM microblog_host t WHERE t.host = p.host AND t.standing = 2))";

    /// <inheritdoc cref="Present"/>
    public const string RepeatedPresent =
        "w.standing < 2 AND w.is_deleted = 0 AND (w.host = '' OR NOT EXISTS (SELECT 1 FROM microblog_host t WHERE t.host = w.host AND t.standing = 2))";

    /// <inheritdoc cref="Present"/>
    public const string ActorPresent =
        "a.standing < 2 AND a.is_deleted = 0 AND (a.host = '' OR NOT EXISTS (SELECT 1 FROM microblog_host t WHERE t.host = a.host AND t.standing = 2))";

    /// <summary>Not silenced, or heard by the viewer all the same.</summary>
    public const string Heard =
        """
        ((p.standing = 0 AND (p.host = '' OR NOT EXISTS (SELECT 1 FROM microblog_host t WHERE t.host = p.host AND t.standing = 1)))
            OR p.id = ?1 OR EXISTS (SELECT 1 FROM microblog_subscription s WHERE s.subscriber = ?1 AND s.publisher_uri = p.uri AND s.state = 1))
        """;

    /// <inheritdoc cref="Heard"/>
    public const string RepeatedHeard =
        """
        ((w.standing = 0 AND (w.host = '' OR NOT EXISTS (SELECT 1 FROM microblog_host t WHERE t.host = w.host AND t.standing = 1)))
            OR w.id = ?1 OR EXISTS (SELECT 1 FROM microblog_subscription s WHERE s.subscriber = ?1 AND s.publisher_uri = w.uri AND s.state = 1))
        """;

    /// <inheritdoc cref="Heard"/>
    public const string ActorHeard =
        """
        ((a.standing = 0 AND (a.host = '' OR NOT EXISTS (SELECT 1 FROM microblog_host t WHERE t.host = a.host AND t.standing = 1)))
            OR a.id = ?1 OR EXISTS (SELECT 1 FROM microblog_subscription s WHERE s.subscriber = ?1 AND s.publisher_uri = a.uri AND s.state = 1))
        """;
}
