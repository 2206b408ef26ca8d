using System.Globalization;
using System.Security.Cryptography;
using Microblog.Http;
using Microblog.TwitterApi.Access;

namespace Microblog.TwitterApi.Wire;

/// <summary>Puts answers and refusals into the form in which clients expect them.</summary>
internal sealed class ApiResponses(ApiChallenges challenges, TimeProvider clock)
{
    private const string Open = "Access-Control-Allow-Origin";

    /// <summary>What a browser asks before a page of another site calls: anybody's may, for nothing here looks at cookies.</summary>
    public static NodeResponse Preflight { get; } = new(204, NodeBody.None)
    {
        Headers =
        [
            new(Open, "*"),
            new("Access-Control-Allow-Methods", "GET, POST, DELETE"),
            new("Access-Control-Allow-Headers", "Authorization, Content-Type"),
            new("Access-Control-Max-Age", "86400"),
        ],
    };

    /// <summary>An answer; 304 when the client has it already.</summary>
    public NodeResponse Answer(ApiAnswer context, ApiResult result)
    {
        if (result.Refusal is { } refusal)
            return Refuse(context, refusal);
        var headers = HeadersOf(context);
        if (result.Response is { } response)
            return response with { Headers = [.. response.Headers, .. headers] };
        if (context.Request.Method is "POST" or "DELETE")
            return NodeResponse.Bytes(200, result.MediaType, result.Content) with { Headers = headers };
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(result.Content.Span).AsSpan(0, 16))}\"";
        headers.Add(new("ETag", tag));
        if (result.Newest is { } newest)
            headers.Add(new("Last-Modified", newest.ToString("R", CultureInfo.InvariantCulture)));
        return (IsKnown(context.Request, tag, result.Newest)
            ? new NodeResponse(304, NodeBody.None)
            : NodeResponse.Bytes(200, result.MediaType, result.Content)) with { Headers = headers };
    }

    /// <summary>The answer to a client that has what it asks for.</summary>
    public static NodeResponse NotModified(ApiAnswer context, string tag) =>
        new(304, NodeBody.None) { Headers = [.. HeadersOf(context), new("ETag", tag)] };

    /// <summary>A refusal, in the client's own format.</summary>
    public NodeResponse Refuse(ApiAnswer context, ApiRefusal refusal)
    {
        var isXml = context.Format is ApiFormats.Xml or ApiFormats.Rss or ApiFormats.Atom;
        var format = isXml ? ApiFormats.Xml : ApiFormats.Json;
        using var writer = ApiWriter.Create(format);
        writer.StartObject("hash");
        writer.Write("error", refusal.Message);
        writer.Write("request", context.Request.RawTarget);
        if (!isXml)
        {
            writer.StartList("errors");
            writer.StartObject("error");
            writer.Write("code", refusal.Code);
            writer.Write("message", refusal.Message);
            writer.EndObject();
            writer.EndList();
        }

        writer.EndObject();
        var headers = HeadersOf(context);
        // Old libraries send a password only when they are asked for one.
        headers.AddRange(refusal is { Status: 401, Headers.Count: 0 } ? challenges.All : refusal.Headers);
        if (refusal.Status == 429)
            headers.Add(new("Retry-After", Math.Max(1, (long)Math.Ceiling((context.Allowance!.ResetsAt - clock.GetUtcNow()).TotalSeconds)).ToString(CultureInfo.InvariantCulture)));
        return NodeResponse.Bytes(refusal.Status, ApiFormat.MediaType(format), writer.Finish()) with { Headers = headers };
    }

    private static List<KeyValuePair<string, string>> HeadersOf(ApiAnswer context)
    {
        var headers = new List<KeyValuePair<string, string>>
        {
            new(Open, "*"),
            new("Vary", "Accept-Encoding, Authorization, Cookie"),
            new("Cache-Control", context.Reader is null ? "no-cache" : "private, no-cache"),
        };
        if (context.Allowance is { Limit: > 0 } allowance)
        {
            headers.Add(new("X-RateLimit-Limit", allowance.Limit.ToString(CultureInfo.InvariantCulture)));
            headers.Add(new("X-RateLimit-Remaining", allowance.Remaining.ToString(CultureInfo.InvariantCulture)));
            headers.Add(new("X-RateLimit-Reset", allowance.ResetsAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        }

        if (context.Request.RawQuery.Contains("since=", StringComparison.Ordinal) && NodeForm.OfQuery(context.Request).Contains("since"))
            headers.Add(new("X-StatusNet-Warning", "The parameter since is not supported. Use since_id."));
        return headers;
    }

    // The tag is asked first, for it knows more than the hour.
    private static bool IsKnown(NodeRequest request, string tag, DateTimeOffset? newest) =>
        request.Headers.ContainsKey("If-None-Match") ? Conditional.IsKnown(request, tag)
        : newest is { } time
            && DateTimeOffset.TryParseExact(request.Header("If-Modified-Since"), "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
            && time.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();
}

/// <summary>What every answer to a request says.</summary>
/// <param name="Request">The request.</param>
/// <param name="Format">In what it wants its answer.</param>
internal sealed record ApiAnswer(NodeRequest Request, ApiFormats Format)
{
    /// <summary>Who reads; <see langword="null"/> for the public.</summary>
    public Caller? Reader { get; init; }

    /// <summary>How much the caller may still ask; <see langword="null"/> while nobody has counted.</summary>
    public Allowance? Allowance { get; init; }
}
