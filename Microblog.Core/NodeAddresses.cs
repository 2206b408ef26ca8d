using Microsoft.Extensions.Options;

namespace Microblog;

/// <summary>The node's own addresses, and which addresses are the node's own.</summary>
/// <remarks>Identifier and notice URIs are stored when they are made; these methods make new ones.</remarks>
public sealed class NodeAddresses
{
    private readonly string root;
    private volatile (string Authority, string Path)[] own;

    /// <summary>Reads the options' base URI and former ones.</summary>
    public NodeAddresses(IOptions<MicroblogOptions> options)
    {
        var settings = options.Value;
        BaseUri = settings.BaseUri ?? throw new InvalidOperationException("MicroblogOptions.BaseUri is not set.");
        root = BaseUri.AbsoluteUri.TrimEnd('/');
        Origin = BaseUri.GetLeftPart(UriPartial.Authority);
        PathBase = BaseUri.AbsolutePath.TrimEnd('/');
        own = [.. settings.FormerBaseUris.Prepend(BaseUri).Select(Key)];
    }

    /// <summary>The node's base, as configured.</summary>
    public Uri BaseUri { get; }

    /// <summary>Scheme, host and port of the base, without a slash at the end.</summary>
    public string Origin { get; }

    /// <summary>The path of the base, without a slash at the end; empty at a site's root.</summary>
    public string PathBase { get; }

    /// <summary>Host and port of the base, as shown to people.</summary>
    public string Host => BaseUri.Authority;

    /// <summary>Root URL with a slash at the end: the key under which this node is a consumer elsewhere (OMB-113).</summary>
    public string Root => root + "/";

    /// <summary>A person's page.</summary>
    public string ProfileUrl(string nickname) => $"{root}/{nickname}";

    /// <summary>A new person's identifier. It names the number, so it outlives the nickname (OMB-9).</summary>
    public string ProfileUri(ProfileId id) => $"{root}/user/{id}";

    /// <summary>A new notice's identifier and address.</summary>
    public string NoticeUri(NoticeId id) => $"{root}/notice/{id}";

    /// <summary>A group's page.</summary>
    public string GroupUrl(string nickname) => $"{root}/group/{nickname}";

    /// <summary>Where a person's avatar is served to other services: exactly 96×96. The address changes with the picture.</summary>
    public string AvatarUrl(Profile person)
    {
        ArgumentNullException.ThrowIfNull(person);
        return $"{root}/user/{person.Id}/avatar/96{person.AvatarVersion}";
    }

    /// <summary>Where an attachment is served, to whoever may see its notice.</summary>
    public string AttachmentUrl(AttachmentId id) => $"{root}/attachment/{id}";

    /// <summary>The absolute address of a path below the base, beginning with a slash.</summary>
    public string At(string path) => root + path;

    /// <summary>Remembers a base under which this node was reached before.</summary>
    public void AddFormer(Uri former) => own = [.. own.Append(Key(former)).Distinct()];

    /// <summary>Whether an address or identifier lies under a present or former base of this node, whatever its scheme, case, default port or escapes (OMB-41).</summary>
    public bool IsOwn(string? text)
    {
        if (text is null || !Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            return false;
        var (authority, path) = Key(uri);
        return own.Any(o => o.Authority == authority
            && (o.Path.Length == 0 || path == o.Path || path.StartsWith(o.Path + "/", StringComparison.Ordinal)));
    }

    // Both default ports vanish whatever the scheme, for http and https addresses of one host are the same owner's.
    private static (string Authority, string Path) Key(Uri uri)
    {
        var port = uri.IsDefaultPort || uri.Port is 80 or 443 or -1 ? "" : $":{uri.Port}";
        var host = uri.IdnHost.ToLowerInvariant().TrimEnd('.');
        var path = Uri.UnescapeDataString(Uri.UnescapeDataString(uri.AbsolutePath));
        // Dot segments that were escaped are resolved now.
        if (Uri.TryCreate("http://host" + path, UriKind.Absolute, out var plain))
            path = Uri.UnescapeDataString(plain.AbsolutePath);
        return (host + port, path.ToLowerInvariant().TrimEnd('/'));
    }
}
