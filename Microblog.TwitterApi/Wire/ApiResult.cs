using Microblog.Http;

namespace Microblog.TwitterApi.Wire;

/// <summary>What an endpoint answers.</summary>
internal sealed record ApiResult
{
    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Content { get; private init; }

    /// <summary>Its media type.</summary>
    public string MediaType { get; private init; } = "";

    /// <summary>When the newest thing in it was made, for <c>Last-Modified</c>; <see langword="null"/> when there is none.</summary>
    public DateTimeOffset? Newest { get; private init; }

    /// <summary>Why it is none.</summary>
    public ApiRefusal? Refusal { get; private init; }

    /// <summary>An answer that has a form of its own, such as a way on.</summary>
    public NodeResponse? Response { get; private init; }

    public static ApiResult Of(ReadOnlyMemory<byte> content, string mediaType, DateTimeOffset? newest = null) =>
        new() { Content = content, MediaType = mediaType, Newest = newest };

    public static ApiResult Of(NodeResponse response) => new() { Response = response };

    public static implicit operator ApiResult(ApiRefusal refusal) => new() { Refusal = refusal };
}
