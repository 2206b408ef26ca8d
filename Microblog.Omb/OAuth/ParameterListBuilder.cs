using System.Buffers;

namespace Microblog.Omb.OAuth;

/// <summary>Collects parameters in pooled memory. Dispose it, also after a refusal.</summary>
/// <param name="wireLength">The bytes that can come in all <c>Add</c> calls together; what is longer is a programming error.</param>
internal sealed class ParameterListBuilder(int wireLength) : IDisposable
{
    private readonly byte[] bytes = ArrayPool<byte>.Shared.Rent(wireLength * PercentEncoding.MaxGrowth);
    private readonly ParameterList.Entry[] entries = ArrayPool<ParameterList.Entry>.Shared.Rent(ParameterList.MaxCount);
    private int length;
    private int count;

    /// <summary>Adds the pairs of a query or form body (RFC 5849 §3.4.1.3.1); <see langword="false"/> when they are too many.</summary>
    public bool TryAddForm(ReadOnlySpan<byte> form, ParameterPlace place)
    {
        while (!form.IsEmpty)
        {
            var end = form.IndexOf((byte)'&');
            var pair = end < 0 ? form : form[..end];
            form = end < 0 ? default : form[(end + 1)..];
            if (pair.IsEmpty)
                continue;

            var equals = pair.IndexOf((byte)'=');
            var (name, value) = equals < 0 ? (pair.Length, pair.Length) : (equals, equals + 1);
            if (!TryAdd(pair[..name], pair[value..], place))
                return false;
        }

        return true;
    }

    /// <summary>Adds one pair, still escaped as it travelled; <see langword="false"/> when there are too many already.</summary>
    public bool TryAdd(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ParameterPlace place)
    {
        if (count == ParameterList.MaxCount)
            return false;

        var plusIsSpace = place is not ParameterPlace.Header;
        var nameLength = PercentEncoding.Recode(name, plusIsSpace, bytes.AsSpan(length), out var nameIsWellFormed);
        var valueLength = PercentEncoding.Recode(value, plusIsSpace, bytes.AsSpan(length + nameLength), out var valueIsWellFormed);
        entries[count++] = new(length, nameLength, valueLength, place, nameIsWellFormed && valueIsWellFormed);
        length += nameLength + valueLength;
        return true;
    }

    /// <summary>Adds one pair of text that is not escaped at all. Counts as three times its length.</summary>
    public bool TryAddText(string name, string value, ParameterPlace place)
    {
        if (count == ParameterList.MaxCount)
            return false;

        var nameLength = PercentEncoding.Encode(name, bytes.AsSpan(length));
        var valueLength = PercentEncoding.Encode(value, bytes.AsSpan(length + nameLength));
        entries[count++] = new(length, nameLength, valueLength, place, IsWellFormed: true);
        length += nameLength + valueLength;
        return true;
    }

    public ParameterList Build() => new(bytes.AsSpan(0, length).ToArray(), entries.AsSpan(0, count).ToArray());

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        ArrayPool<ParameterList.Entry>.Shared.Return(entries);
    }
}
