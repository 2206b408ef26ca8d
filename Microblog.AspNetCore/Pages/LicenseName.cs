namespace Microblog.AspNetCore.Pages;

/// <summary>Names licences as people know them.</summary>
internal static class LicenseName
{
    /// <summary>A short name for the well-known ones, otherwise the address itself.</summary>
    public static string Of(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host is not ("creativecommons.org" or "www.creativecommons.org"))
            return url;
        return uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["licenses", "publicdomain", ..] => "Public domain",
            ["publicdomain", "zero", ..] => "CC0",
            ["publicdomain", ..] => "Public domain",
            ["licenses", var terms] => $"CC {terms.ToUpperInvariant()}",
            ["licenses", var terms, var version, ..] => $"CC {terms.ToUpperInvariant()} {version}",
            _ => url,
        };
    }
}
