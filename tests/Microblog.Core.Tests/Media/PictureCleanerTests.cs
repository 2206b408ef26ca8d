using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Microblog.Media;

namespace Microblog.Tests.Media;

public sealed class PictureCleanerTests
{
    public static TheoryData<string> Names => [.. PicturesByOthers.Kept.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_that_tells_of_people_and_places_is_left(string name)
    {
        var original = PicturesByOthers.Kept[name];
        var clean = Clean(original);
        Assert.True(Holds(original, "SECRET"));
        foreach (var word in new[] { "SECRET", "xmp", "Exif\0\0II", "ICC_PROFILE", "iCCP", "ICCP", "Photoshop", "tEXt", "iTXt", "MPF", "PK\x3\x4", "<script" })
            Assert.False(Holds(clean.Content.Span, word), word);
        Assert.True(clean.Content.Length < original.Length);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_clean_stays_as_it_is(string name)
    {
        var once = Clean(PicturesByOthers.Kept[name]);
        var twice = Clean(once.Content.ToArray());
        Assert.Equal(once.Content.ToArray(), twice.Content.ToArray());
        Assert.Equal((once.MediaType, once.Width, once.Height), (twice.MediaType, twice.Width, twice.Height));
    }

    [Theory]
    [InlineData("baseline.jpg", "image/jpeg", 24, 16)]
    [InlineData("turned6.jpg", "image/jpeg", 16, 24)]
    [InlineData("turned6.png", "image/png", 16, 24)]
    [InlineData("moving.gif", "image/gif", 24, 16)]
    [InlineData("turned8.webp", "image/webp", 16, 24)]
    public void Type_and_size_are_the_pictures_own_and_as_it_is_shown(string name, string mediaType, int width, int height)
    {
        var clean = Clean(PicturesByOthers.Kept[name]);
        Assert.Equal((mediaType, width, height), (clean.MediaType, clean.Width, clean.Height));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_cut_short_is_refused(string name)
    {
        var clean = Clean(PicturesByOthers.Kept[name]).Content;
        for (var length = 0; length < clean.Length; length++)
            Assert.NotNull(PictureCleaner.Clean(clean[..length]).Problem);
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("3C 73 76 67 20 78 6D 6C 6E 73", "This is an SVG drawing, which may run programs.")]
    [InlineData("EF BB BF 3C 3F 78 6D 6C 3F 3E 3C 73 76 67", "This is an SVG drawing, which may run programs.")]
    [InlineData("00 00 00 18 66 74 79 70 68 65 69 63 00 00", "This is a HEIC picture.")]
    [InlineData("00 00 00 18 66 74 79 70 6D 69 66 31 00 00", "This is a HEIC picture.")]
    [InlineData("00 00 00 18 66 74 79 70 61 76 69 66 00 00", "This is an AVIF picture.")]
    [InlineData("00 00 00 18 66 74 79 70 6D 70 34 32 00 00", "This is a video.")]
    [InlineData("1A 45 DF A3 01", "This is a video.")]
    [InlineData("25 50 44 46 2D", "This is a PDF.")]
    [InlineData("49 49 2A 00 08", "This is a TIFF or raw picture.")]
    [InlineData("50 4B 03 04", "This is no picture that is known here.")]
    [InlineData("3C 68 74 6D 6C 3E", "This is no picture that is known here.")]
    public void What_cannot_be_cleaned_is_refused_by_name(string hex, string reason) =>
        Assert.StartsWith(reason, PictureCleaner.Clean(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("moving.gif")]
    [InlineData("palette.png")]
    [InlineData("simple.webp")]
    [InlineData("moving.webp")]
    public void A_picture_that_says_it_is_enormous_is_refused(string name)
    {
        var bytes = Clean(PicturesByOthers.Kept[name]).Content.ToArray();
        switch (name)
        {
            case "baseline.jpg":
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(IndexOf(bytes, [0xFF, 0xC0]) + 5), 50_000u << 16 | 50_000);
                break;
            case "moving.gif":
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(6), 50_000u << 16 | 50_000);
                break;
            case "palette.png":
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), 50_000);
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(20), 50_000);
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(29), Crc32.Finish(Crc32.Add(Crc32.Start, bytes.AsSpan(12, 17))));
                break;
            case "simple.webp":
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(26), 0x3FFF << 16 | 0x3FFF);
                break;
            default:
                bytes.AsSpan(24, 6).Fill(0x7F);
                break;
        }

        Assert.StartsWith("The picture measures", PictureCleaner.Clean(bytes).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_animation_without_end_is_refused()
    {
        var gif = Clean(PicturesByOthers.Kept["moving.gif"]).Content.ToArray();
        var first = IndexOf(gif, [0x21, 0xF9]);
        var second = first + 2 + IndexOf(gif.AsSpan(first + 2), [0x21, 0xF9]);
        var frame = gif[first..second];
        byte[] Repeat(int count) => [.. gif[..first], .. Enumerable.Repeat(frame, count).SelectMany(bytes => bytes), 0x3B];
        Assert.Null(PictureCleaner.Clean(Repeat(PictureCleaner.MaxFrames)).Problem);
        Assert.StartsWith("The animation has too many pictures", PictureCleaner.Clean(Repeat(PictureCleaner.MaxFrames + 1)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_two_kinds_of_file_at_once_is_one_afterwards()
    {
        using var archive = new MemoryStream();
        archive.Write(PicturesByOthers.Kept["baseline.jpg"]);
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = zip.CreateEntry("index.html").Open())
            entry.Write("<script>alert(1)</script>"u8);
        Assert.Single(new ZipArchive(archive, ZipArchiveMode.Read).Entries);
        Assert.Throws<InvalidDataException>(() => new ZipArchive(new MemoryStream(Clean(archive.ToArray()).Content.ToArray()), ZipArchiveMode.Read));

        // "GIF89a/*" with the end of the comment and a program in a comment block, or as a PNG's text.
        var gif = Clean(PicturesByOthers.Kept["moving.gif"]).Content.ToArray();
        Assert.False(Holds(Clean([.. gif[..^1], 0x21, 0xFE, 12, .. "*/=1;alert()"u8, 0, 0x3B, .. "*/alert(1)"u8]).Content.Span, "alert"));
        Assert.False(Holds(Clean(PicturesByOthers.Kept["interlaced.png"]).Content.Span, "SECRET"));
    }

    [Fact]
    public void A_chunk_of_a_png_whose_checksum_is_wrong_is_refused()
    {
        var png = Clean(PicturesByOthers.Kept["palette.png"]).Content.ToArray();
        png[IndexOf(png, "IDAT"u8) + 10] ^= 1;
        Assert.Equal("The PNG is damaged, or not complete.", PictureCleaner.Clean(png).Problem);
    }

    [Fact]
    public void A_png_that_needs_something_unknown_is_refused()
    {
        var png = Clean(PicturesByOthers.Kept["palette.png"]).Content.ToArray();
        byte[] With(string type) => [.. png[..33], 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(type), .. Checksum(type), .. png[33..]];
        static byte[] Checksum(string type)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, Crc32.Finish(Crc32.Add(Crc32.Start, Encoding.ASCII.GetBytes(type))));
            return bytes;
        }

        Assert.Equal(png, Clean(With("prIv")).Content.ToArray());
        Assert.NotNull(PictureCleaner.Clean(With("CgBI")).Problem);
    }

    private static CleanPicture Clean(byte[] bytes)
    {
        Assert.True(PictureCleaner.Clean(bytes).IsDone(out var clean, out var problem), problem);
        return clean;
    }

    private static bool Holds(ReadOnlySpan<byte> bytes, string word) => bytes.IndexOf(Encoding.Latin1.GetBytes(word)) >= 0;

    private static int IndexOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> part)
    {
        var at = bytes.IndexOf(part);
        Assert.True(at >= 0);
        return at;
    }
}
