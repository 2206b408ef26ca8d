namespace Microblog.TwitterApi.Wire;

/// <summary>The formats in which answers can be asked for; an endpoint knows some of them.</summary>
[Flags]
internal enum ApiFormats
{
    None = 0,
    Xml = 1,
    Json = 2,
    Rss = 4,
    Atom = 8,

    /// <summary>What a single thing is offered in.</summary>
    Object = Xml | Json,

    /// <summary>What a timeline is offered in.</summary>
    Timeline = Xml | Json | Rss | Atom,
}

internal static class ApiFormat
{
    /// <summary>The format of an extension; none for one that nobody knows.</summary>
    public static ApiFormats Of(ReadOnlySpan<char> extension) => extension switch
    {
        "xml" => ApiFormats.Xml,
        "json" => ApiFormats.Json,
        "rss" => ApiFormats.Rss,
        "atom" => ApiFormats.Atom,
        _ => ApiFormats.None,
    };

    public static string MediaType(ApiFormats format) => format switch
    {
        ApiFormats.Xml => "application/xml; charset=utf-8",
        ApiFormats.Json => "application/json; charset=utf-8",
        ApiFormats.Rss => "application/rss+xml; charset=utf-8",
        ApiFormats.Atom => "application/atom+xml; charset=utf-8",
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };
}
