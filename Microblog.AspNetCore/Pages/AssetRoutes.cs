using System.Security.Cryptography;
using Microblog.Http;

namespace Microblog.AspNetCore.Pages;

/// <summary>Serves the stylesheet and the scripts of the default pages.</summary>
internal sealed class AssetRoutes : INodeRoutes
{
    private const string StylesheetPath = "/css/microblog.css";
    private const string LiveScriptPath = "/js/live.js";
    private const string PictureScriptPath = "/js/picture.js";

    private static readonly byte[] StylesheetContent = Load("microblog.css");
    private static readonly byte[] LiveScriptContent = Load("live.js");
    private static readonly byte[] PictureScriptContent = Load("picture.js");

    /// <summary>The path below the node's base. It changes with the content, so browsers may keep it for ever.</summary>
    public static string Stylesheet { get; } = StylesheetPath + Version(StylesheetContent);

    /// <inheritdoc cref="Stylesheet"/>
    public static string LiveScript { get; } = LiveScriptPath + Version(LiveScriptContent);

    /// <inheritdoc cref="Stylesheet"/>
    public static string PictureScript { get; } = PictureScriptPath + Version(PictureScriptContent);

    public IEnumerable<NodeRoute> Routes =>
    [
        Route(StylesheetPath, "text/css; charset=utf-8", StylesheetContent),
        Route(LiveScriptPath, "text/javascript; charset=utf-8", LiveScriptContent),
        Route(PictureScriptPath, "text/javascript; charset=utf-8", PictureScriptContent),
    ];

    private static NodeRoute Route(string path, string mediaType, byte[] content)
    {
        var response = NodeResponse.Bytes(200, mediaType, content).With("Cache-Control", "public, max-age=31536000, immutable");
        return new NodeRoute { Method = "GET", Template = path, Handler = (_, _) => new(response) };
    }

    private static string Version(byte[] content) => "?v=" + Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 6));

    private static byte[] Load(string name)
    {
        using var stream = typeof(AssetRoutes).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
