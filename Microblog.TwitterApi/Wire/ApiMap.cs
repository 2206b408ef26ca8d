namespace Microblog.TwitterApi.Wire;

/// <summary>Finds the method that a path means.</summary>
internal sealed class ApiMap
{
    private readonly Dictionary<string, ApiEndpoint> byPath;

    public ApiMap(IEnumerable<IApiEndpoints> families) => byPath = families.SelectMany(family => family.Endpoints).ToDictionary(endpoint => endpoint.Path, StringComparer.Ordinal);

    /// <summary>All methods.</summary>
    public IReadOnlyCollection<ApiEndpoint> Endpoints => byPath.Values;

    /// <summary>The method, the format and what is named; no method where there is none, or none in this format.</summary>
    /// <param name="path">Below the API's root, decoded.</param>
    public (ApiEndpoint? Endpoint, ApiFormats Format, string Id) Find(string path)
    {
        path = WithoutVersion(path);
        var dot = path.LastIndexOf('.');
        var format = dot < 0 ? ApiFormats.None : ApiFormat.Of(path.AsSpan(dot + 1));
        if (format == ApiFormats.None)
            return byPath.TryGetValue(path, out var bare) && bare.Bare != ApiFormats.None ? (bare, bare.Bare, "") : (null, format, "");
        path = path[..dot];
        if (byPath.TryGetValue(path, out var endpoint) && !endpoint.NeedsId)
            return (endpoint.Formats.HasFlag(format) ? endpoint : null, format, "");
        var slash = path.LastIndexOf('/');
        return slash > 0 && slash < path.Length - 1 && byPath.TryGetValue(path[..slash], out endpoint) && endpoint.TakesId && endpoint.Formats.HasFlag(format)
            ? (endpoint, format, path[(slash + 1)..])
            : (null, format, "");
    }

    private static string WithoutVersion(string path) =>
        path.StartsWith("1.1/", StringComparison.Ordinal) ? path[4..] : path.StartsWith("1/", StringComparison.Ordinal) ? path[2..] : path;
}
