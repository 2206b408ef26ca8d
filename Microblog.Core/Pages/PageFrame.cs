namespace Microblog.Pages;

/// <summary>What stands around every page: the site and who looks.</summary>
/// <param name="SiteName">The site's name.</param>
/// <param name="Base">The public path of the node, without a slash at the end; empty at a site's root.</param>
/// <param name="Viewer">Who is signed in, or <see langword="null"/>.</param>
public sealed record PageFrame(string SiteName, string Base, Viewer? Viewer)
{
    /// <summary>The public path of an address of the node.</summary>
    /// <param name="path">Begins with a slash.</param>
    public string At(string path) => Base + path;

    /// <summary>The public path of a person's picture; it changes with the picture.</summary>
    public string AvatarOf(Profile person)
    {
        ArgumentNullException.ThrowIfNull(person);
        return At($"/user/{person.Id}/avatar{person.AvatarVersion}");
    }
}
