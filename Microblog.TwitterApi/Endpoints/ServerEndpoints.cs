using Microblog.TwitterApi.Wire;
using Microsoft.Extensions.Options;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>What the server is, and what its limits are (§8.11).</summary>
internal sealed class ServerEndpoints(NodeAddresses addresses, IOptions<MicroblogOptions> options) : IApiEndpoints
{
    private static readonly string Version = "Microblog " + typeof(ServerEndpoints).Assembly.GetName().Version!.ToString(3);

    // Older clients know the name that StatusNet had before.
    private static readonly string[] Names = ["statusnet", "laconica"];

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("help/test", ApiFormats.Object, ApiAccess.Anyone, (call, _) => new(call.Answer(writer => writer.Write("ok", call.Format == ApiFormats.Xml ? "true" : "ok")))),
        .. Names.SelectMany(name => new ApiEndpoint[]
        {
            new(name + "/version", ApiFormats.Object, ApiAccess.Anyone, (call, _) => new(call.Answer(writer => writer.Write("version", Version)))),
            new(name + "/config", ApiFormats.Object, ApiAccess.Anyone, (call, _) => new(call.Answer(Write))),
        }),
    ];

    private void Write(ApiWriter writer)
    {
        var settings = options.Value;
        var isSecure = addresses.BaseUri.Scheme == Uri.UriSchemeHttps;
        writer.StartObject("config");
        writer.StartObject("site");
        writer.Write("name", settings.SiteName.Length > 0 ? settings.SiteName : addresses.Host);
        writer.Write("server", addresses.Host);
        writer.Write("theme", "default");
        writer.Write("path", addresses.PathBase.TrimStart('/'));
        writer.Write("logo", "");
        writer.Write("fancy", true);
        writer.Write("language", "en");
        writer.Write("email", "");
        writer.Write("broughtby", "");
        writer.Write("broughtbyurl", "");
        writer.Write("timezone", "UTC");
        writer.Write("closed", false);
        writer.Write("inviteonly", settings.JoinOnlyByInvitation);
        writer.Write("private", false);
        writer.Write("textlimit", settings.MaxNoticeLength);
        writer.Write("ssl", isSecure ? "always" : "never");
        writer.Write("sslserver", isSecure ? addresses.Host : "");
        writer.Write("shorturllength", 0);
        writer.EndObject();
        writer.StartObject("license");
        writer.Write("type", "cc");
        writer.Write("owner", "");
        writer.Write("url", settings.License?.Url);
        writer.Write("title", "");
        writer.Write("image", "");
        writer.EndObject();
        writer.StartObject("nickname");
        WriteEmptyList(writer, "featured");
        writer.EndObject();
        WriteOne(writer, "profile", "biolimit", 139);
        WriteOne(writer, "group", "desclimit", 500);
        WriteOne(writer, "notice", "contentlimit", settings.MaxNoticeLength);
        writer.StartObject("throttle");
        writer.Write("enabled", false);
        writer.Write("count", 0);
        writer.Write("timespan", 0);
        writer.EndObject();
        writer.StartObject("xmpp");
        writer.Write("enabled", false);
        writer.Write("server", "");
        writer.Write("port", 0);
        writer.Write("user", "");
        writer.EndObject();
        writer.StartObject("integration");
        writer.Write("source", "Microblog");
        writer.EndObject();
        writer.StartObject("attachments");
        writer.Write("uploads", settings.MaxAttachments > 0);
        writer.Write("file_quota", settings.MaxAttachmentBytes);
        writer.EndObject();
        writer.EndObject();
    }

    private static void WriteOne(ApiWriter writer, string section, string name, long value)
    {
        writer.StartObject(section);
        writer.Write(name, value);
        writer.EndObject();
    }

    // Lists are joined by commas in XML here, so an empty one is an empty text.
    private static void WriteEmptyList(ApiWriter writer, string name)
    {
        if (writer is XmlApiWriter)
        {
            writer.Write(name, "");
            return;
        }

        writer.StartList(name);
        writer.EndList();
    }
}
