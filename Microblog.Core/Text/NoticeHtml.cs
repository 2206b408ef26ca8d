using System.Net;
using System.Text;

namespace Microblog.Text;

/// <summary>Renders a notice's plain text as HTML, for clients and readers that show HTML. Made anew each time and never stored (decision 0011).</summary>
public static class NoticeHtml
{
    /// <summary>What links to other sites say of themselves: whoever wrote them vouches for nothing (OMB-63).</summary>
    public const string ForeignRelation = "nofollow noopener ugc";

    /// <summary>The text with its links, in the elements <c>a</c> and <c>br</c> alone, which is well-formed XML too. Safe whatever the text is.</summary>
    /// <param name="notice">Whose text. Warnings and attachments are not in it.</param>
    /// <param name="addresses">Where tags, groups and local people have their pages; all links are absolute.</param>
    public static string Render(Notice notice, NodeAddresses addresses)
    {
        ArgumentNullException.ThrowIfNull(notice);
        ArgumentNullException.ThrowIfNull(addresses);
        var html = new StringBuilder();
        foreach (var part in NoticeText.Split(notice.Content))
        {
            if (part.Kind == TextPartKind.Link)
                html.Append("<a href=\"").Append(Encode(part.Value)).Append("\" rel=\"" + ForeignRelation + "\">").Append(Encode(part.Text)).Append("</a>");
            else if (PathOf(part, notice, addresses) is { } path)
                html.Append("<a href=\"").Append(Encode(addresses.At(path))).Append("\">").Append(Encode(part.Text)).Append("</a>");
            else
                html.Append(Encode(part.Text.ReplaceLineEndings("\n")).Replace("\n", "<br />", StringComparison.Ordinal));
        }

        return html.ToString();
    }

    /// <summary>What shows a notice to those who open it, behind its warning if it has one.</summary>
    /// <param name="notice">Whose warning.</param>
    /// <param name="html">What shows the rest of it.</param>
    public static string BehindWarning(Notice notice, string html)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return notice.Warning.Length == 0 ? html : $"<details><summary>{WebUtility.HtmlEncode(notice.Warning)}</summary>{html}</details>";
    }

    /// <summary>The page of this node that a mention, tag or group leads to, beginning with a slash; <see langword="null"/> where it leads to none.</summary>
    /// <param name="part">Of the notice's text.</param>
    /// <param name="notice">Knows the groups, and whether <c>@nick</c> means somebody here.</param>
    /// <param name="addresses">The node's.</param>
    public static string? PathOf(TextPart part, Notice notice, NodeAddresses addresses)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(notice);
        ArgumentNullException.ThrowIfNull(addresses);
        return part.Kind switch
        {
            TextPartKind.Tag => "/tag/" + Uri.EscapeDataString(part.Value),
            TextPartKind.Group when notice.Groups.FirstOrDefault(group => group.Name == part.Value) is { } group => $"/groups/{group.Id}",
            TextPartKind.Mention when LocalNickname(part.Value, notice, addresses) is { } nickname => "/" + nickname,
            _ => null,
        };
    }

    // "@nick" in a remote notice means somebody at the author's host, never a namesake here (OMB-66).
    private static string? LocalNickname(string mention, Notice notice, NodeAddresses addresses)
    {
        var at = mention.IndexOf('@', StringComparison.Ordinal);
        if (at < 0 ? notice.IsRemote : mention[(at + 1)..] != addresses.Host)
            return null;
        return Nickname.TryParse(at < 0 ? mention : mention[..at], out var nickname, out _) ? nickname : null;
    }

    // Only what HTML would take for something else: the rest stays readable, and short.
    private static string Encode(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal);
}
