using Microblog.Storage;
using Microblog.Text;
using Microblog.TwitterApi.Wire;
using Microsoft.Extensions.Options;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Sends letters.</summary>
internal sealed class MessageWriting(MicroblogNode node, PeopleFinder people, PictureUploads uploads, IOptions<MicroblogOptions> options)
{
    /// <summary>Sends a letter to the person of a number or name.</summary>
    /// <param name="call">Brings a picture perhaps.</param>
    /// <param name="to">To whom.</param>
    /// <param name="text">What it says.</param>
    /// <param name="pictures">The numbers of pictures uploaded before, with commas between them.</param>
    /// <param name="cancellationToken">Cancels before anything is sent.</param>
    public async ValueTask<(Notice? Notice, ApiRefusal? Refusal)> SendAsync(
        ApiCall call, string to, string text, string pictures, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(text))
            return (null, new ApiRefusal(406, 354, "The message is empty."));
        if (NoticeText.Length(text) > options.Value.MaxNoticeLength)
            return (null, new ApiRefusal(406, 186, $"The message has more than {options.Value.MaxNoticeLength} characters."));
        var (recipient, isMutual) = await node.ReadAsync(
            async (session, ct) =>
            {
                if (await people.FindAsync(session, call.Reader, to, ct).ConfigureAwait(false) is not { IsLocal: true } person)
                    return default;
                var relations = await session.Subscriptions.RelateAsync(call.Reader, [person.Id], ct).ConfigureAwait(false);
                return (person, relations.GetValueOrDefault(person.Id) is { IsFollowing: true, IsFollowedBy: true });
            },
            cancellationToken).ConfigureAwait(false);
        if (recipient is null)
            return (null, ApiRefusal.Forbidden("There is nobody of this name here who could be written to."));
        if (recipient.Id == call.Reader)
            return (null, ApiRefusal.Forbidden("You cannot write to yourself."));
        if (!isMutual)
            return (null, ApiRefusal.Forbidden("You can write to people who follow you and whom you follow."));
        var (attachments, refusal) = await uploads.TakeAsync(call, pictures, text, cancellationToken).ConfigureAwait(false);
        if (refusal is not null)
            return (null, refusal);
        var sent = await node.PublishAsync(
            call.Reader,
            new NoticeDraft
            {
                Content = text,
                Visibility = Visibility.Direct,
                Audience = [recipient.Id],
                AddressesMentioned = false,
                Source = StatusWriting.SourceOf(call),
                Once = call.Caller!.Once,
                Attachments = attachments,
            },
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return sent.IsDone(out var notice, out var problem) ? (notice, null) : (null, StatusWriting.Refuse(problem));
    }
}
