namespace Microblog.Http;

/// <summary>What a room adds to the node's addresses.</summary>
public interface INodeRoutes
{
    /// <summary>The routes, asked for once at start-up.</summary>
    IEnumerable<NodeRoute> Routes { get; }
}
