using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Microblog.Http;

/// <summary>Addresses in a scheme of a program's own, such as <c>com.example.app:/done</c>: the device on which the program is installed opens them with
/// it (RFC 8252 §7.1).</summary>
/// <remarks>
/// <para>Admitted are a scheme with a dot, as the RFC asks for, for it is somebody's domain turned round; and, as programs older than the RFC have, one
/// without, followed by <c>//</c> and a name. Neither, where browsers or systems do something of their own by it.</para>
/// <para>Everything is printable ASCII, so that it stands in a header as it was written.</para>
/// </remarks>
public static class OwnScheme
{
    /// <summary>Longest address, in characters.</summary>
    public const int MaxLength = 2048;

    private const int MaxSchemeLength = 64;

    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789+-.");
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?[]@!$&'()*+,;=%");

    // What a browser runs or opens by itself, what a system hands to something of its own, and what names another service.
    private static readonly FrozenSet<string> Taken = FrozenSet.Create(
        StringComparer.Ordinal,
        "about", "acct", "admin", "afp", "android", "app", "app-prefs", "appstream", "apt", "attachment", "bitcoin", "blob", "burn", "callto", "calshow", "cast",
        "chrome", "cid", "cifs", "coap", "coaps", "computer", "content", "data", "dav", "davs", "diagnostics", "dns", "ed2k", "feed", "fido", "file", "filesystem",
        "fish", "ftp", "ftps", "geo", "git", "googlechrome", "gopher", "hcp", "help", "http", "https", "ibooks", "imap", "intent", "ipfs", "ipp", "irc", "ircs",
        "isolated-app", "itms", "itmss", "jabber", "jar", "javascript", "ldap", "ldaps", "lightning", "livescript", "localhost", "macappstore", "macappstores",
        "magnet", "mailto", "mapi", "maps", "market", "message", "mhtml", "mid", "mk", "mms", "mmsh", "mmsto", "mocha", "mtp", "network", "news", "nfs", "nntp",
        "ofe", "onenote", "opera", "otpauth", "outlook", "package", "payto", "pop", "pops", "prefs", "rdp", "res", "resource", "rlogin", "rsync", "rtmp", "rtsp",
        "search", "sftp", "sgnl", "shell", "shortcuts", "shttp", "sip", "sips", "skype", "smb", "sms", "smsto", "snap", "snews", "ssh", "steam", "svn", "tel",
        "telnet", "telprompt", "tftp", "tg", "tn3270", "trash", "upi", "urn", "vbs", "vbscript", "view-source", "vnc", "vscode", "wais", "webcal", "webcals",
        "whatsapp", "windowsdefender", "workflow", "ws", "wss", "wyciwyg", "xmpp", "zoommtg");

    // Families of such, some with a dot in them.
    private static readonly string[] TakenBeginnings =
    [
        "android-", "brave", "chrome-", "edge", "facetime", "itms-", "microsoft", "moz-", "ms-", "opera-", "otpauth-", "safari-", "search-", "view-", "vivaldi", "vnd.",
        "web+", "x-apple",
    ];

    /// <summary>Whether a text is such an address, without fragment and user name.</summary>
    public static bool IsValid([NotNullWhen(true)] string? text)
    {
        if (text is not { Length: > 0 and <= MaxLength } || text.AsSpan().ContainsAnyExcept(Characters))
            return false;
        var scheme = Of(text);
        var rest = text.AsSpan(Math.Min(scheme.Length + 1, text.Length));
        if (!HasForm(scheme) || !rest.StartsWith("/"))
            return false;
        var authority = rest.StartsWith("//") ? rest[2..] : default;
        if (authority.IndexOfAny('/', '?') is >= 0 and var end)
            authority = authority[..end];
        return !authority.Contains('@') && !IsTaken(scheme) && (authority.Length > 0 || scheme.Contains('.', StringComparison.Ordinal));
    }

    /// <summary>What stands before the first colon, in lower case; empty where there is none.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.IndexOf(':', StringComparison.Ordinal) is > 0 and <= MaxSchemeLength and var colon ? text[..colon].ToLowerInvariant() : "";
    }

    // Each part of a name with dots begins with a letter, so that no address of a host is taken for one.
    private static bool HasForm(string scheme) =>
        !scheme.AsSpan().ContainsAnyExcept(SchemeCharacters) && scheme.Split('.').All(part => part.Length > 0 && char.IsAsciiLetter(part[0]));

    private static bool IsTaken(string scheme) => Taken.Contains(scheme) || TakenBeginnings.Any(beginning => scheme.StartsWith(beginning, StringComparison.Ordinal));
}
