using System.Security.Cryptography;
using Microblog.Http;

namespace Microblog.AspNetCore.Pages;

/// <summary>Serves the one stylesheet of the default pages.</summary>
internal sealed class StylesheetRoutes : INodeRoutes
{
    private static readonly byte[] Content = Load();

    private static readonly NodeResponse Sheet = NodeResponse.Bytes(200, "text/css; charset=utf-8", Content)
        .With("Cache-Control", "public, max-age=31536000, immutable");

    /// <summary>The path below the node's base. It changes with the content, so browsers may keep it for ever.</summary>
    public static string Path { get; } = $"/css/microblog.css?v={Convert.ToHexStringLower(SHA256.HashData(Content).AsSpan(0, 6))}";

    public IEnumerable<NodeRoute> Routes =>
        [new NodeRoute { Method = "GET", Template = "/css/microblog.css", Handler = static (_, _) => new(Sheet) }];

    private static byte[] Load()
    {
        using var stream = typeof(StylesheetRoutes).Assembly.GetManifestResourceStream("microblog.css")!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
