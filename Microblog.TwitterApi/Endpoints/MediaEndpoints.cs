using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Pictures for notices that are to come (§8.10, §10).</summary>
internal sealed class MediaEndpoints(MicroblogNode node, NodeAddresses addresses) : IApiEndpoints
{
    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("statusnet/media/upload", ApiFormats.Xml, ApiAccess.Write, UploadOldAsync) { TakesFile = true, Bare = ApiFormats.Xml },
        new("media/upload", ApiFormats.Object, ApiAccess.Write, UploadAsync) { TakesFile = true },
    ];

    private async ValueTask<ApiResult> UploadAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var (attachment, problem) = await TakeAsync(call, cancellationToken).ConfigureAwait(false);
        return attachment is null
            ? new ApiRefusal(400, 324, problem)
            : call.Answer(writer =>
            {
                writer.StartObject("media");
                writer.Write("media_id", attachment.Id.Value);
                writer.Write("media_id_string", attachment.Id.ToString());
                writer.Write("size", attachment.Size);
                writer.StartObject("image");
                writer.Write("w", attachment.Width);
                writer.Write("h", attachment.Height);
                writer.Write("image_type", attachment.MediaType);
                writer.EndObject();
                writer.EndObject();
            });
    }

    // Says what is wrong in a form of its own, with 200: clients rely on it.
    private async ValueTask<ApiResult> UploadOldAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var (attachment, problem) = await TakeAsync(call, cancellationToken).ConfigureAwait(false);
        return call.Answer(writer =>
        {
            var xml = (XmlApiWriter)writer;
            xml.StartObject("rsp");
            xml.WriteAttribute("stat", attachment is null ? "fail" : "ok");
            if (attachment is null)
            {
                xml.StartObject("err");
                xml.WriteAttribute("msg", problem);
                xml.EndObject();
            }
            else
            {
                xml.Write("mediaid", attachment.Id.Value);
                xml.Write("mediaurl", addresses.AttachmentUrl(attachment.Id));
            }

            xml.EndObject();
        });
    }

    private async ValueTask<(Attachment? Attachment, string Problem)> TakeAsync(ApiCall call, CancellationToken cancellationToken)
    {
        if (call.File is not { } file)
            return (null, "The file media is missing.");
        var uploaded = await node.UploadAsync(call.Reader, file, "", cancellationToken).ConfigureAwait(false);
        return uploaded.IsDone(out var attachment, out var problem) ? (attachment, "") : (null, problem);
    }
}
