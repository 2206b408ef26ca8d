using System.Text.Json;
using Microblog.Storage;

namespace Microblog.Feeds;

/// <summary>JSON Feed 1.1.</summary>
internal static class JsonFeed
{
    public const string MediaType = "application/feed+json";

    public static byte[] Write(Feed feed, NodeAddresses addresses)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("version", "https://jsonfeed.org/version/1.1");
            json.WriteString("title", feed.Title);
            json.WriteString("home_page_url", feed.PageUrl);
            json.WriteString("feed_url", feed.SelfUrl);
            if (feed.OlderUrl is { } older)
                json.WriteString("next_url", older);
            if (feed.PictureUrl.Length > 0)
                json.WriteString("icon", feed.PictureUrl);
            if (feed.HubUrl is { } hub)
                WriteHub(json, hub);
            json.WriteStartArray("items");
            foreach (var entry in feed.Entries)
                WriteItem(json, entry, addresses);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteHub(Utf8JsonWriter json, string hub)
    {
        json.WriteStartArray("hubs");
        json.WriteStartObject();
        json.WriteString("type", "WebSub");
        json.WriteString("url", hub);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>One notice, as an item of a feed.</summary>
    public static void WriteItem(Utf8JsonWriter json, TimelineEntry entry, NodeAddresses addresses)
    {
        var (notice, author) = (entry.Notice, entry.Author);
        json.WriteStartObject();
        json.WriteString("id", notice.Uri.Value);
        if (notice.Url.Length > 0)
            json.WriteString("url", notice.Url);
        json.WriteString("content_html", FeedItem.HtmlOf(entry, addresses));
        json.WriteString("content_text", notice.Content);
        if (notice.Warning.Length > 0)
            json.WriteString("summary", notice.Warning);
        json.WriteString("date_published", FeedXml.Rfc3339(notice.AcceptedAt));
        if (notice.EditedAt is { } edited)
            json.WriteString("date_modified", FeedXml.Rfc3339(edited));
        if (notice.Language.Length > 0)
            json.WriteString("language", notice.Language);
        json.WriteStartArray("authors");
        json.WriteStartObject();
        json.WriteString("name", FeedItem.NameOf(author));
        json.WriteString("url", author.Url);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("tags");
        foreach (var tag in notice.Tags)
            json.WriteStringValue(tag);
        json.WriteEndArray();
        json.WriteStartArray("attachments");
        foreach (var picture in FeedItem.PicturesOf(notice))
        {
            json.WriteStartObject();
            json.WriteString("url", addresses.AttachmentUrl(picture.Id));
            json.WriteString("mime_type", picture.MediaType);
            json.WriteNumber("size_in_bytes", picture.Size);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
