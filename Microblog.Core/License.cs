namespace Microblog;

/// <summary>A licence of notices, named by its URL.</summary>
public sealed record License
{
    /// <summary>Creative Commons Attribution 4.0, the custom of the network: nearly every service accepts it.</summary>
    public static License CcBy40 { get; } = new("https://creativecommons.org/licenses/by/4.0/");

    /// <summary>Creative Commons Attribution-ShareAlike 4.0.</summary>
    public static License CcBySa40 { get; } = new("https://creativecommons.org/licenses/by-sa/4.0/");

    /// <summary>The public domain dedication that StatusNet knows.</summary>
    public static License PublicDomain { get; } = new("https://creativecommons.org/licenses/publicdomain/");

    /// <summary>Names a licence by its http(s) URL.</summary>
    /// <exception cref="ArgumentException">Not an http(s) URL of at most 255 characters.</exception>
    public License(string url)
    {
        if (!WebAddress.IsValid(url) || url.Length > 255)
            throw new ArgumentException("A licence is named by an http(s) URL of at most 255 characters.", nameof(url));
        Url = url;
    }

    /// <summary>The URL as it was written.</summary>
    public string Url { get; }

    /// <summary>Whether notices under this licence may be shown on a site under <paramref name="site"/>.</summary>
    /// <remarks>Attribution and public domain always; where share-alike is involved this licence's terms must be a subset of
    /// the site's; otherwise the URLs must be equal. Creative Commons URLs compare by their terms, whatever version, scheme,
    /// trailing slash and jurisdiction. openmicroblogging.md §10.</remarks>
    public bool IsCompatibleWith(License site)
    {
        if (Terms(Url) is not { } mine)
            return Url == site.Url;
        if (mine.Length == 0 || mine is ["by"])
            return true;
        if (Terms(site.Url) is not { } theirs)
            return false;
        return mine.Contains("sa", StringComparer.Ordinal) || theirs.Contains("sa", StringComparer.Ordinal)
            ? mine.All(theirs.Contains)
            : mine.Order(StringComparer.Ordinal).SequenceEqual(theirs.Order(StringComparer.Ordinal));
    }

    // The terms of a Creative Commons licence ("by", "sa", …), none for the public domain, null for anything else.
    private static string[]? Terms(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host is not ("creativecommons.org" or "www.creativecommons.org"))
            return null;
        return uri.AbsolutePath.ToLowerInvariant().Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["licenses", "publicdomain", ..] or ["publicdomain", ..] => [],
            ["licenses", var terms, ..] => terms.Split('-'),
            _ => null,
        };
    }
}
