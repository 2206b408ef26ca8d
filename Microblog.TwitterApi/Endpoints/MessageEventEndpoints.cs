using System.Globalization;
using System.Text;
using Microblog.Http;
using Microblog.Storage;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Letters as the last of Twitter's libraries ask for them: sent and received ones in one list of events, and posted as JSON.</summary>
internal sealed class MessageEventEndpoints(MicroblogNode node, MessageWriting writing, PictureObject pictures) : IApiEndpoints
{
    private const int MaxDepth = 16;

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("direct_messages/events/list", ApiFormats.Json, ApiAccess.Person, ListAsync),
        new("direct_messages/events/show", ApiFormats.Json, ApiAccess.Person, (call, ct) => ShowAsync(call, call.Parameters.Number("id"), ct)),
        new("direct_messages/events/new", ApiFormats.Json, ApiAccess.Write, SendAsync),
        new("direct_messages/events/destroy", ApiFormats.Json, ApiAccess.Write, DestroyAsync) { AlsoByDelete = true },
    ];

    private async ValueTask<ApiResult> ListAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            var count = call.Parameters.Count(20, 50);
            var before = call.Parameters.Number("cursor");
            var request = before > 0 ? PageRequest.OlderThan(new TimelinePosition(before), count) : PageRequest.Newest(count);
            var page = await session.Timelines.DirectAsync(call.Reader, request, ct).ConfigureAwait(false);
            return call.Answer(writer =>
            {
                writer.StartObject("hash");
                writer.StartList("events");
                foreach (var entry in page)
                    Write(writer, call.Reader, entry);
                writer.EndList();
                if (page.Count == count)
                    writer.Write("next_cursor", page[^1].Position.ToString());
                writer.EndObject();
            });
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> ShowAsync(ApiCall call, long number, CancellationToken cancellationToken) => await node.ReadAsync(
        async (session, ct) => number > 0
            && await session.Notices.FindAsync(new NoticeId(number), call.Reader, ct).ConfigureAwait(false) is { Notice.Visibility: Visibility.Direct } entry
            ? call.Answer(writer =>
            {
                writer.StartObject("hash");
                Write(writer, call.Reader, entry);
                writer.EndObject();
            })
            : ApiRefusal.NotFound("There is no such message."),
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> SendAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var message = (Read(call.Request.Body)?["event"] as JObject)?["message_create"] as JObject;
        var data = message?["message_data"] as JObject;
        var (to, text) = (TextOf(message?["target"] as JObject, "recipient_id"), TextOf(data, "text"));
        if (to.Length == 0)
            return ApiRefusal.Bad("The body is no event of a message.");
        var picture = TextOf((data?["attachment"] as JObject)?["media"] as JObject, "id");
        if (data?["attachment"] is not (null or JValue { Type: JTokenType.Null }) && picture.Length == 0)
            return ApiRefusal.Bad("Nothing but pictures can be attached, each by the number that its upload got.");
        var (notice, refusal) = await writing.SendAsync(call, to, text, picture, cancellationToken).ConfigureAwait(false);
        return refusal is not null ? refusal : await ShowAsync(call, notice!.Id.Value, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ApiResult> DestroyAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var id = new NoticeId(call.Parameters.Number("id"));
        var found = await ShowAsync(call, id.Value, cancellationToken).ConfigureAwait(false);
        if (found.Refusal is not null)
            return found;
        return await node.DeleteAsync(call.Reader, id, cancellationToken).ConfigureAwait(false)
            ? ApiResult.Of(new NodeResponse(204, NodeBody.None))
            : ApiRefusal.Forbidden("Only who wrote a message can delete it.");
    }

    private void Write(ApiWriter writer, ProfileId reader, TimelineEntry entry)
    {
        var notice = entry.Notice;
        var recipient = notice.Author == reader && notice.Audience.Count > 0 ? notice.Audience[0] : reader;
        writer.StartObject("event");
        writer.Write("type", "message_create");
        writer.Write("id", notice.Id.ToString());
        writer.Write("created_timestamp", notice.AcceptedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        writer.StartObject("message_create");
        writer.StartObject("target");
        writer.Write("recipient_id", recipient.ToString());
        writer.EndObject();
        writer.Write("sender_id", notice.Author.ToString());
        writer.StartObject("message_data");
        writer.Write("text", notice.Content);
        // There is room for one.
        if (notice.Attachments is [var first, ..])
        {
            writer.StartObject("attachment");
            writer.Write("type", "media");
            pictures.WriteMedia(writer, first);
            writer.EndObject();
        }

        writer.EndObject();
        writer.EndObject();
        writer.EndObject();
    }

    private static JObject? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(body.Span))) { MaxDepth = MaxDepth, DateParseHandling = DateParseHandling.None };
            return JToken.ReadFrom(reader) as JObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string TextOf(JObject? value, string name) =>
        value?[name] is JValue { Type: JTokenType.String or JTokenType.Integer } found ? Convert.ToString(found.Value, CultureInfo.InvariantCulture) ?? "" : "";
}
