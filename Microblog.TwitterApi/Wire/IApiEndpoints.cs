namespace Microblog.TwitterApi.Wire;

/// <summary>A family of methods.</summary>
internal interface IApiEndpoints
{
    /// <summary>The methods, asked for once.</summary>
    IEnumerable<ApiEndpoint> Endpoints { get; }
}
