namespace Microblog.Media;

/// <summary>A picture while it is rebuilt.</summary>
internal sealed class PictureDraft
{
    public ByteWriter Content { get; } = new();

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Which way up it is shown, 1 to 8 as EXIF has it.</summary>
    public int Orientation { get; private set; } = Exif.Upright;

    /// <summary>Says which way up it is; the first word counts.</summary>
    public void Turn(int orientation) => Orientation = Orientation == Exif.Upright ? orientation : Orientation;

    /// <summary>Says how large the picture is.</summary>
    /// <returns>Why it cannot be taken, or <see langword="null"/>.</returns>
    public string? Measure(long width, long height)
    {
        if (width is < 1 or > PictureCleaner.MaxSide || height is < 1 or > PictureCleaner.MaxSide || width * height > PictureCleaner.MaxPixels)
        {
            return FormattableString.Invariant(
                $"The picture measures {width}×{height} pixels; at most {PictureCleaner.MaxSide} on each side and {PictureCleaner.MaxPixels / 1_000_000} million in all are taken.");
        }

        (Width, Height) = ((int)width, (int)height);
        return null;
    }

    /// <summary>Says how many pictures an animation has.</summary>
    /// <inheritdoc cref="Measure"/>
    public string? CountFrames(long frames) =>
        frames > PictureCleaner.MaxFrames || frames * Width * Height > PictureCleaner.MaxAnimationPixels
            ? FormattableString.Invariant($"The animation has too many pictures: {frames} or more of {Width}×{Height}.") : null;

    public CleanPicture Finish(string mediaType)
    {
        var isSideways = Exif.IsSideways(Orientation);
        return new CleanPicture(mediaType, isSideways ? Height : Width, isSideways ? Width : Height, Content.Written.ToArray());
    }
}
