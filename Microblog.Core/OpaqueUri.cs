using System.Diagnostics.CodeAnalysis;

namespace Microblog;

/// <summary>What <see cref="ProfileUri"/> and <see cref="NoticeUri"/> have in common: absolute, and otherwise left alone.</summary>
internal static class OpaqueUri
{
    // On Unix "/x" parses as a file URI, so insist that the scheme was written out. Control characters and white space
    // would survive Uri and then break pages, headers and logs.
    public static bool IsAbsolute([NotNullWhen(true)] string? text, int maxLength) =>
        text is { Length: > 0 } && text.Length <= maxLength
        && Uri.TryCreate(text, UriKind.Absolute, out var parsed)
        && text.Length > parsed.Scheme.Length + 1
        && text.StartsWith(parsed.Scheme + ":", StringComparison.OrdinalIgnoreCase)
        && !text.AsSpan().ContainsAnyInRange('\0', ' ')
        && !text.Contains('\u007f', StringComparison.Ordinal);
}
