using System.Diagnostics.CodeAnalysis;

namespace Microblog;

/// <summary>The unchanging URI that names a notice across services.</summary>
/// <remarks>Opaque text compared byte for byte: it may be a <c>tag:</c> URI, so it is never fetched or normalised.
/// OMB 0.1, Terminology, “notice URI”; it need not be fetchable. The length limit is ours; the specification has none.</remarks>
public sealed record NoticeUri
{
    /// <summary>Longest accepted notice URI, in bytes of UTF-8.</summary>
    public const int MaxLength = 2048;

    private NoticeUri(string value) => Value = value;

    /// <summary>The identifier as it was written.</summary>
    public string Value { get; }

    /// <summary>Accepts any absolute URI whose scheme is written out.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out NoticeUri? uri)
    {
        uri = OpaqueUri.IsAbsolute(text, MaxLength) ? new NoticeUri(text) : null;
        return uri is not null;
    }

    /// <summary>As <see cref="TryParse"/>, for identifiers that this node made or stored.</summary>
    /// <exception cref="FormatException">The text is not an absolute URI.</exception>
    public static NoticeUri Parse(string text) =>
        TryParse(text, out var uri) ? uri : throw new FormatException($"Not an absolute URI: '{text}'.");

    /// <inheritdoc/>
    public override string ToString() => Value;
}
