using System.Diagnostics.CodeAnalysis;
using Microblog.Text;

namespace Microblog.Contacts;

/// <summary>Reads what lists name people by: the address of a page, <c>nick@host</c>, or a nickname.</summary>
internal static class ContactAddress
{
    private const string Account = "acct:";

    /// <summary>Reads one, however it is decorated: <c>@nick</c>, <c>@nick@host</c>, <c>acct:nick@host</c> (RFC 7565), <c>host/nick</c>.</summary>
    /// <param name="text">Anything. What holds characters that do not show, or that turn the direction of writing, names nobody.</param>
    /// <param name="address">An http(s) address, <c>nick@host</c> with the host in lower case and ASCII, or a nickname.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out string? address)
    {
        address = null;
        var typed = text?.Trim() ?? "";
        if (typed.Length is 0 or > WebAddress.MaxLength || OneLine.Of(typed) != typed)
            return false;
        if (typed.StartsWith(Account, StringComparison.OrdinalIgnoreCase))
            typed = typed[Account.Length..];
        address = WebAddress.IsValid(typed) ? typed : ReadShort(typed.StartsWith('@') ? typed[1..] : typed);
        return address is not null;
    }

    private static string? ReadShort(string text)
    {
        if (text.IndexOf('/', StringComparison.Ordinal) is var slash and > 0)
            return text[..slash].Contains('.', StringComparison.Ordinal) && WebAddress.IsValid("https://" + text) ? "https://" + text : null;
        if (text.IndexOf('@', StringComparison.Ordinal) is not (>= 0 and var at))
            return IsNickname(text) ? text : null;
        return IsNickname(text[..at]) && WebAddress.HostNamedBy(text[(at + 1)..]) is { Length: > 0 } host ? $"{text[..at]}@{host}" : null;
    }

    // Wider than ours, for other services have names of other letters. A number alone is some list's own key.
    private static bool IsNickname(string text) =>
        text.Length is > 0 and <= Nickname.MaxLength && text.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.') && text.Any(char.IsLetter);
}
