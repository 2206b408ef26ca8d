using System.Buffers.Binary;

namespace Microblog.Media;

/// <summary>Bytes that grow at their end.</summary>
internal sealed class ByteWriter
{
    private byte[] bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => bytes.AsMemory(0, Length);

    public void Write(ReadOnlySpan<byte> more)
    {
        if (more.Length > bytes.Length - Length)
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, Length + more.Length));
        more.CopyTo(bytes.AsSpan(Length));
        Length += more.Length;
    }

    public void Write(byte value) => Write([value]);

    public void WriteUInt16BigEndian(int value)
    {
        Span<byte> number = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)value);
        Write(number);
    }

    public void WriteUInt32BigEndian(uint value)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, value);
        Write(number);
    }

    public void WriteUInt32LittleEndian(int value)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(number, value);
        Write(number);
    }

    /// <summary>Sets a number that was not known yet when it was written.</summary>
    public void SetUInt32LittleEndian(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);

    /// <summary>Sets a byte that was not known yet when it was written.</summary>
    public void Set(int at, byte value) => bytes[at] = value;
}
