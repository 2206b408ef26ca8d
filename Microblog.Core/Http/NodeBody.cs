namespace Microblog.Http;

/// <summary>The body of a <see cref="NodeResponse"/>.</summary>
public abstract record NodeBody
{
    private NodeBody()
    {
    }

    /// <summary>No body at all.</summary>
    public static NodeBody None { get; } = new Bytes("", ReadOnlyMemory<byte>.Empty);

    /// <summary>A finished body with its media type.</summary>
    public sealed record Bytes(string MediaType, ReadOnlyMemory<byte> Content) : NodeBody;

    /// <summary>A body written while it is made: live updates, big downloads. The writer stops when its token is cancelled.</summary>
    public sealed record Streamed(string MediaType, Func<Stream, CancellationToken, ValueTask> WriteAsync) : NodeBody;

    /// <summary>A page, rendered by the host.</summary>
    public sealed record Page(Pages.Page Model) : NodeBody;

    /// <summary>The host shall sign the person in, then return here.</summary>
    public sealed record Challenge(string ReturnTo) : NodeBody;
}
