namespace Microblog.Media;

/// <summary>A person's picture: PNG, JPEG, GIF or WebP by its own header and not by what anybody claims, small enough to stand beside every notice.</summary>
public sealed record Avatar
{
    /// <summary>The width and height in pixels that OMB demands; <see cref="IsExact"/>.</summary>
    public const int Size = 96;

    /// <summary>Largest width and height in pixels.</summary>
    public const int MaxSide = 1024;

    /// <summary>Largest picture in bytes.</summary>
    public const int MaxBytes = 512 * 1024;

    private Avatar(ImageFormat format, int width, int height, ReadOnlyMemory<byte> content) =>
        (Format, Width, Height, Content) = (format, width, height, content);

    /// <summary><c>image/png</c>, <c>image/jpeg</c>, <c>image/gif</c> or <c>image/webp</c>.</summary>
    public string MediaType => ImageHeader.MediaType(Format);

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The picture. Those of earlier versions were looked at no further than their header, so it is served as a picture and as nothing else.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Whether other services take it: a PNG, JPEG or GIF of exactly 96×96.</summary>
    public bool IsExact => Width == Size && Height == Size && Format != ImageFormat.WebP;

    private ImageFormat Format { get; }

    /// <summary>Takes a picture, or says what is wrong with it, for whoever chose it.</summary>
    public static Outcome<Avatar> Of(ReadOnlyMemory<byte> content)
    {
        if (content.Length > MaxBytes)
            return Outcome<Avatar>.Refused(TooLarge);
        if (!ImageHeader.TryRead(content.Span, out var format, out var width, out var height))
            return Outcome<Avatar>.Refused("This is no PNG, JPEG, GIF or WebP.");
        return width <= MaxSide && height <= MaxSide
            ? Outcome<Avatar>.Done(new Avatar(format, width, height, content))
            : Outcome<Avatar>.Refused(FormattableString.Invariant($"The picture measures {width}×{height} pixels; at most {MaxSide}×{MaxSide} stand beside a name."));
    }

    /// <summary>As <see cref="Of"/>, and rebuilt from the parts that draw it (<see cref="PictureCleaner"/>): for whatever comes in.</summary>
    public static Outcome<Avatar> Clean(ReadOnlyMemory<byte> content)
    {
        if (content.Length > MaxBytes)
            return Outcome<Avatar>.Refused(TooLarge);
        return PictureCleaner.Clean(content).IsDone(out var clean, out var problem) ? Of(clean.Content) : Outcome<Avatar>.Refused(problem);
    }

    /// <summary>What is said of a file that is too large.</summary>
    internal static string TooLarge => AttachmentDesk.TooLarge(MaxBytes);
}
