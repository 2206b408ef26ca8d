namespace Microblog.Storage.Postgres;

/// <summary>Where the store lies and how it behaves.</summary>
public sealed class PostgresStoreOptions
{
    /// <summary>A connection string of Npgsql that names the primary: <c>Host=db;Database=site;Username=site</c>.</summary>
    /// <remarks>The host's own tables may lie in the same database; the store's lie in the schema <c>microblog</c>. Of what it leaves
    /// open, the store chooses <c>Maximum Pool Size=30</c> and <c>Max Auto Prepare=200</c>.</remarks>
    public required string ConnectionString { get; set; }

    /// <summary>A connection string of a streaming replica, which answers reads that may lag; <see langword="null"/>: the primary answers all.</summary>
    /// <remarks>While it cannot be reached, the primary answers for it.</remarks>
    public string? ReplicaConnectionString { get; set; }

    /// <summary>How long one statement may take before the server ends it, and with it the transaction.</summary>
    /// <value>Default 30 seconds; 100 milliseconds to one hour.</value>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the work of a transaction may do something else than ask its session. Afterwards it is undone, for it holds locks.</summary>
    /// <value>Default 5 seconds; 10 milliseconds to one minute.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often this process asks whether it still holds its writer slot, and says that it lives. Others take a slot of which
    /// nothing was heard for three times as long.</summary>
    /// <value>Default 10 seconds; 100 milliseconds to one minute.</value>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Into how many hash partitions the big tables are divided when the schema is created; 0 for none. A database keeps what
    /// it was created with (docs/scaling.md).</summary>
    /// <value>Default 0; at most 256.</value>
    public int HashPartitions { get; set; }

    /// <summary>How old the horizon of forward pages may be. Tests need 0, to see at once what was written.</summary>
    internal TimeSpan HorizonMaxAge { get; set; } = TimeSpan.FromMilliseconds(20);
}
