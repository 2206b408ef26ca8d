using Microblog.Storage;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Letters, which are direct notices (§8.6).</summary>
internal sealed class MessageEndpoints(MicroblogNode node, MessageObject messages, MessageWriting writing, FeedPages feeds) : IApiEndpoints
{
    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("direct_messages", ApiFormats.Timeline, ApiAccess.Person, (call, ct) => ListAsync(call, isSent: false, ct)),
        new("direct_messages/sent", ApiFormats.Timeline, ApiAccess.Person, (call, ct) => ListAsync(call, isSent: true, ct)),
        new("direct_messages/new", ApiFormats.Object, ApiAccess.Write, SendAsync) { TakesFile = true },
        new("direct_messages/show", ApiFormats.Object, ApiAccess.Person, ShowAsync) { TakesId = true },
        new("direct_messages/destroy", ApiFormats.Object, ApiAccess.Write, DestroyAsync) { TakesId = true, AlsoByDelete = true },
    ];

    private async ValueTask<ApiResult> ListAsync(ApiCall call, bool isSent, CancellationToken cancellationToken) => await node.ReadAsync(
        Freshness.MayLag,
        async (session, ct) =>
        {
            var entries = await StatusPages.ReadAsync(
                call,
                (page, token) => session.Timelines.DirectAsync(call.Reader, page, token),
                entry => (entry.Notice.Author == call.Reader) == isSent,
                isByNumber: true,
                ct).ConfigureAwait(false);
            if (FeedPages.IsWanted(call))
            {
                var names = (isSent ? "Letters that you wrote" : "Letters to you", "/direct", $"{(isSent ? "Sent" : "Received")}Messages:{call.Reader}");
                return await feeds.AnswerAsync(session, call, names, entries, ct).ConfigureAwait(false);
            }

            var found = new List<Message>(entries.Count);
            foreach (var entry in entries)
                found.Add(await OpenAsync(session, call, entry, ct).ConfigureAwait(false));
            var beside = await BesideAsync(session, call, found, ct).ConfigureAwait(false);
            return call.Answer(
                writer =>
                {
                    writer.StartList("direct-messages");
                    foreach (var message in found)
                        messages.Write(writer, message, beside);
                    writer.EndList();
                },
                StatusPages.NewestOf(entries));
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> SendAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var parameters = call.Parameters;
        var to = parameters.Has("user") ? parameters["user"] : parameters.Has("user_id") ? parameters["user_id"] : parameters["screen_name"];
        var (notice, refusal) = await writing.SendAsync(call, to, parameters["text"], parameters[PictureUploads.Parameter], cancellationToken).ConfigureAwait(false);
        return refusal is not null ? refusal : await AnswerAsync(call, notice!.Id, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<ApiResult> ShowAsync(ApiCall call, CancellationToken cancellationToken) => AnswerAsync(call, new NoticeId(call.StatusNumber), cancellationToken);

    private async ValueTask<ApiResult> DestroyAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var id = new NoticeId(call.StatusNumber);
        var result = await AnswerAsync(call, id, cancellationToken).ConfigureAwait(false);
        if (result.Refusal is not null)
            return result;
        return await node.DeleteAsync(call.Reader, id, cancellationToken).ConfigureAwait(false)
            ? result
            : ApiRefusal.Forbidden("Only who wrote a message can delete it.");
    }

    private async ValueTask<ApiResult> AnswerAsync(ApiCall call, NoticeId id, CancellationToken cancellationToken) => await node.ReadAsync(
        async (session, ct) =>
        {
            if (id.IsNone || await session.Notices.FindAsync(id, call.Reader, ct).ConfigureAwait(false) is not { Notice.Visibility: Visibility.Direct } entry)
                return ApiRefusal.NotFound("There is no such message.");
            var message = await OpenAsync(session, call, entry, ct).ConfigureAwait(false);
            var beside = await BesideAsync(session, call, [message], ct).ConfigureAwait(false);
            return call.Answer(writer => messages.Write(writer, message, beside), entry.Notice.ChangedAt);
        },
        cancellationToken).ConfigureAwait(false);

    // Of several to whom it went, a reader is shown as the one; the writer is shown the first who is still there.
    private static async ValueTask<Message> OpenAsync(IReadSession session, ApiCall call, TimelineEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Notice.Author != call.Reader)
            return new Message(entry, call.Person);
        foreach (var id in entry.Notice.Audience)
        {
            if (await session.Profiles.FindAsync(id, cancellationToken).ConfigureAwait(false) is { IsDeleted: false } person)
                return new Message(entry, person);
        }

        return new Message(entry, call.Person);
    }

    private static ValueTask<Surroundings> BesideAsync(IReadSession session, ApiCall call, List<Message> shown, CancellationToken cancellationToken) =>
        Surroundings.ReadAsync(session, call.Reader, [], shown.SelectMany(message => new[] { message.Sender, message.Recipient }), cancellationToken);
}
