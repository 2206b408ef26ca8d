using System.Net;
using Microblog.Storage;
using Microblog.Text;
using Microblog.TwitterApi.Access;
using Microblog.TwitterApi.Objects;
using Microblog.TwitterApi.Wire;
using Microsoft.Extensions.Options;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Takes what somebody writes: a notice, or a letter that says so in its first word (§8.2, §9).</summary>
internal sealed class StatusWriting(
    MicroblogNode node, StatusPages pages, MessageWriting messages, ApiCommands commands, PictureUploads uploads, IOptions<MicroblogOptions> options)
{
    private static readonly TimeSpan Twice = TimeSpan.FromSeconds(60);

    // Names of ways in, which nobody's program has.
    private static readonly string[] Reserved = ["", "web", "omb", "ostatus", "mail", "xmpp", "api"];

    /// <summary>The program that a notice is written with: the registered application, or what the request says.</summary>
    public static NoticeSource SourceOf(ApiCall call)
    {
        if (call.Caller is { ApplicationName.Length: > 0 } caller)
            return new NoticeSource(Short(caller.ApplicationName), caller.ApplicationUrl);
        var said = Short(OneLine.Of(call.Parameters["source"]));
        return new NoticeSource(Reserved.Contains(said, StringComparer.OrdinalIgnoreCase) ? "api" : said);
    }

    /// <summary>Publishes what is posted.</summary>
    public async ValueTask<ApiResult> UpdateAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var text = Decode(call.Parameters["status"]);
        if (string.IsNullOrWhiteSpace(text))
            return ApiRefusal.Bad("The parameter status is missing.");
        // Before everything else, and whatever is wrong with it: what begins like a letter is never published.
        if (MessageCommand.TryParse(text, out var command))
        {
            var sent = await messages.SendAsync(call, command.To, command.Text, call.Parameters[PictureUploads.Parameter], cancellationToken).ConfigureAwait(false);
            return sent.Refusal is { } refusal ? refusal : await LatestAsync(call, cancellationToken).ConfigureAwait(false);
        }

        // What has a picture is meant to be read.
        if (!PictureUploads.AreWanted(call) && await commands.RunAsync(call, text, cancellationToken).ConfigureAwait(false) is { } outcome)
            return outcome.Refusal is { } refusal ? refusal : await LatestAsync(call, cancellationToken).ConfigureAwait(false);
        if (NoticeText.Length(text) > options.Value.MaxNoticeLength)
            return new ApiRefusal(406, 186, $"The status has {NoticeText.Length(text)} characters; at most {options.Value.MaxNoticeLength} are allowed.");
        return await PublishAsync(call, text, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Answers with an own notice that was written just now.</summary>
    public async ValueTask<ApiResult> AnswerAsync(ApiCall call, Notice notice, CancellationToken cancellationToken) => await node.ReadAsync(
        async (session, ct) =>
        {
            // What was published is known; only what stands beside it has to be read.
            var entry = notice.RepeatOf.IsNone && notice.Author == call.Reader
                ? new TimelineEntry(notice, call.Person, TimelinePosition.FromNoticeId(notice.Id))
                : await session.Notices.FindAsync(notice.Id, call.Reader, ct).ConfigureAwait(false);
            return entry is null ? ApiRefusal.NoStatus() : await pages.AnswerAsync(session, call, entry, ct).ConfigureAwait(false);
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<ApiResult> PublishAsync(ApiCall call, string text, CancellationToken cancellationToken)
    {
        var answered = await FindAnsweredAsync(call, cancellationToken).ConfigureAwait(false);
        // Some clients say 0 for none, as the original allowed.
        if (answered is null && call.Parameters["in_reply_to_status_id"] is not ("" or "0"))
            return ApiRefusal.NotFound("The status that this one answers is not known.");
        var (attachments, problem) = await uploads.TakeAsync(call, call.Parameters[PictureUploads.Parameter], text, cancellationToken).ConfigureAwait(false);
        if (problem is not null)
            return problem;
        var published = await node.PublishAsync(
            call.Reader,
            new NoticeDraft
            {
                Content = text,
                ReplyTo = answered?.Id ?? default,
                // An answer is for no more people than what it answers.
                Visibility = answered?.Visibility ?? Visibility.Public,
                IsLocalOnly = answered?.IsLocalOnly ?? false,
                IsSensitive = call.Parameters.IsOn("possibly_sensitive"),
                Source = SourceOf(call),
                Once = call.Caller!.Once,
                NotAgainWithin = Twice,
                Attachments = attachments,
            },
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return published.IsDone(out var notice, out var objection)
            ? await AnswerAsync(call, notice, cancellationToken).ConfigureAwait(false)
            : Refuse(objection);
    }

    /// <summary>Why nothing was published.</summary>
    public static ApiRefusal Refuse(string objection) => objection switch
    {
        NoticeDraft.PublishedAlready => ApiRefusal.Unauthorized("This request came before: each needs a nonce of its own."),
        NoticeDraft.SaidAlready => new ApiRefusal(403, 187, objection),
        _ => ApiRefusal.Forbidden(objection),
    };

    // Whoever answers a repeat answers what it repeats.
    private async ValueTask<Notice?> FindAnsweredAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var number = call.Parameters.Number("in_reply_to_status_id");
        var found = number == 0 ? null : await node.ReadAsync(
            (session, ct) => StatusPages.FindAsync(session, call.Reader, number, ct), cancellationToken).ConfigureAwait(false);
        return (found?.Repeated ?? found)?.Notice;
    }

    private async ValueTask<ApiResult> LatestAsync(ApiCall call, CancellationToken cancellationToken) => await node.ReadAsync(
        async (session, ct) =>
            (await session.Timelines.ProfileAsync(call.Reader, call.Reader, PageRequest.Newest(20), ct).ConfigureAwait(false)).FirstOrDefault(StatusPages.IsNoLetter)
                is { } latest
                ? await pages.AnswerAsync(session, call, latest, ct).ConfigureAwait(false)
                : call.Answer(static writer =>
                {
                    writer.StartObject("status");
                    writer.EndObject();
                }),
        cancellationToken).ConfigureAwait(false);

    // Entities of HTML, which old clients send for signs; marks of quotation stay as they are (§8.2).
    private static string Decode(string text)
    {
        if (!text.Contains('&', StringComparison.Ordinal))
            return text;
        foreach (var quote in new[] { "&quot;", "&#34;", "&#39;", "&apos;" })
            text = text.Replace(quote, "&amp;" + quote[1..], StringComparison.OrdinalIgnoreCase);
        return WebUtility.HtmlDecode(text);
    }

    private static string Short(string name) => name.Length <= NoticeSource.MaxName ? name
        : name[..(char.IsHighSurrogate(name[NoticeSource.MaxName - 1]) ? NoticeSource.MaxName - 1 : NoticeSource.MaxName)].TrimEnd();
}
