namespace Microblog.Storage.Postgres;

/// <summary>Kinds of advisory locks; the first of their two keys, chosen at random so that the host's own do not meet them.</summary>
internal enum PostgresLock
{
    /// <summary>The schema is being upgraded.</summary>
    Upgrade = 1_296_188_400,

    /// <summary>A transaction may still commit numbers from this millisecond on: held, never waited for.</summary>
    OpenNumber,

    /// <summary>An author's log: event numbers grow in the order in which they become visible.</summary>
    Log,

    /// <summary>The copies of one notice URI.</summary>
    NoticeUri,

    /// <summary>Who counts the credentials of a consumer to add one.</summary>
    Consumer,

    /// <summary>Whether one person blocks, or hears, another: found absent, it stays absent.</summary>
    Pair,

    /// <summary>How people and domains are treated: whoever changes it holds it alone, whoever stores a profile with others.</summary>
    Standing,

    /// <summary>Who counts the open reports of a person to add one.</summary>
    Reporter,

    /// <summary>Nodes start, together; or somebody upgrades or copies the database from outside, alone.</summary>
    Start,

    /// <summary>Who counts the subscriptions to feeds to add one.</summary>
    Hub,
}
