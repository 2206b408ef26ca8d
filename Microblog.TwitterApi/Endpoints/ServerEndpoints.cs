using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>What the server is, and what its limits are.</summary>
internal sealed class ServerEndpoints : IApiEndpoints
{
    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("help/test", ApiFormats.Object, ApiAccess.Anyone, (call, _) => new(call.Answer(writer => writer.Write("ok", call.Format == ApiFormats.Xml ? "true" : "ok")))),
    ];
}
