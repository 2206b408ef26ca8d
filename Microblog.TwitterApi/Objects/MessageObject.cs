using Microblog.Storage;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Objects;

/// <summary>Writes direct notices, which the API calls messages.</summary>
internal sealed class MessageObject(UserObject users, PictureObject pictures)
{
    public void Write(ApiWriter writer, Message message, Surroundings beside)
    {
        var notice = message.Entry.Notice;
        writer.StartObject("direct_message");
        writer.WriteId("id", notice.Id.Value);
        writer.WriteId("sender_id", message.Sender.Id.Value);
        writer.Write("text", notice.Content);
        writer.WriteId("recipient_id", message.Recipient.Id.Value);
        writer.WriteTime("created_at", notice.AcceptedAt);
        writer.Write("sender_screen_name", message.Sender.Address);
        writer.Write("recipient_screen_name", message.Recipient.Address);
        pictures.WriteAttachments(writer, notice);
        if (notice.Attachments.Count > 0)
        {
            writer.StartObject("entities");
            pictures.WriteMedia(writer, notice);
            writer.EndObject();
        }

        users.Write(writer, "sender", message.Sender, beside);
        users.Write(writer, "recipient", message.Recipient, beside);
        writer.EndObject();
    }
}

/// <summary>A direct notice between two people; of one that went to several, the reader's own part.</summary>
/// <param name="Entry">The notice.</param>
/// <param name="Recipient">To whom it went.</param>
internal sealed record Message(TimelineEntry Entry, Profile Recipient)
{
    /// <summary>Who wrote it.</summary>
    public Profile Sender => Entry.Author;
}
