namespace Microblog.Omb.Tests.OAuth;

/// <summary>Random inputs for parsers, each made from one seed so that a failure can be repeated.</summary>
internal static class Mutations
{
    private static readonly string[] Pieces =
    [
        "oauth_consumer_key", "oauth_token", "oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce",
        "oauth_version", "oauth_callback", "oauth_", "realm", "HMAC-SHA1", "PLAINTEXT", "1.0", "1234567890", "OAuth ", "oauth", "omb_x",
        "=", "&", "%", "%2", "%zz", "%C3%BC", "%FF", "%00", "+", "\"", "\\", ",", " ", "\t", "\r\n ", "\0", "ü", "\ud83d\ude42", "?", "#", "/",
        "http://a.example/", "oob", "-", "9", "99999999999999999999",
    ];

    /// <summary>Pieces of real requests in any order.</summary>
    public static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    /// <summary>A text with some characters changed, cut, doubled or moved.</summary>
    public static string Mutate(string text, Random random)
    {
        for (var times = random.Next(4); times >= 0 && text.Length > 0; times--)
        {
            var at = random.Next(text.Length);
            text = random.Next(5) switch
            {
                0 => text[..at] + Pieces[random.Next(Pieces.Length)] + text[at..],
                1 => text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at)),
                2 => text[..at] + (char)random.Next(1, 0x250) + text[(at + 1)..],
                3 => text + text[at..],
                _ => text[at..] + text[..at],
            };
        }

        return text;
    }
}
