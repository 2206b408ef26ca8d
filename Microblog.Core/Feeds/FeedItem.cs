using System.Net;
using System.Text;
using Microblog.Storage;
using Microblog.Text;

namespace Microblog.Feeds;

/// <summary>What all formats say of a notice in words.</summary>
internal static class FeedItem
{
    private const int MaxTitle = 100;

    /// <summary>The name people know somebody by.</summary>
    public static string NameOf(Profile author) => author.FullName.Length > 0 ? author.FullName : author.Nickname;

    /// <summary>The nickname and the beginning of the text, or what stands in front of it.</summary>
    public static string TitleOf(TimelineEntry entry)
    {
        var line = (entry.Notice.Warning.Length > 0 ? entry.Notice.Warning : entry.Notice.Content).ReplaceLineEndings(" ").Trim();
        return $"{entry.Author.Nickname}: "
            + (line.Length > MaxTitle ? string.Concat(line.AsSpan(0, char.IsHighSurrogate(line[MaxTitle - 1]) ? MaxTitle - 1 : MaxTitle), "…") : line);
    }

    /// <summary>The text as HTML, behind its warning if it has one, with the pictures that everybody is shown.</summary>
    public static string HtmlOf(TimelineEntry entry, NodeAddresses addresses)
    {
        var notice = entry.Notice;
        var html = new StringBuilder("<p>").Append(NoticeHtml.Render(notice, addresses)).Append("</p>");
        foreach (var picture in PicturesOf(notice))
        {
            html.Append("<p><img src=\"").Append(WebUtility.HtmlEncode(addresses.AttachmentUrl(picture.Id))).Append("\" alt=\"")
                .Append(WebUtility.HtmlEncode(picture.Description)).Append("\" /></p>");
        }

        return NoticeHtml.BehindWarning(notice, html.ToString());
    }

    /// <summary>The pictures that a reader may show without asking.</summary>
    public static IEnumerable<Attachment> PicturesOf(Notice notice) => notice.IsSensitive || notice.Warning.Length > 0 ? [] : notice.Attachments;
}
