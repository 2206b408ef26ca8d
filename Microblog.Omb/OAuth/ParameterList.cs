using System.Text;

namespace Microblog.Omb.OAuth;

/// <summary>Where in a request a parameter travelled.</summary>
internal enum ParameterPlace : byte
{
    Query,
    Header,
    Body,
}

/// <summary>The parameters of one request as they are signed: percent-encoded names and values, duplicates kept.</summary>
/// <remarks>One buffer holds every name followed by its value. The encoded form is what is sorted and signed, and it loses
/// nothing, so text is made from it only where somebody asks.</remarks>
internal sealed class ParameterList(byte[] encoded, ParameterList.Entry[] entries)
{
    /// <summary>More parameters than any known client sends; beyond it a request is refused before they are looked at.</summary>
    public const int MaxCount = 256;

    private readonly byte[] encoded = encoded;
    private readonly Entry[] entries = entries;

    internal readonly record struct Entry(
        int Start, int NameLength, int ValueLength, ParameterPlace Place, bool IsWellFormed);

    public int Count => entries.Length;

    /// <summary>The most bytes that <see cref="WriteSigned"/> writes: three bytes <c>%XX</c> become five, the two separators six.</summary>
    public int MaxSignedLength => (encoded.Length * 2) + (entries.Length * 6);

    public ReadOnlySpan<byte> Name(int index) => encoded.AsSpan(entries[index].Start, entries[index].NameLength);

    public ReadOnlySpan<byte> Value(int index) =>
        encoded.AsSpan(entries[index].Start + entries[index].NameLength, entries[index].ValueLength);

    public ParameterPlace Place(int index) => entries[index].Place;

    public string NameText(int index) => PercentEncoding.DecodeText(Name(index));

    public string ValueText(int index) => PercentEncoding.DecodeText(Value(index));

    public FormField Find(string name)
    {
        Span<byte> buffer = stackalloc byte[512];
        ReadOnlySpan<byte> wanted = name.Length * PercentEncoding.MaxGrowthOfChar <= buffer.Length
            ? buffer[..PercentEncoding.Encode(name, buffer)]
            : Encoding.ASCII.GetBytes(PercentEncoding.Encode(name));
        var (first, count) = (-1, 0);
        for (var i = 0; i < entries.Length; i++)
        {
            if (!Name(i).SequenceEqual(wanted))
                continue;

            first = first < 0 ? i : first;
            count++;
        }

        return count == 0 ? default : new FormField(count, ValueText(first), entries[first].IsWellFormed);
    }

    /// <summary>Writes the normalised parameters, encoded a second time, as they stand in the base string.</summary>
    /// <remarks>RFC 5849 §3.4.1.3.2: sorted by the bytes of the encoded name, then of the encoded value (OAUTH-4);
    /// <c>oauth_signature</c> is left out (OAUTH-3).</remarks>
    public int WriteSigned(Span<byte> destination)
    {
        Span<ushort> order = stackalloc ushort[MaxCount];
        var count = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            if (!Name(i).SequenceEqual("oauth_signature"u8))
                order[count++] = (ushort)i;
        }

        order = order[..count];
        order.Sort(Compare);
        var written = 0;
        foreach (var index in order)
        {
            if (written > 0)
                written += Append("%26"u8, destination[written..]);

            written += PercentEncoding.EncodeAgain(Name(index), destination[written..]);
            written += Append("%3D"u8, destination[written..]);
            written += PercentEncoding.EncodeAgain(Value(index), destination[written..]);
        }

        return written;
    }

    private static int Append(ReadOnlySpan<byte> separator, Span<byte> destination)
    {
        separator.CopyTo(destination);
        return separator.Length;
    }

    private int Compare(ushort left, ushort right)
    {
        var byName = Name(left).SequenceCompareTo(Name(right));
        return byName != 0 ? byName : Value(left).SequenceCompareTo(Value(right));
    }
}
