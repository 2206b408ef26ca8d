using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microblog.Text;

namespace Microblog;

/// <summary>What <see cref="ProfileUri"/> and <see cref="NoticeUri"/> have in common: absolute, and otherwise left alone.</summary>
internal static class OpaqueUri
{
    // On Unix "/x" parses as a file URI, so insist that the scheme was written out. Control characters and white space
    // would survive Uri and then break pages, headers and logs; half a surrogate pair cannot be stored. Stores look addresses up, and an
    // index entry of PostgreSQL has room for 2,704 bytes.
    public static bool IsAbsolute([NotNullWhen(true)] string? text, int maxBytes) =>
        text is { Length: > 0 } && text.Length <= maxBytes && Encoding.UTF8.GetByteCount(text) <= maxBytes
        && Uri.TryCreate(text, UriKind.Absolute, out var parsed)
        && text.Length > parsed.Scheme.Length + 1
        && text.StartsWith(parsed.Scheme + ":", StringComparison.OrdinalIgnoreCase)
        && !text.AsSpan().ContainsAnyInRange('\0', ' ')
        && !text.Contains('\u007f', StringComparison.Ordinal)
        && NoticeText.IsWellFormed(text);
}
