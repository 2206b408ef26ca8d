using Microblog.Pages;

namespace Microblog.Contacts;

/// <summary>Whom an address names, as far as that can be told without asking anybody.</summary>
/// <param name="Key">The same for all addresses that are certainly one person's.</param>
internal sealed record ContactName(string Key)
{
    /// <summary>The nickname that somebody of this node has or could have; empty for none.</summary>
    public string Nickname { get; private init; } = "";

    /// <summary>The number of somebody of this node.</summary>
    public ProfileId Id { get; private init; }

    /// <summary>The page of somebody elsewhere; empty for people of this node.</summary>
    public string Target { get; private init; } = "";

    public bool IsHere => Target.Length == 0;

    /// <summary>Reads an address of a <see cref="Contact"/>.</summary>
    public static ContactName Of(string address, NodeAddresses node)
    {
        if (address.Contains("://", StringComparison.Ordinal))
            return node.IsOwn(address) ? OfOwn(Segments(address)) : OfRemote(address);
        var at = address.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
            return OfNickname(address);
        var (nickname, host) = (address[..at], address[(at + 1)..]);
        // Where people's pages are on nodes of this kind, and on Laconica's and StatusNet's. Whether it is so there, who goes on there sees.
        var page = $"https://{host}/{Uri.EscapeDataString(nickname)}";
        return host == WebAddress.HostOf(node.Root) || node.IsOwn(page) ? OfNickname(nickname) : OfRemote(page);
    }

    /// <summary>The keys under which somebody who is known from elsewhere may be named.</summary>
    public static IEnumerable<string> KeysOf(Profile person)
    {
        yield return KeyOf($"https://{person.Host}/{person.Nickname}");
        if (WebAddress.IsValid(person.Url))
            yield return KeyOf(person.Url);
        if (WebAddress.IsValid(person.Uri.Value))
            yield return KeyOf(person.Uri.Value);
    }

    private static ContactName OfNickname(string nickname)
    {
        var folded = nickname.ToLowerInvariant();
        return new ContactName(folded) { Nickname = folded.All(char.IsAsciiLetterOrDigit) ? folded : "" };
    }

    private static ContactName OfRemote(string address) => new(KeyOf(address)) { Target = address };

    // A page, a feed, or an identifier.
    private static ContactName OfOwn(IReadOnlyList<string> segments) => segments switch
    {
        [.., "user", var number] when Visit.Number(number) is var id and > 0 => new ContactName($" {id}") { Id = new ProfileId(id) },
        [.., var nickname] => OfNickname(nickname),
        _ => OfNickname(""),
    };

    private static string KeyOf(string address) => $"{WebAddress.HostOf(address)}/{string.Join('/', Segments(address))}".ToLowerInvariant();

    // Of the path, without a feed's name and what Mastodon puts in front of nicknames.
    private static List<string> Segments(string address)
    {
        var path = Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.AbsolutePath : "";
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToList();
        if (segments is [_, .., "feed.atom" or "feed.rss" or "feed.json"])
            segments.RemoveAt(segments.Count - 1);
        if (segments is [.., ['@', _, ..] last])
            segments[^1] = last[1..];
        return segments;
    }
}
