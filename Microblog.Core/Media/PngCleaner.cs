using System.Buffers.Binary;

namespace Microblog.Media;

/// <summary>Rebuilds a PNG, also an animated one, from the chunks that draw it (PNG, Third Edition).</summary>
internal ref struct PngCleaner(ReadOnlySpan<byte> input, PictureDraft picture)
{
    private const string Broken = "The PNG is damaged, or not complete.";

    private readonly PictureDraft picture = picture;
    private ByteReader reader = new(input);
    private byte colourType;
    private int bitDepth;
    private int paletteSize;
    private Stage stage;
    private bool hasTransparency;
    private long announcedFrames;
    private long frames;
    private uint sequence;
    private bool hasFrameData;
    private bool isTurned;

    private enum Stage
    {
        Begin,
        Header,
        Data,
        AfterData,
        End,
    }

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public string? Run()
    {
        if (!reader.TryTake(8, out var signature) || !signature.SequenceEqual(Signature))
            return Broken;
        picture.Content.Write(Signature);
        while (stage != Stage.End)
        {
            if (!reader.TryTake(8, out var head) || !reader.TryTake(BinaryPrimitives.ReadUInt32BigEndian(head), out var content)
                || !reader.TryTake(4, out var checksum)
                || BinaryPrimitives.ReadUInt32BigEndian(checksum) != Crc32.Finish(Crc32.Add(Crc32.Add(Crc32.Start, head[4..]), content)))
                return Broken;
            if (Read(head[4..], content) is { } problem)
                return problem;
        }

        return announcedFrames != 0 && (frames != announcedFrames || !hasFrameData) ? Broken : null;
    }

    private string? Read(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        if (stage == Stage.Begin)
            return type.SequenceEqual("IHDR"u8) ? ReadHeader(content) : Broken;
        if (stage == Stage.Data && !type.SequenceEqual("IDAT"u8))
            stage = Stage.AfterData;
        if (type.SequenceEqual("IDAT"u8))
            return ReadData(content);
        if (type.SequenceEqual("IEND"u8))
            return ReadEnd(content);
        if (type.SequenceEqual("PLTE"u8))
            return ReadPalette(content);
        if (type.SequenceEqual("tRNS"u8))
            return ReadTransparency(content);
        if (announcedFrames != 0 && type.SequenceEqual("fcTL"u8))
            return ReadFrame(content);
        if (announcedFrames != 0 && type.SequenceEqual("fdAT"u8))
            return ReadFrameData(content);
        if (stage == Stage.Header && type.SequenceEqual("acTL"u8))
            return ReadAnimation(content);
        if (type.SequenceEqual("eXIf"u8))
            picture.Turn(Exif.ReadOrientation(content));
        else if (stage == Stage.Header && paletteSize == 0 && IsColour(type, content))
            Keep(type, content);
        // The fifth bit of the first letter: whether it may be left out (§5.4).
        else if ((type[0] & 0x20) == 0)
            return Broken;
        return null;
    }

    // How the numbers become colours, in fields of a fixed size. A colour profile (iCCP) is a container of anything.
    private static bool IsColour(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content) =>
        (type.SequenceEqual("gAMA"u8) && content.Length == 4) || (type.SequenceEqual("cHRM"u8) && content.Length == 32)
        || (type.SequenceEqual("sRGB"u8) && content.Length == 1) || (type.SequenceEqual("cICP"u8) && content.Length == 4);

    // §11.2.1
    private string? ReadHeader(ReadOnlySpan<byte> content)
    {
        if (content.Length != 13)
            return Broken;
        (bitDepth, colourType) = (content[8], content[9]);
        var isKnown = (colourType, bitDepth) is (0, 1 or 2 or 4 or 8 or 16) or (3, 1 or 2 or 4 or 8) or (2 or 4 or 6, 8 or 16);
        if (!isKnown || content[10] != 0 || content[11] != 0 || content[12] > 1)
            return Broken;
        Keep("IHDR"u8, content);
        stage = Stage.Header;
        return picture.Measure(BinaryPrimitives.ReadUInt32BigEndian(content), BinaryPrimitives.ReadUInt32BigEndian(content[4..]));
    }

    private string? ReadPalette(ReadOnlySpan<byte> content)
    {
        if (stage != Stage.Header || paletteSize != 0 || colourType is 0 or 4 || content.Length is 0 or > 768 || content.Length % 3 != 0)
            return Broken;
        paletteSize = content.Length / 3;
        Keep("PLTE"u8, content);
        return null;
    }

    private string? ReadTransparency(ReadOnlySpan<byte> content)
    {
        var isRight = colourType switch { 0 => content.Length == 2, 2 => content.Length == 6, 3 => content.Length <= paletteSize, _ => false };
        if (stage != Stage.Header || hasTransparency || !isRight)
            return Broken;
        hasTransparency = true;
        Keep("tRNS"u8, content);
        return null;
    }

    private string? ReadData(ReadOnlySpan<byte> content)
    {
        if (stage is not (Stage.Header or Stage.Data) || (colourType == 3 && paletteSize == 0))
            return Broken;
        if (stage == Stage.Header)
            WriteOrientation();
        stage = Stage.Data;
        hasFrameData = true;
        Keep("IDAT"u8, content);
        return null;
    }

    private string? ReadEnd(ReadOnlySpan<byte> content)
    {
        if (stage != Stage.AfterData || content.Length != 0)
            return Broken;
        WriteOrientation();
        Keep("IEND"u8, content);
        stage = Stage.End;
        return null;
    }

    // It may stand before or behind the picture.
    private void WriteOrientation()
    {
        if (picture.Orientation == Exif.Upright || isTurned)
            return;
        isTurned = true;
        Keep("eXIf"u8, Exif.Write(picture.Orientation));
    }

    // Number of frames, number of plays.
    private string? ReadAnimation(ReadOnlySpan<byte> content)
    {
        if (announcedFrames != 0 || content.Length != 8)
            return Broken;
        announcedFrames = BinaryPrimitives.ReadUInt32BigEndian(content);
        if (announcedFrames == 0)
            return Broken;
        Keep("acTL"u8, content);
        return picture.CountFrames(announcedFrames);
    }

    // Sequence number, width, height, and where it stands on the canvas.
    private string? ReadFrame(ReadOnlySpan<byte> content)
    {
        if (content.Length != 26 || BinaryPrimitives.ReadUInt32BigEndian(content) != sequence++ || ++frames > announcedFrames
            || (frames > 1 && !hasFrameData) || content[24] > 2 || content[25] > 1)
            return Broken;
        long width = BinaryPrimitives.ReadUInt32BigEndian(content[4..]), height = BinaryPrimitives.ReadUInt32BigEndian(content[8..]);
        if (width == 0 || height == 0 || width + BinaryPrimitives.ReadUInt32BigEndian(content[12..]) > picture.Width
            || height + BinaryPrimitives.ReadUInt32BigEndian(content[16..]) > picture.Height)
            return Broken;
        hasFrameData = false;
        Keep("fcTL"u8, content);
        return null;
    }

    private string? ReadFrameData(ReadOnlySpan<byte> content)
    {
        if (stage != Stage.AfterData || frames == 0 || content.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(content) != sequence++)
            return Broken;
        hasFrameData = true;
        Keep("fdAT"u8, content);
        return null;
    }

    private readonly void Keep(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        picture.Content.WriteUInt32BigEndian((uint)content.Length);
        picture.Content.Write(type);
        picture.Content.Write(content);
        picture.Content.WriteUInt32BigEndian(Crc32.Finish(Crc32.Add(Crc32.Add(Crc32.Start, type), content)));
    }
}
