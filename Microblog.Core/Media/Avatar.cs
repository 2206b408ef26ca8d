namespace Microblog.Media;

/// <summary>A person's picture: PNG, JPEG or GIF of exactly 96×96, as OMB has them, by its own header and not by what anybody claims.</summary>
public sealed record Avatar
{
    /// <summary>Width and height in pixels.</summary>
    public const int Size = 96;

    /// <summary>Largest picture in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    private Avatar(string mediaType, ReadOnlyMemory<byte> content) => (MediaType, Content) = (mediaType, content);

    /// <summary><c>image/png</c>, <c>image/jpeg</c> or <c>image/gif</c>.</summary>
    public string MediaType { get; }

    /// <summary>The picture. Those of earlier versions were looked at no further than their header, so it is served as a picture and as nothing else.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Takes a picture, or says what is wrong with it, for whoever chose it.</summary>
    public static Outcome<Avatar> Of(ReadOnlyMemory<byte> content)
    {
        if (content.Length > MaxBytes)
            return Outcome<Avatar>.Refused($"The picture is larger than {MaxBytes / 1024} KiB.");
        if (!ImageHeader.TryRead(content.Span, out var format, out var width, out var height))
            return Outcome<Avatar>.Refused("This is no PNG, JPEG or GIF.");
        return width == Size && height == Size
            ? Outcome<Avatar>.Done(new Avatar(ImageHeader.MediaType(format), content))
            : Outcome<Avatar>.Refused($"The picture measures {width}×{height}; it has to be exactly {Size}×{Size}.");
    }

    /// <summary>As <see cref="Of"/>, and rebuilt from the parts that draw it (<see cref="PictureCleaner"/>): for whatever comes in.</summary>
    public static Outcome<Avatar> Clean(ReadOnlyMemory<byte> content)
    {
        var avatar = Of(content);
        if (!avatar.IsDone(out _, out _))
            return avatar;
        return PictureCleaner.Clean(content).IsDone(out var clean, out var problem) ? Of(clean.Content) : Outcome<Avatar>.Refused(problem);
    }
}
