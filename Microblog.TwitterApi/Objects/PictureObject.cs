using System.Globalization;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Objects;

/// <summary>Writes the pictures of notices and letters, as StatusNet named them and as Twitter did.</summary>
/// <remarks>Who may not see the notice is not shown the picture at its address either.</remarks>
internal sealed class PictureObject(NodeAddresses addresses)
{
    /// <summary>Writes StatusNet's list; nothing where there are none.</summary>
    public void WriteAttachments(ApiWriter writer, Notice notice)
    {
        if (notice.Attachments.Count == 0)
            return;
        writer.StartList("attachments");
        foreach (var attachment in notice.Attachments)
        {
            if (writer is XmlApiWriter xml)
            {
                writer.StartObject("enclosure");
                xml.WriteAttribute("url", addresses.AttachmentUrl(attachment.Id));
                xml.WriteAttribute("mimetype", attachment.MediaType);
                xml.WriteAttribute("size", attachment.Size.ToString(CultureInfo.InvariantCulture));
            }
            else
            {
                writer.StartObject("enclosure");
                writer.Write("url", addresses.AttachmentUrl(attachment.Id));
                writer.Write("mimetype", attachment.MediaType);
                writer.Write("size", attachment.Size);
            }

            writer.EndObject();
        }

        writer.EndList();
    }

    /// <summary>Writes Twitter's list; nothing where there are none.</summary>
    public void WriteMedia(ApiWriter writer, Notice notice)
    {
        if (notice.Attachments.Count == 0)
            return;
        writer.StartList("media");
        foreach (var picture in notice.Attachments)
            WriteMedia(writer, picture);
        writer.EndList();
    }

    /// <summary>Writes one picture as Twitter named it.</summary>
    public void WriteMedia(ApiWriter writer, Attachment picture)
    {
        var address = addresses.AttachmentUrl(picture.Id);
        writer.StartObject("media");
        writer.WriteId("id", picture.Id.Value);
        writer.Write("type", "photo");
        writer.Write("media_url", address);
        writer.Write("media_url_https", address);
        writer.Write("url", address);
        writer.Write("expanded_url", address);
        writer.Write("display_url", address);
        writer.Write("ext_alt_text", picture.Description.Length > 0 ? picture.Description : null);
        // Pictures stand at no place of the text.
        writer.StartList("indices");
        writer.Write("index", 0);
        writer.Write("index", 0);
        writer.EndList();
        writer.EndObject();
    }
}
