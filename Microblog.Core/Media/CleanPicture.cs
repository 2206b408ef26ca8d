namespace Microblog.Media;

/// <summary>A picture that was rebuilt from the parts that draw it, and from nothing else.</summary>
public sealed record CleanPicture
{
    internal CleanPicture(string mediaType, int width, int height, ReadOnlyMemory<byte> content) =>
        (MediaType, Width, Height, Content) = (mediaType, width, height, content);

    /// <summary>What it is: <c>image/png</c>, <c>image/jpeg</c>, <c>image/gif</c> or <c>image/webp</c>.</summary>
    public string MediaType { get; }

    /// <summary>Width in pixels as it is shown, once turned the right way up.</summary>
    public int Width { get; }

    /// <summary>Height in pixels as it is shown.</summary>
    public int Height { get; }

    /// <summary>The rebuilt file.</summary>
    public ReadOnlyMemory<byte> Content { get; }
}
