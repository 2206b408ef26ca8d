using Microblog.TestServers;

namespace Microblog.Load;

/// <summary>Makes empty databases for nodes: files, or databases of a PostgreSQL of our own, whose commits wait for the disk.</summary>
internal sealed class Databases(bool isPostgres, TemporaryDirectory place) : IDisposable
{
    private readonly PostgresServer? server = isPostgres ? PostgresServer.Start(isDurable: true) : null;

    /// <param name="name">Of the directory in which the node's files lie.</param>
    public NodeDatabase Add(string name) => new(place.At(name), server?.CreateDatabase());

    public void Dispose() => server?.Dispose();
}
