using FsCheck;
using FsCheck.Fluent;

namespace Microblog.Omb.Tests.Discovery;

/// <summary>Random input, and good input broken in a few places.</summary>
internal static class Fuzz
{
    public static Gen<byte[]> BytesLike(byte[][] samples)
    {
        var noise = Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf();
        return Gen.Frequency((1, noise), (4, Mutated(samples, Gen.Choose(0, 255).Select(b => (byte)b), [.. "<>&\"'/!-?=[]; :#"u8.ToArray()])));
    }

    public static Gen<string> TextLike(string[] samples, string special)
    {
        var anyChar = Gen.Choose(0, 0x2FF).Select(c => (char)c);
        return Gen.Frequency(
            (1, anyChar.ArrayOf().Select(c => new string(c))),
            (2, Gen.Elements(special.ToCharArray()).ArrayOf().Select(c => new string(c))),
            (4, Mutated(samples.Select(s => s.ToCharArray()).ToArray(), anyChar, special.ToCharArray()).Select(c => new string(c))));
    }

    private static Gen<T[]> Mutated<T>(T[][] samples, Gen<T> any, T[] special)
    {
        var edit =
            from at in Gen.Choose(0, int.MaxValue - 1)
            from kind in Gen.Choose(0, 4)
            from length in Gen.Choose(1, 40)
            from value in Gen.Frequency((1, any), (2, Gen.Elements(special)))
            select (at, kind, length, value);
        return
            from sample in Gen.Elements(samples)
            from edits in edit.ArrayOf(4)
            select edits.Aggregate(sample, (current, e) => Apply(current, e.at, e.kind, e.length, e.value));
    }

    private static T[] Apply<T>(T[] input, int position, int kind, int length, T value)
    {
        if (input.Length == 0)
            return [value];
        var at = position % input.Length;
        var end = Math.Min(input.Length, at + length);
        return kind switch
        {
            0 => [.. input[..at], value, .. input[(at + 1)..]],
            1 => [.. input[..at], value, .. input[at..]],
            2 => [.. input[..at], .. input[end..]],
            3 => [.. input[..end], .. input[at..]],
            _ => input[..at],
        };
    }
}
