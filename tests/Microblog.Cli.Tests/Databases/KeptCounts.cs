namespace Microblog.Cli.Tests.Databases;

/// <summary>A person of whom one of each is counted.</summary>
internal static class KeptCounts
{
    /// <summary>The columns, and what the tool calls them.</summary>
    public static IReadOnlyList<(string Column, string What)> Columns =>
        [("notices", "notices"), ("followers", "followers"), ("following", "subscriptions"), ("favourites", "favourites")];

    /// <summary>Stores the person's rows, and those that nothing is counted of.</summary>
    /// <param name="prefix">What stands before the tables' names.</param>
    public static string Right(string prefix) =>
        $"""
        INSERT INTO {prefix}notice (id, uri, author, content, url, license, visibility, is_local_only, is_remote, scope, reply_to, reply_to_uri,
            conversation, mentions, tags, audience, extensions, is_deleted, see_also_inline, see_also_type, see_also_license)
        SELECT id, 'https://here.example/' || id, author, '', '', '', visibility, false, is_remote, 0, 0, '', id, '', '', '', '', is_deleted, false, '', ''
        FROM (SELECT 10 AS id, 1 AS author, 2 AS visibility, false AS is_remote, false AS is_deleted
            UNION ALL SELECT 11, 1, 3, false, false UNION ALL SELECT 12, 1, 0, false, true UNION ALL SELECT 13, 4, 0, true, false) n;
        INSERT INTO {prefix}subscription (id, subscriber, publisher, publisher_uri, state, protocol, is_subscriber_local, peer, endpoint,
            profile_endpoint, token, secret, created_at)
        SELECT id, subscriber, publisher, '', state, 'omb', is_local, 'there.example', '', '', '', '', 0
        FROM (SELECT 20 AS id, 5 AS subscriber, 1 AS publisher, 1 AS state, false AS is_local
            UNION ALL SELECT 21, 1, 4, 1, true UNION ALL SELECT 22, 6, 1, 0, false UNION ALL SELECT 23, 7, 1, 2, false) s;
        INSERT INTO {prefix}favourite (person, position, notice) VALUES (1, 30, 13);
        INSERT INTO {prefix}profile_count (profile, notices, followers, following, favourites) VALUES (1, 1, 1, 1, 1);
        """;
}
