namespace Microblog.Http;

/// <summary>A body that cannot be read to its end: too large, too slow, damaged. It becomes the answer.</summary>
/// <remarks>An exception, because a stream has no other way to refuse.</remarks>
public sealed class NodeBodyException : Exception
{
    /// <param name="status">The status of the answer.</param>
    /// <param name="message">Its text, for whoever sent the body.</param>
    public NodeBodyException(int status, string message)
        : base(message) => Status = status;

    /// <summary>The status of the answer.</summary>
    public int Status { get; }
}
