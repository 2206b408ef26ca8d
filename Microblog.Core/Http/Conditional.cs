namespace Microblog.Http;

/// <summary>Answers that a client has already (RFC 9110 §13).</summary>
public static class Conditional
{
    /// <summary>Whether the request says that the client has what this entity tag stands for. Weak comparison: a proxy that compresses makes tags weak.</summary>
    /// <param name="request">With or without <c>If-None-Match</c>.</param>
    /// <param name="tag">In quotation marks.</param>
    public static bool IsKnown(NodeRequest request, string tag) => request.Header("If-None-Match").Split(',').Any(known =>
        known.Trim() is var one && (one == "*" || one == tag || (one.StartsWith("W/", StringComparison.Ordinal) && one[2..] == tag)));
}
