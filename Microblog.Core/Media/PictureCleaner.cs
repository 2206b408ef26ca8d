namespace Microblog.Media;

/// <summary>Takes pictures from strangers and rebuilds them from the parts that draw them.</summary>
/// <remarks>
/// <para>What a file is, its own bytes say, never its name or media type. Only known parts are carried over: EXIF, GPS, XMP, IPTC, comments,
/// thumbnails, colour profiles, and whatever stands behind the end stay out because nobody names them. Of EXIF the orientation is written anew,
/// or pictures would lie on their side. Colour profiles are left out because they hold free text, such as the name and the serial
/// number of a screen; colours are then taken for sRGB.</para>
/// <para>No pixel is decoded. Nothing makes it throw, its time and memory are linear in the input, and what it gives back it would leave as it is.</para>
/// </remarks>
public static class PictureCleaner
{
    /// <summary>Largest width and height, in pixels.</summary>
    public const int MaxSide = 30_000;

    /// <summary>Most pixels of one picture: whoever looks at it has to hold them.</summary>
    public const int MaxPixels = 40_000_000;

    /// <summary>Most pictures of an animation.</summary>
    public const int MaxFrames = 1_000;

    /// <summary>Most pixels of all pictures of an animation.</summary>
    public const long MaxAnimationPixels = 1_000_000_000;

    /// <summary>The file types that a form may offer, for <c>accept</c>.</summary>
    public const string MediaTypes = "image/jpeg,image/png,image/gif,image/webp";

    /// <summary>Cleans a picture.</summary>
    /// <param name="content">The whole file. It is not kept.</param>
    /// <returns>The clean picture, or a reason for whoever sent it.</returns>
    public static Outcome<CleanPicture> Clean(ReadOnlyMemory<byte> content)
    {
        var input = content.Span;
        var picture = new PictureDraft();
        var (mediaType, problem) = input switch
        {
            [0xFF, 0xD8, ..] => ("image/jpeg", new JpegCleaner(input, picture).Run()),
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => ("image/png", new PngCleaner(input, picture).Run()),
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => ("image/gif", new GifCleaner(input, picture).Run()),
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
                ("image/webp", new WebPCleaner(input, picture).Run()),
            _ => ("", Refuse(input)),
        };
        return problem is null ? Outcome<CleanPicture>.Done(picture.Finish(mediaType)) : Outcome<CleanPicture>.Refused(problem);
    }

    // The reason helps only if it names what the person has sent.
    private static string Refuse(ReadOnlySpan<byte> input)
    {
        const string remedy = " Only JPEG, PNG, GIF and WebP can be cleaned of what they say about you: send it as one of these.";
        if (input.IsEmpty)
            return "The file is empty.";
        var box = input.Length >= 12 && input[4..8].SequenceEqual("ftyp"u8) ? input[8..12] : default;
        var name = box switch
        {
            [(byte)'h', (byte)'e', ..] or [(byte)'m', (byte)'i' or (byte)'s', (byte)'f', (byte)'1'] => "This is a HEIC picture.",
            [(byte)'a', (byte)'v', (byte)'i', _] => "This is an AVIF picture.",
            { Length: > 0 } => "This is a video.",
            _ when input.StartsWith("%PDF"u8) => "This is a PDF.",
            _ when input.StartsWith("II*\0"u8) || input.StartsWith("MM\0*"u8) => "This is a TIFF or raw picture.",
            _ when input.StartsWith("BM"u8) => "This is a BMP picture.",
            _ when input.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) => "This is a video.",
            _ when input[..Math.Min(input.Length, 1024)].IndexOf("<svg"u8) >= 0 => "This is an SVG drawing, which may run programs.",
            _ => "This is no picture that is known here.",
        };
        return name + remedy;
    }
}
