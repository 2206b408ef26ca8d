using System.Buffers.Binary;

namespace Microblog.Media;

/// <summary>Rebuilds a JPEG from its tables, its frame header and its scans (ITU-T T.81).</summary>
internal ref struct JpegCleaner(ReadOnlySpan<byte> input, PictureDraft picture)
{
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte App0 = 0xE0;
    private const byte App1 = 0xE1;
    private const byte App14 = 0xEE;
    private const byte App15 = 0xEF;
    private const byte Comment = 0xFE;
    private const int MaxScans = 100;

    private const string Broken = "The JPEG is damaged, or not complete.";

    private readonly PictureDraft picture = picture;
    private readonly ByteWriter body = new();
    private ByteReader reader = new(input);
    private int components;
    private int scans;
    private bool hasJfif;
    private int adobeTransform = -1;

    public string? Run()
    {
        reader.TryTake(2, out _);
        while (TryReadMarker(out var marker))
        {
            if (marker == EndOfImage)
                return Finish();
            // Behind a length of two bytes that counts itself.
            if (!reader.TryTake(2, out var length) || !reader.TryTake(BinaryPrimitives.ReadUInt16BigEndian(length) - 2, out var segment))
                return Broken;
            if (Read(marker, segment) is { } problem)
                return problem;
        }

        return Broken;
    }

    // Any number of 0xFF may stand before a marker (B.1.1.2).
    private bool TryReadMarker(out byte marker)
    {
        marker = 0;
        if (!reader.TryTakeByte(out var first) || first != 0xFF)
            return false;
        do
        {
            if (!reader.TryTakeByte(out marker))
                return false;
        }
        while (marker == 0xFF);
        return true;
    }

    private string? Read(byte marker, ReadOnlySpan<byte> segment)
    {
        switch (marker)
        {
            case 0xC0 or 0xC1 or 0xC2:
                return ReadFrame(marker, segment);
            case StartOfScan:
                return ReadScan(segment);
            case 0xC4 when AreHuffmanTables(segment):
            case 0xDB when AreQuantizationTables(segment):
            case 0xDD when segment.Length == 2:
                Keep(marker, segment);
                return null;
            case >= App0 and <= App15:
                Note(marker, segment);
                return null;
            case Comment:
                return null;
            case 0xC3 or (>= 0xC5 and <= 0xCF):
                return "This kind of JPEG (lossless, hierarchical or arithmetic) is shown by no browser.";
            default:
                return Broken;
        }
    }

    // Only what draws it otherwise: how colours are coded, and which way up it is.
    private void Note(byte marker, ReadOnlySpan<byte> segment)
    {
        if (marker == App0 && segment.StartsWith("JFIF\0"u8))
            hasJfif = true;
        else if (marker == App1 && segment.StartsWith("Exif\0\0"u8))
            picture.Turn(Exif.ReadOrientation(segment[6..]));
        else if (marker == App14 && segment.Length >= 12 && segment.StartsWith("Adobe"u8) && segment[11] <= 2)
            adobeTransform = segment[11];
    }

    // B.2.2
    private string? ReadFrame(byte marker, ReadOnlySpan<byte> segment)
    {
        if (components != 0 || segment.Length < 6 || segment[5] is not (1 or 3 or 4) || segment.Length != 6 + (segment[5] * 3))
            return Broken;
        if (segment[0] != 8)
            return "This kind of JPEG (12 bits) is shown by no browser.";
        components = segment[5];
        for (var at = 6; at < segment.Length; at += 3)
        {
            if (segment[at + 1] >> 4 is < 1 or > 4 || (segment[at + 1] & 15) is < 1 or > 4 || segment[at + 2] > 3)
                return Broken;
        }

        Keep(marker, segment);
        return picture.Measure(BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), BinaryPrimitives.ReadUInt16BigEndian(segment[1..]));
    }

    // B.2.3, then the coded data, in which 0xFF is followed by 0 or is a restart marker.
    private string? ReadScan(ReadOnlySpan<byte> segment)
    {
        if (components == 0 || segment.Length < 4 || segment[0] < 1 || segment[0] > components || segment.Length != 4 + (segment[0] * 2))
            return Broken;
        if (++scans > MaxScans)
            return "The JPEG has too many scans.";
        Keep(StartOfScan, segment);
        var rest = reader.Rest;
        var end = 0;
        while (rest[end..].IndexOf((byte)0xFF) is var found and >= 0)
        {
            end += found;
            if (end + 1 >= rest.Length)
                return Broken;
            if (rest[end + 1] is not (0 or (>= 0xD0 and <= 0xD7)))
            {
                if (end == 0)
                    return Broken;
                reader.TryTake(end, out var data);
                body.Write(data);
                return null;
            }

            end += 2;
        }

        return Broken;
    }

    // B.2.4.2: class and number, 16 counts, and as many values.
    private static bool AreHuffmanTables(ReadOnlySpan<byte> segment)
    {
        var tables = new ByteReader(segment);
        while (tables.TryTake(17, out var head))
        {
            var values = 0;
            foreach (var count in head[1..])
                values += count;
            if (head[0] >> 4 > 1 || (head[0] & 15) > 3 || values > 256 || !tables.TryTake(values, out _))
                return false;
        }

        return tables.IsAtEnd;
    }

    // B.2.4.1: precision and number, then 64 values of one or two bytes.
    private static bool AreQuantizationTables(ReadOnlySpan<byte> segment)
    {
        var tables = new ByteReader(segment);
        while (tables.TryTakeByte(out var head))
        {
            if (head >> 4 > 1 || (head & 15) > 3 || !tables.TryTake((head >> 4) == 0 ? 64 : 128, out _))
                return false;
        }

        return tables.IsAtEnd;
    }

    private string? Finish()
    {
        if (scans == 0)
            return Broken;
        picture.Content.Write([0xFF, StartOfImage]);
        // Version 1.01, square pixels, no thumbnail.
        if (hasJfif)
            WriteSegment(App0, [(byte)'J', (byte)'F', (byte)'I', (byte)'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
        if (picture.Orientation != Exif.Upright)
            WriteSegment(App1, [.. "Exif\0\0"u8, .. Exif.Write(picture.Orientation)]);
        if (adobeTransform >= 0)
            WriteSegment(App14, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)adobeTransform]);
        picture.Content.Write(body.Written);
        picture.Content.Write([0xFF, EndOfImage]);
        return null;
    }

    private readonly void WriteSegment(byte marker, ReadOnlySpan<byte> segment)
    {
        picture.Content.Write([0xFF, marker]);
        picture.Content.WriteUInt16BigEndian(segment.Length + 2);
        picture.Content.Write(segment);
    }

    private readonly void Keep(byte marker, ReadOnlySpan<byte> segment)
    {
        Span<byte> head = [0xFF, marker, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(segment.Length + 2));
        body.Write(head);
        body.Write(segment);
    }
}
