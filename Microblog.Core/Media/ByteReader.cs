namespace Microblog.Media;

/// <summary>Takes bytes from the front, never more than there are.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>What has not been taken yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => rest;

    public readonly bool IsAtEnd => rest.IsEmpty;

    /// <summary>Takes exactly so many bytes, or none.</summary>
    public bool TryTake(long count, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (count < 0 || count > rest.Length)
            return false;
        taken = rest[..(int)count];
        rest = rest[(int)count..];
        return true;
    }

    public bool TryTakeByte(out byte value)
    {
        var isThere = TryTake(1, out var taken);
        value = isThere ? taken[0] : (byte)0;
        return isThere;
    }
}
