using System.Buffers.Binary;

namespace Microblog.Media;

/// <summary>Rebuilds a GIF from its colour tables, its pictures and how they follow each other (GIF89a).</summary>
internal ref struct GifCleaner(ReadOnlySpan<byte> input, PictureDraft picture)
{
    private const byte Extension = 0x21;
    private const byte Picture = 0x2C;
    private const byte Trailer = 0x3B;
    private const byte GraphicControl = 0xF9;
    private const byte Application = 0xFF;
    private const byte PlainText = 0x01;

    private const string Broken = "The GIF is damaged, or not complete.";

    private readonly PictureDraft picture = picture;
    private ByteReader reader = new(input);
    private ReadOnlySpan<byte> control;
    private bool hasLoop;
    private int frames;

    public string? Run()
    {
        if (!reader.TryTake(6, out var version) || !(version.SequenceEqual("GIF89a"u8) || version.SequenceEqual("GIF87a"u8))
            || !reader.TryTake(7, out var screen) || !TryTakeColours(screen[4], out var colours))
            return Broken;
        if (picture.Measure(BinaryPrimitives.ReadUInt16LittleEndian(screen), BinaryPrimitives.ReadUInt16LittleEndian(screen[2..])) is { } tooLarge)
            return tooLarge;
        picture.Content.Write("GIF89a"u8);
        picture.Content.Write(screen);
        picture.Content.Write(colours);
        while (reader.TryTakeByte(out var block))
        {
            var problem = block switch { Extension => ReadExtension(), Picture => ReadPicture(), Trailer => null, _ => Broken };
            if (problem is not null)
                return problem;
            if (block != Trailer)
                continue;
            picture.Content.Write(Trailer);
            return frames == 0 ? Broken : picture.CountFrames(frames);
        }

        return Broken;
    }

    // §18, §20: the highest bit says whether there is a table, the lowest three how large it is.
    private bool TryTakeColours(byte flags, out ReadOnlySpan<byte> colours) =>
        reader.TryTake((flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1), out colours);

    private string? ReadExtension()
    {
        if (!reader.TryTakeByte(out var label))
            return Broken;
        if (label == GraphicControl)
            return reader.TryTake(6, out control) && control[0] == 4 && control[5] == 0 ? null : Broken;
        if (label == PlainText)
            control = default;      // it belonged to the text
        if (label == Application && reader.Rest is [11, .. var name] && (name.StartsWith("NETSCAPE2.0"u8) || name.StartsWith("ANIMEXTS1.0"u8)))
            return ReadLoop();
        return SkipBlocks() ? null : Broken;
    }

    // How often the pictures are shown: the block that browsers know.
    private string? ReadLoop()
    {
        reader.TryTake(12, out _);
        if (reader.Rest is [3, 1, var low, var high, ..] && !hasLoop && frames == 0)
        {
            hasLoop = true;
            picture.Content.Write([Extension, Application, 11, .. "NETSCAPE2.0"u8, 3, 1, low, high, 0]);
        }

        return SkipBlocks() ? null : Broken;
    }

    // §20, §22
    private string? ReadPicture()
    {
        if (!reader.TryTake(9, out var descriptor) || !TryTakeColours(descriptor[8], out var colours)
            || !reader.TryTakeByte(out var codeSize) || codeSize is < 2 or > 8 || !IsInside(descriptor))
            return Broken;
        if (++frames > PictureCleaner.MaxFrames)
            return picture.CountFrames(frames);
        if (!control.IsEmpty)
        {
            picture.Content.Write([Extension, GraphicControl]);
            picture.Content.Write(control);
            control = default;
        }

        picture.Content.Write(Picture);
        picture.Content.Write(descriptor);
        picture.Content.Write(colours);
        picture.Content.Write(codeSize);
        var before = reader.Rest;
        if (!SkipBlocks())
            return Broken;
        var data = before[..^reader.Rest.Length];
        picture.Content.Write(data);
        return data.Length > 1 ? null : Broken;
    }

    private readonly bool IsInside(ReadOnlySpan<byte> descriptor)
    {
        int width = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[4..]), height = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[6..]);
        return width > 0 && height > 0 && BinaryPrimitives.ReadUInt16LittleEndian(descriptor) + width <= picture.Width
            && BinaryPrimitives.ReadUInt16LittleEndian(descriptor[2..]) + height <= picture.Height;
    }

    // Each with its length before it, until one without bytes (§15, §16).
    private bool SkipBlocks()
    {
        while (reader.TryTakeByte(out var length) && reader.TryTake(length, out _))
        {
            if (length == 0)
                return true;
        }

        return false;
    }
}
