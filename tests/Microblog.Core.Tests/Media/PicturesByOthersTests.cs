using System.Text.Json.Nodes;
using Microblog.Media;
using Microblog.Tests.Foreign;

namespace Microblog.Tests.Media;

/// <summary>Pillow and ExifTool make pictures with secrets in every corner; Pillow decodes them before and after, ExifTool looks for the rest.</summary>
public sealed class PicturesByOthersTests : IDisposable
{
    // What a picture cannot be drawn without; the names are ExifTool's.
    private static readonly string[] Needed =
    [
        "File:FileType", "File:FileTypeExtension", "File:MIMEType", "File:ExifByteOrder", "IFD0:Orientation",
        "File:BitsPerSample", "File:ColorComponents", "File:EncodingProcess", "File:ImageHeight", "File:ImageWidth", "File:YCbCrSubSampling",
        "JFIF:JFIFVersion", "JFIF:ResolutionUnit", "JFIF:XResolution", "JFIF:YResolution",
        "Adobe:DCTEncodeVersion", "Adobe:APP14Flags0", "Adobe:APP14Flags1", "Adobe:ColorTransform",
        "PNG:BitDepth", "PNG:ColorType", "PNG:Compression", "PNG:Filter", "PNG:ImageHeight", "PNG:ImageWidth", "PNG:Interlace", "PNG:Palette",
        "PNG:Transparency", "PNG:AnimationFrames", "PNG:AnimationPlays", "PNG:Gamma",
        "GIF:BackgroundColor", "GIF:BitsPerPixel", "GIF:ColorResolutionDepth", "GIF:GIFVersion", "GIF:HasColorMap", "GIF:ImageHeight", "GIF:ImageWidth",
        "GIF:AnimationIterations", "GIF:FrameCount", "GIF:Duration", "GIF:TransparentColor",
        "RIFF:HorizontalScale", "RIFF:VerticalScale", "RIFF:ImageHeight", "RIFF:ImageWidth", "RIFF:VP8Version", "RIFF:WebP_Flags", "RIFF:AlphaPreprocessing",
        "RIFF:AlphaFiltering", "RIFF:AlphaCompression", "RIFF:BackgroundColor", "RIFF:AnimationLoopCount", "RIFF:FrameCount", "RIFF:Duration",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("microblog").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [ForeignFact(PicturesByOthers.Python, PicturesByOthers.ExifTool)]
    public async Task Programs_that_we_did_not_write_see_the_same_pixels_and_nothing_else()
    {
        var (before, after) = (Directory.CreateDirectory(Path.Combine(folder, "before")).FullName, Directory.CreateDirectory(Path.Combine(folder, "after")).FullName);
        PicturesByOthers.MakeIn(before);
        var cleaned = new Dictionary<string, CleanPicture>();
        foreach (var file in Directory.EnumerateFiles(before))
        {
            var outcome = PictureCleaner.Clean(await File.ReadAllBytesAsync(file));
            Assert.True(outcome.IsDone(out var picture, out var problem), $"{file}: {problem}");
            cleaned.Add(Path.GetFileName(file), picture);
            await File.WriteAllBytesAsync(Path.Combine(after, Path.GetFileName(file)), picture.Content.ToArray());
        }

        var (was, became) = (await PicturesByOthers.ReadAsync(before), await PicturesByOthers.ReadAsync(after));
        Assert.True(became.Count > 30);
        Assert.Equal(was.Keys.Order(), became.Keys.Order());
        foreach (var (name, picture) in became)
        {
            foreach (var field in new[] { "mediaType", "width", "height", "frames", "loop" })
                Assert.True(JsonNode.DeepEquals(was[name][field], picture[field]), $"{name}: {field} was {was[name][field]} and became {picture[field]}");
            Assert.Equal((string)picture["mediaType"]!, cleaned[name].MediaType);
            Assert.Equal(((int)picture["width"]!, (int)picture["height"]!), (cleaned[name].Width, cleaned[name].Height));
            Assert.True(picture["tags"]!.AsArray().All(tag => Needed.Contains((string)tag!)), $"{name} still has {picture["tags"]}");
        }

    }
}
