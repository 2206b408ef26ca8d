using System.Buffers.Binary;

namespace Microblog.Media;

/// <summary>Rebuilds a WebP, also an animated one, from the chunks that draw it (RFC 9649).</summary>
internal ref struct WebPCleaner(ReadOnlySpan<byte> input, PictureDraft picture)
{
    private const byte HasAlpha = 0x10;
    private const byte HasExif = 0x08;
    private const byte HasAnimation = 0x02;

    private const string Broken = "The WebP is damaged, or not complete.";

    private readonly PictureDraft picture = picture;
    private ByteReader reader = new(input);
    private int flagsAt;
    private byte flags;
    private bool hasAnimationHeader;
    private bool hasAlphaChunk;
    private bool hasPicture;
    private int frames;

    public string? Run()
    {
        // The length counts from behind itself; what stands behind it is not the picture's.
        if (!reader.TryTake(12, out var head) || !reader.TryTake(BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) - 4L, out var content))
            return Broken;
        reader = new ByteReader(content);
        picture.Content.Write("RIFF\0\0\0\0WEBP"u8);
        if (TryTakeChunk(ref reader, out var type, out var chunk) && (type.SequenceEqual("VP8X"u8) ? ReadExtended(chunk) : ReadSimple(type, chunk)) is { } problem)
            return problem;
        if (!hasPicture && frames == 0)
            return Broken;
        picture.Content.SetUInt32LittleEndian(4, picture.Content.Length - 8);
        return null;
    }

    private string? ReadSimple(scoped ReadOnlySpan<byte> type, scoped ReadOnlySpan<byte> chunk)
    {
        if (!TryMeasure(type, chunk, out var width, out var height))
            return Broken;
        hasPicture = true;
        Keep(type, chunk);
        return picture.Measure(width, height);
    }

    private string? ReadExtended(scoped ReadOnlySpan<byte> header)
    {
        if (header.Length != 10)
            return Broken;
        if (picture.Measure(UInt24(header[4..]) + 1, UInt24(header[7..]) + 1) is { } tooLarge)
            return tooLarge;
        flags = (byte)(header[0] & (HasAlpha | HasAnimation));
        flagsAt = picture.Content.Length + 8;
        Keep("VP8X"u8, [flags, 0, 0, 0, .. header[4..]]);
        while (!reader.IsAtEnd)
        {
            if (!TryTakeChunk(ref reader, out var type, out var chunk))
                return Broken;
            if (ReadPart(type, chunk) is { } problem)
                return problem;
        }

        WriteOrientation();
        return picture.CountFrames(Math.Max(1, frames));
    }

    private string? ReadPart(scoped ReadOnlySpan<byte> type, scoped ReadOnlySpan<byte> chunk)
    {
        var isAnimated = (flags & HasAnimation) != 0;
        if (type.SequenceEqual("EXIF"u8))
            picture.Turn(Exif.ReadOrientation(chunk.StartsWith("Exif\0\0"u8) ? chunk[6..] : chunk));
        else if (isAnimated && type.SequenceEqual("ANIM"u8) && !hasAnimationHeader && chunk.Length == 6)
            hasAnimationHeader = Keep(type, chunk);
        else if (isAnimated && type.SequenceEqual("ANMF"u8))
            return ReadFrame(chunk);
        else if (!isAnimated && !hasPicture && !hasAlphaChunk && type.SequenceEqual("ALPH"u8))
            hasAlphaChunk = Keep(type, chunk);
        else if (!isAnimated && IsPicture(type))
            return ReadPicture(type, chunk, picture.Width, picture.Height);
        else if (type.SequenceEqual("ANIM"u8) || type.SequenceEqual("ANMF"u8) || type.SequenceEqual("ALPH"u8) || IsPicture(type))
            return Broken;
        return null;
    }

    private string? ReadPicture(scoped ReadOnlySpan<byte> type, scoped ReadOnlySpan<byte> chunk, int width, int height)
    {
        if (hasPicture || !TryMeasure(type, chunk, out var ownWidth, out var ownHeight) || (ownWidth, ownHeight) != (width, height))
            return Broken;
        hasPicture = true;
        Keep(type, chunk);
        return null;
    }

    // §2.7.1.2: where it stands, how large it is, how long it is shown, then the chunks of a picture.
    private string? ReadFrame(scoped ReadOnlySpan<byte> chunk)
    {
        if (!hasAnimationHeader || chunk.Length < 16)
            return Broken;
        if (++frames > PictureCleaner.MaxFrames)
            return picture.CountFrames(frames);
        int width = UInt24(chunk[6..]) + 1, height = UInt24(chunk[9..]) + 1;
        if ((UInt24(chunk) * 2) + width > picture.Width || (UInt24(chunk[3..]) * 2) + height > picture.Height)
            return Broken;
        var start = picture.Content.Length;
        picture.Content.Write("ANMF\0\0\0\0"u8);
        picture.Content.Write(chunk[..15]);
        picture.Content.Write((byte)(chunk[15] & 3));
        (hasPicture, hasAlphaChunk) = (false, false);
        var parts = new ByteReader(chunk[16..]);
        while (!parts.IsAtEnd)
        {
            if (!TryTakeChunk(ref parts, out var type, out var part))
                return Broken;
            if (!hasPicture && !hasAlphaChunk && type.SequenceEqual("ALPH"u8))
                hasAlphaChunk = Keep(type, part);
            else if (IsPicture(type) && ReadPicture(type, part, width, height) is { } problem)
                return problem;
        }

        picture.Content.SetUInt32LittleEndian(start + 4, picture.Content.Length - start - 8);
        return hasPicture ? null : Broken;
    }

    private readonly void WriteOrientation()
    {
        if (picture.Orientation == Exif.Upright)
            return;
        Keep("EXIF"u8, Exif.Write(picture.Orientation));
        picture.Content.Set(flagsAt, (byte)(flags | HasExif));
    }

    private static bool IsPicture(ReadOnlySpan<byte> type) => type.SequenceEqual("VP8 "u8) || type.SequenceEqual("VP8L"u8);

    // VP8: RFC 6386 §9.1, a key frame. VP8L: RFC 9649 §3.4.
    private static bool TryMeasure(ReadOnlySpan<byte> type, ReadOnlySpan<byte> chunk, out int width, out int height)
    {
        (width, height) = (0, 0);
        if (type.SequenceEqual("VP8 "u8) && chunk is [var tag, _, _, 0x9D, 0x01, 0x2A, _, _, _, _, ..] && (tag & 1) == 0 && UInt24(chunk) >> 5 <= chunk.Length - 10)
        {
            width = BinaryPrimitives.ReadUInt16LittleEndian(chunk[6..]) & 0x3FFF;
            height = BinaryPrimitives.ReadUInt16LittleEndian(chunk[8..]) & 0x3FFF;
            return true;
        }

        if (type.SequenceEqual("VP8L"u8) && chunk is [0x2F, _, _, _, _, _, ..] && chunk[4] >> 5 == 0)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(chunk[1..]);
            (width, height) = ((int)(bits & 0x3FFF) + 1, (int)(bits >> 14 & 0x3FFF) + 1);
            return true;
        }

        return false;
    }

    // Filled up to an even length (§2.3).
    private static bool TryTakeChunk(ref ByteReader from, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> content)
    {
        type = content = default;
        if (!from.TryTake(8, out var head))
            return false;
        type = head[..4];
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        return from.TryTake(length, out content) && (length % 2 == 0 || from.TryTake(1, out _));
    }

    private readonly bool Keep(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        picture.Content.Write(type);
        picture.Content.WriteUInt32LittleEndian(content.Length);
        picture.Content.Write(content);
        if (content.Length % 2 == 1)
            picture.Content.Write(0);
        return true;
    }

    private static int UInt24(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;
}
