using System.Net;
using Microblog.Storage;
using Microblog.Text;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Objects;

/// <summary>Writes notices.</summary>
internal sealed class StatusObject(NodeAddresses addresses, UserObject users, PictureObject pictures)
{
    /// <summary>Writes a notice with its author.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="entry">The notice.</param>
    /// <param name="beside">What is shown beside.</param>
    /// <param name="id">The number by which it goes in this list (decision 0006); 0 for its own.</param>
    public void Write(ApiWriter writer, TimelineEntry entry, Surroundings beside, long id = 0) =>
        Write(writer, "status", entry, beside, id, withUser: true);

    /// <summary>Writes a notice within its author.</summary>
    public void WriteWithoutUser(ApiWriter writer, TimelineEntry entry, Surroundings beside) =>
        Write(writer, "status", entry, beside, 0, withUser: false);

    /// <summary>Where a notice came from, as clients show it: a link, or one word.</summary>
    public static string SourceOf(Notice notice) => notice.Source switch
    {
        null => notice.IsRemote ? "omb" : "web",
        { Url: "" } source => WebUtility.HtmlEncode(source.Name),
        var source => $"<a href=\"{WebUtility.HtmlEncode(source.Url)}\" rel=\"nofollow\">{WebUtility.HtmlEncode(source.Name)}</a>",
    };

    private void Write(ApiWriter writer, string name, TimelineEntry entry, Surroundings beside, long id, bool withUser)
    {
        var notice = entry.Notice;
        var reaction = beside.Reactions.GetValueOrDefault(notice.Id);
        writer.StartObject(name);
        writer.Write("text", notice.Content);
        writer.Write("truncated", false);
        writer.WriteTime("created_at", notice.AcceptedAt);
        writer.WriteId("id", id == 0 ? notice.Id.Value : id);
        // Of what the reader may not see not even the number is told.
        var answered = beside.Answered.GetValueOrDefault(notice.ReplyTo);
        writer.WriteId("in_reply_to_status_id", answered is null ? 0 : notice.ReplyTo.Value);
        writer.WriteId("in_reply_to_user_id", answered?.Id.Value ?? 0);
        writer.Write("in_reply_to_screen_name", answered?.Address);
        writer.Write("source", SourceOf(notice));
        writer.Write("geo", null);
        writer.Write("favorited", reaction is { IsFavourite: true });
        writer.Write("repeated", reaction is { Repeat.IsNone: false });
        writer.Write("retweeted", reaction is { Repeat.IsNone: false });
        writer.Write("fave_num", notice.Counts.Favourites);
        writer.Write("favorite_count", notice.Counts.Favourites);
        writer.Write("repeat_num", notice.Counts.Repeats);
        writer.Write("retweet_count", notice.Counts.Repeats);
        writer.Write("is_local", !notice.IsRemote);
        writer.Write("possibly_sensitive", notice.IsSensitive);
        writer.Write("lang", notice.Language.Length > 0 ? notice.Language : null);
        writer.Write("uri", notice.Uri.Value);
        writer.WriteOptional("external_url", notice.Url);
        writer.WriteNumber("statusnet_conversation_id", notice.Conversation.Value);
        pictures.WriteAttachments(writer, notice);
        if (withUser)
            users.Write(writer, "user", entry.Author, beside);
        if (entry.Repeated is { } original)
            Write(writer, "retweeted_status", original, beside, 0, withUser: true);
        WriteEntities(writer, notice, beside);
        writer.Write("statusnet_html", NoticeHtml.Render(notice, addresses));
        writer.EndObject();
    }

    // Places are counted in code points, as Twitter counts them.
    private void WriteEntities(ApiWriter writer, Notice notice, Surroundings beside)
    {
        var parts = Place(NoticeText.Split(notice.Content)).ToList();
        writer.StartObject("entities");
        writer.StartList("urls");
        foreach (var (part, start, end) in parts.Where(p => p.Part.Kind == TextPartKind.Link))
        {
            writer.StartObject("url");
            writer.Write("url", part.Value);
            writer.Write("expanded_url", part.Value);
            writer.Write("display_url", part.Text);
            WriteIndices(writer, start, end);
            writer.EndObject();
        }

        writer.EndList();
        writer.StartList("hashtags");
        foreach (var (part, start, end) in parts.Where(p => p.Part.Kind == TextPartKind.Tag))
        {
            writer.StartObject("hashtag");
            writer.Write("text", part.Text[1..]);
            WriteIndices(writer, start, end);
            writer.EndObject();
        }

        writer.EndList();
        writer.StartList("user_mentions");
        foreach (var (part, start, end) in parts.Where(p => p.Part.Kind == TextPartKind.Mention))
        {
            var person = notice.IsRemote ? null : beside.Mentioned.GetValueOrDefault(part.Value);
            writer.StartObject("user_mention");
            writer.Write("screen_name", person?.Address ?? part.Value);
            writer.Write("name", person is { FullName.Length: > 0 } ? person.FullName : part.Value);
            writer.WriteId("id", person?.Id.Value ?? 0);
            WriteIndices(writer, start, end);
            writer.EndObject();
        }

        writer.EndList();
        pictures.WriteMedia(writer, notice);
        writer.EndObject();
    }

    private static void WriteIndices(ApiWriter writer, int start, int end)
    {
        writer.StartList("indices");
        writer.Write("index", start);
        writer.Write("index", end);
        writer.EndList();
    }

    private static IEnumerable<(TextPart Part, int Start, int End)> Place(IEnumerable<TextPart> parts)
    {
        var at = 0;
        foreach (var part in parts)
        {
            var start = at;
            at += part.Text.Length - part.Text.Count(char.IsLowSurrogate);
            yield return (part, start, at);
        }
    }
}
