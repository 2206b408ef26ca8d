using FsCheck;
using FsCheck.Fluent;
using Microblog.Media;

namespace Microblog.Tests.Media;

/// <summary>The headers are written out by hand after the PNG, GIF89a and JPEG (ITU-T T.81) specifications.</summary>
public sealed class ImageHeaderTests
{
    private const string Png = "89504E470D0A1A0A 0000000D49484452 00000060 00000060 0806000000 E2987738";
    private const string Gif = "474946383961 6000 6000 F70000 00";
    private const string App0 = "FFE0 0010 4A46494600 0101 00 0048 0048 0000";
    private const string Tables = "FFDB 0004 0001 FFC4 0003 00 FFFE 0005 FFC0 FF";
    private const string Frame = "0011 08 0060 0061 03 011100 021101 031101";

    [Theory]
    [InlineData(Png, ImageFormat.Png, 96, 96)]
    [InlineData("89504E470D0A1A0A 0000000D49484452 00000001 7FFFFFFF 0103000000 00000000", ImageFormat.Png, 1, int.MaxValue)]
    [InlineData(Gif, ImageFormat.Gif, 96, 96)]
    [InlineData("474946383761 0101 FFFF 000000", ImageFormat.Gif, 257, 65535)]
    [InlineData("FFD8 " + App0 + Tables + "FFC0" + Frame, ImageFormat.Jpeg, 97, 96)]
    [InlineData("FFD8 " + App0 + "FFFFFFC2" + Frame, ImageFormat.Jpeg, 97, 96)]
    [InlineData("FFD8 FFC1" + Frame, ImageFormat.Jpeg, 97, 96)]
    [InlineData("52494646 18000000 57454250 56503858 0A000000 10000000 600000 030201 00", ImageFormat.WebP, 97, 66_052)]
    [InlineData("52494646 18000000 57454250 5650384C 0A000000 2F 60C01700 0000000000", ImageFormat.WebP, 97, 96)]
    [InlineData("52494646 18000000 57454250 56503820 0A000000 000000 9D012A 6140 6080", ImageFormat.WebP, 97, 96)]
    public void Format_and_size_are_read(string hex, ImageFormat format, int width, int height)
    {
        Assert.True(ImageHeader.TryRead(Bytes(hex), out var readFormat, out var readWidth, out var readHeight));
        Assert.Equal((format, width, height), (readFormat, readWidth, readHeight));
    }

    [Theory]
    [InlineData("")]
    [InlineData("FF")]
    [InlineData("FFD8FF")]
    [InlineData("424D 3A000000")]
    [InlineData("52494646 18000000 57415645 56503820 0A000000 000000 9D012A 6140 6080")]
    [InlineData("52494646 18000000 57454250 5650384C 0A000000 2E 60C01700 0000000000")]
    [InlineData("52494646 18000000 57454250 56503820 0A000000 000000 9D012B 6140 6080")]
    [InlineData("52494646 18000000 57454250 56503858 0A000000 10000000 600000 0302")]
    [InlineData("3C737667 3E")]
    [InlineData("89504E470D0A1A0A 0000000D49484452 00000000 00000060 0806000000 00000000")]
    [InlineData("89504E470D0A1A0A 0000000D49484452 80000000 00000060 0806000000 00000000")]
    [InlineData("89504E470D0A1A0A 0000000D74455874 00000060 00000060 0806000000 00000000")]
    [InlineData("89504E470A1A0A00 0000000D49484452 00000060 00000060 0806000000 00000000")]
    [InlineData("474946383861 6000 6000 F70000")]
    [InlineData("474946383961 0000 6000 F70000")]
    [InlineData("FFD8 " + App0 + "FFD9")]
    [InlineData("FFD8 " + App0 + "FFDA 0008 01 0100 003F00 FFC0" + Frame)]
    [InlineData("FFD8 FFE0 0000 FFC0" + Frame)]
    [InlineData("FFD8 FFC0 0007 08 0060 0060 00")]
    [InlineData("FFD8 FFC0 0011 08 0000 0060 03")]
    [InlineData("FFD8 FFC4 0011 08 0060 0060 03 011100 021101 031101")]
    public void Anything_else_is_refused(string hex)
    {
        Assert.False(ImageHeader.TryRead(Bytes(hex), out _, out var width, out var height));
        Assert.Equal((0, 0), (width, height));
    }

    [Theory]
    [InlineData(Png, 33)]
    [InlineData(Gif, 13)]
    [InlineData("FFD8 " + App0 + "FFC0 0011 08 0060 0061", 29)]
    public void A_header_cut_short_is_refused(string hex, int needed)
    {
        var bytes = Bytes(hex);
        for (var length = 0; length < needed; length++)
            Assert.False(ImageHeader.TryRead(bytes.AsSpan(0, length), out _, out _, out _));
        Assert.True(ImageHeader.TryRead(bytes.AsSpan(0, needed), out _, out _, out _));
    }

    [Fact]
    public void A_hundred_thousand_random_and_mutated_pictures_are_survived()
    {
        byte[][] samples = [Bytes(Png), Bytes(Gif), Bytes("FFD8 " + App0 + Tables + "FFC0" + Frame)];
        var anyByte = Gen.Choose(0, 255).Select(i => (byte)i);
        var mutated =
            from sample in Gen.Elements(samples)
            from edits in Gen.Zip(Gen.Choose(0, 63), anyByte).ArrayOf(4)
            from length in Gen.Choose(0, sample.Length)
            select edits.Aggregate((byte[])sample.Clone(), (bytes, edit) =>
            {
                bytes[edit.Item1 % bytes.Length] = edit.Item2;
                return bytes;
            })[..length];

        Prop.ForAll(Gen.Frequency((1, anyByte.ArrayOf()), (3, mutated)).ToArbitrary(), bytes =>
                ImageHeader.TryRead(bytes, out _, out var width, out var height) == (width > 0 && height > 0))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100_000));
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
