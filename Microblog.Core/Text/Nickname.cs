using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Microblog.Text;

/// <summary>The rules for nicknames of this node's people (OMB-12).</summary>
public static class Nickname
{
    /// <summary>Longest nickname, in characters.</summary>
    public const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    // First segments of our own addresses, present and planned, and names that people would take for the operator.
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "about", "account", "activity", "actor", "admin", "administrator", "all", "api", "attachment", "attachments", "avatar", "block", "blocks",
        "blog", "bookmarks", "compose", "conversation", "css", "delete", "direct", "doc", "docs", "everyone", "explore", "favicon", "favorites", "favourites", "feed",
        "files", "follow", "followers", "following", "group", "groups", "health", "help", "home", "identicon", "images", "inbox", "index", "info",
        "invitation", "invitations", "invite", "join", "js", "login", "logout", "main", "media", "mentions", "messages", "metrics", "microblog", "moderator", "nobody", "nodeinfo",
        "notice", "notices", "notifications", "null", "oauth", "omb", "operator", "outbox", "people", "postmaster", "privacy", "profile",
        "public", "queue", "register", "replies", "report", "root", "rss", "search", "security", "settings", "setup", "shared", "signin", "signout",
        "signup", "site", "static", "statuses", "subscribe", "subscribers", "subscriptions", "support", "system", "tag", "tags", "terms",
        "timeline", "unsubscribe", "user", "users", "webmaster", "wellknown", "xrds",
    };

    /// <summary>Folds and checks what somebody typed.</summary>
    /// <param name="text">What was typed; upper-case ASCII letters are folded.</param>
    /// <param name="nickname">The nickname to store.</param>
    /// <param name="problem">What is wrong, for the person who typed it.</param>
    /// <param name="reserved">Names that the host keeps for itself.</param>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out string? nickname, [NotNullWhen(false)] out string? problem, ISet<string>? reserved = null)
    {
        nickname = null;
        var folded = text?.Trim().ToLowerInvariant() ?? "";
        problem = folded switch
        {
            "" => "Choose a nickname.",
            { Length: > MaxLength } => $"A nickname has at most {MaxLength} characters.",
            _ when folded.AsSpan().ContainsAnyExcept(Allowed) => "A nickname consists of the letters a to z and digits.",
            _ when !folded.AsSpan().ContainsAnyInRange('a', 'z') => "A nickname needs at least one letter.",
            _ when IsReserved(folded, reserved) => "This nickname is reserved.",
            _ => null,
        };
        if (problem is not null)
            return false;
        nickname = folded;
        return true;
    }

    /// <summary>Whether nobody gets a name, folded.</summary>
    internal static bool IsReserved(string name, ISet<string>? reserved) => Reserved.Contains(name) || reserved?.Contains(name) == true;

    /// <summary>The nearest nickname to a user name of the host, or <c>user</c> when nothing of it is usable.</summary>
    public static string Suggest(string name)
    {
        Span<char> kept = stackalloc char[MaxLength - 8];
        var length = 0;
        // Normalising throws at half a surrogate pair and at U+FFFE, and the name may come from anywhere.
        var sound = string.Concat(name.EnumerateRunes().Where(rune => rune.Value is not (0xFFFD or 0xFFFE)));
        foreach (var character in sound.ToLowerInvariant().Normalize(System.Text.NormalizationForm.FormD))
        {
            if (character == '@' && length > 0)
                break;
            if (length < kept.Length && Allowed.Contains(character))
                kept[length++] = character;
        }

        var suggestion = kept[..length].ToString();
        return TryParse(suggestion, out var nickname, out _) ? nickname
            : TryParse("user" + suggestion, out nickname, out _) ? nickname : "user";
    }
}
