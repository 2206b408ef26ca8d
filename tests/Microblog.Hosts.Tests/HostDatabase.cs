using System.Data.Common;
using Dapper;
using Microblog.TestServers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Microblog.Hosts.Tests;

/// <summary>A database that belongs to a host, with a table <c>recipe (title)</c>; the node lies in it too.</summary>
public abstract class HostDatabase(string connectionString)
{
    public string ConnectionString { get; } = connectionString;

    public static HostDatabase Open(string kind, string connectionString) =>
        kind == "sqlite" ? new Sqlite(connectionString) : new Postgres(connectionString);

    public abstract string Kind { get; }

    /// <summary>The node's own table of notices.</summary>
    public abstract string Notices { get; }

    public abstract DbConnection Connect();

    public abstract void Use(MicroblogBuilder microblog);

    public abstract DbContextOptions Options(DbConnection connection);

    public async Task<IReadOnlyList<string>> RecipesAsync() => await ListAsync("SELECT title FROM recipe ORDER BY title");

    public async Task<IReadOnlyList<string>> ListAsync(string sql)
    {
        await using var connection = Connect();
        return [.. await connection.QueryAsync<string>(sql)];
    }

    private void Create()
    {
        using var connection = Connect();
        connection.Execute("CREATE TABLE IF NOT EXISTS recipe (title TEXT PRIMARY KEY)");
    }

    public sealed class Sqlite : HostDatabase
    {
        public Sqlite(string connectionString)
            : base(connectionString) => Create();

        public override string Kind => "sqlite";

        public override string Notices => "microblog_notice";

        public override DbConnection Connect()
        {
            var connection = new SqliteConnection(ConnectionString);
            connection.Open();
            connection.Execute("PRAGMA synchronous = FULL");
            return connection;
        }

        public override void Use(MicroblogBuilder microblog) => microblog.UseSqlite(ConnectionString);

        public override DbContextOptions Options(DbConnection connection) => new DbContextOptionsBuilder().UseSqlite(connection).Options;
    }

    public sealed class Postgres : HostDatabase
    {
        public Postgres(string connectionString)
            : base(connectionString) => Create();

        public override string Kind => "postgres";

        public override string Notices => "microblog.notice";

        public override DbConnection Connect()
        {
            var connection = new NpgsqlConnection(ConnectionString);
            connection.Open();
            return connection;
        }

        public override void Use(MicroblogBuilder microblog) => microblog.UsePostgres(ConnectionString);

        public override DbContextOptions Options(DbConnection connection) => new DbContextOptionsBuilder().UseNpgsql(connection).Options;
    }
}

/// <summary>A new database, gone with the test.</summary>
public sealed class TempDatabase : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-host-");

    public TempDatabase(string kind)
    {
        if (kind == "postgres" && PostgresServer.Missing is { } reason)
            throw new InvalidOperationException("$XunitDynamicSkip$" + reason);
        Database = HostDatabase.Open(kind, kind == "sqlite"
            ? $"Data Source={Path.Combine(directory.FullName, "site.db")};Pooling=False"
            : PostgresServer.Shared.CreateDatabase());
    }

    public HostDatabase Database { get; }

    public void Dispose()
    {
        directory.Delete(recursive: true);
        if (Database is HostDatabase.Postgres)
            PostgresServer.Shared.DropDatabase(Database.ConnectionString);
    }
}
