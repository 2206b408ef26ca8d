using Microblog.TestServers;
using Npgsql;

namespace Microblog.Cluster.Tests;

/// <summary>The sample cluster: processes of any role on one database behind a balancer, and foreign nodes on files of their own.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-cluster-");
    private readonly List<SampleProcess> foreign = [];
    private readonly PostgresServer server;
    private readonly string[] settings;
    private readonly NpgsqlDataSource source;

    /// <param name="server">Where to make a database.</param>
    /// <param name="settings">Further arguments of every process, foreign ones too: <c>--delivery:firstRetry 00:00:01</c>.</param>
    public TestCluster(PostgresServer server, params string[] settings)
    {
        this.server = server;
        this.settings = settings;
        Database = server.CreateDatabase();
        source = NpgsqlDataSource.Create(Database);
    }

    public string Database { get; }

    public Balancer Balancer { get; } = new();

    /// <summary>The node's address, which is the balancer's.</summary>
    public Uri Address => Balancer.Address;

    public List<SampleProcess> Processes { get; } = [];

    /// <summary>Starts a process for each role (<c>both</c>, <c>web</c>, <c>worker</c>), then the balancer.</summary>
    public async Task StartAsync(params string[] roles)
    {
        foreach (var role in roles)
            Processes.Add(Create($"node{Processes.Count + 1}", role));
        Processes.ForEach(process => process.Launch());
        await Task.WhenAll(Processes.Select(process => process.WaitUntilUpAsync()));
        await Balancer.StartAsync(directory.FullName, Processes.Zip(roles).Where(pair => pair.Second != "worker").Select(pair => pair.First));
    }

    /// <summary>A process of the cluster that is not started yet and that the balancer does not know.</summary>
    public SampleProcess Create(string name, string role, string keys = "keys") => new(
        "Cluster", directory.FullName, name,
        _ =>
        [
            "--role", role, "--base-uri", Address.AbsoluteUri, "--database", Database + ";Maximum Pool Size=20",
            "--keys", Path.Combine(directory.FullName, keys), .. settings,
        ]);

    /// <summary>A node that has nothing to do with the cluster: SQLite, another address.</summary>
    public SampleProcess CreateForeign()
    {
        var name = $"foreign{foreign.Count + 1}";
        var node = new SampleProcess("Node", directory.FullName, name, _ => ["--data", ForeignFile(name), .. settings, "--Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Information"]);
        foreign.Add(node);
        return node;
    }

    /// <summary>What a person of the cluster has at home, oldest first.</summary>
    public async Task<IReadOnlyList<string>> HomeAsync(string person)
    {
        await using var command = source.CreateCommand(
            """
            SELECT n.content FROM microblog.home h JOIN microblog.notice n ON n.id = h.notice
            JOIN microblog.profile p ON p.id = h.owner AND p.is_local AND p.nickname = $1 ORDER BY h.position
            """);
        command.Parameters.Add(new() { Value = person });
        return await ReadAsync(command);
    }

    /// <summary>The first column of any query.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await ReadAsync(command);
    }

    /// <summary>What a person of a foreign node has at home, oldest first.</summary>
    public Task<IReadOnlyList<string>> ForeignHomeAsync(SampleProcess node, string person) => SqliteFile.HomeAsync(ForeignFile(node.Name), person);

    public async ValueTask DisposeAsync()
    {
        await Balancer.DisposeAsync();
        foreach (var process in Processes.Concat(foreign))
            await process.DisposeAsync();
        await source.DisposeAsync();
        server.DropDatabase(Database);
        directory.Delete(recursive: true);
    }

    private string ForeignFile(string name) => Path.Combine(directory.FullName, name + ".db");

    private static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlCommand command)
    {
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
