using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Microblog.Storage;

/// <summary>What bytes are kept under: their own SHA-256, in lower-case hexadecimal digits. So equal bytes are kept once, and no name of
/// anybody's choosing ever becomes a path.</summary>
public sealed record BlobKey
{
    /// <summary>Characters of <see cref="Value"/>.</summary>
    public const int Length = 64;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private BlobKey(string value) => Value = value;

    /// <summary>The digits.</summary>
    public string Value { get; }

    /// <summary>The key of some bytes.</summary>
    public static BlobKey Of(ReadOnlySpan<byte> content) => new(Convert.ToHexStringLower(SHA256.HashData(content)));

    /// <summary>Reads one; only the very form in which it is written is taken.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out BlobKey? key)
    {
        key = text is { Length: Length } && !text.AsSpan().ContainsAnyExcept(Digits) ? new BlobKey(text) : null;
        return key is not null;
    }

    /// <exception cref="FormatException">It is none.</exception>
    public static BlobKey Parse(string text) => TryParse(text, out var key) ? key : throw new FormatException("This is no key of a blob.");

    /// <inheritdoc/>
    public override string ToString() => Value;
}
