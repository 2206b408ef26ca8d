using Microblog.Storage;
using Microblog.Storage.Moving;
using Microblog.Storage.Postgres;
using Microblog.Storage.Postgres.Moving;
using Microblog.Storage.Sqlite;
using Microblog.Storage.Sqlite.Moving;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Cli.Databases;

/// <summary>A database as people name it on the command line: <c>sqlite:notes.db</c>, <c>postgres:Host=db;Database=site</c>.</summary>
/// <param name="Database">To create, check and move it.</param>
/// <param name="CreateStore">To work with what is in it.</param>
internal sealed record NamedDatabase(INodeDatabase Database, Func<TimeProvider, IMicroblogStore> CreateStore)
{
    /// <summary>How a name looks, for messages. What was given is never repeated: it may hold a password.</summary>
    public const string Shape = "“sqlite:” and a file, such as sqlite:notes.db, or “postgres:” and a connection string, such as \"postgres:Host=db;Database=site;Username=site\"";

    // Whoever stands before a locked file wants to hear of it, not to wait.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary><see langword="null"/> for text that names no database.</summary>
    public static NamedDatabase? Read(string text)
    {
        var parts = text.Split(':', 2);
        if (parts is not [var kind, { Length: > 0 } place])
            return null;
        try
        {
            return kind switch
            {
                "sqlite" => Sqlite(place),
                "postgres" => Postgres(place),
                _ => null,
            };
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Works with what is in it, if it is a node of this tool's version.</summary>
    /// <exception cref="StoreException">There is no node, or one of another version.</exception>
    public async Task<int> WithStoreAsync(Func<IMicroblogStore, Task<int>> work, CancellationToken cancellationToken)
    {
        var state = await Database.InspectAsync(cancellationToken);
        if (state.Version == 0)
            throw new StoreException($"There is no node in {Database.Name}.");
        // Starting a store would upgrade it, perhaps under a running node.
        if (state.Version < state.KnownVersion)
            throw new StoreException($"{Database.Name} has schema version {state.Version}, and this tool works with {state.KnownVersion}. Use the tool of the node's own version.");
        var store = CreateStore(TimeProvider.System);
        try
        {
            await store.StartAsync(cancellationToken);
            return await work(store);
        }
        finally
        {
            if (store is IAsyncDisposable disposable)
                await disposable.DisposeAsync();
        }
    }

    private static NamedDatabase Sqlite(string file)
    {
        var options = new SqliteStoreOptions
        {
            ConnectionString = new SqliteConnectionStringBuilder { DataSource = file }.ToString(),
            BusyTimeout = Patience,
        };
        return new NamedDatabase(
            new SqliteNodeDatabase(options),
            clock => new SqliteStore(options, clock, NullLogger<SqliteStore>.Instance));
    }

    private static NamedDatabase Postgres(string connectionString)
    {
        var options = new PostgresStoreOptions { ConnectionString = connectionString };
        return new NamedDatabase(
            new PostgresNodeDatabase(options),
            clock => new PostgresStore(options, clock, NullLogger<PostgresStore>.Instance));
    }
}
