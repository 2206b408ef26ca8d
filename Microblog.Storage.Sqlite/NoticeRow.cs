using System.Globalization;

namespace Microblog.Storage.Sqlite;

/// <summary>A notice in columns. Short lists lie beside it as text, so that reading one costs no further look-up.</summary>
internal static class NoticeRow
{
    public const string Columns =
        "n.id, n.uri, n.author, n.content, n.url, n.license, n.visibility, n.is_local_only, n.is_remote, n.scope, n.reply_to, "
        + "n.reply_to_uri, n.conversation, n.see_also_url, n.see_also_inline, n.see_also_type, n.see_also_license, n.mentions, n.tags, "
        + "n.audience, n.extensions, n.repeat_of, n.detail, n.replies, n.repeats, n.favourites, n.attachments";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int Count = 27;

    /// <summary>Binds the columns that come with a notice, 1 to 24.</summary>
    public static SqliteStatement Bind(SqliteStatement statement, Notice notice)
    {
        statement
            .Bind(1, notice.Id.Value)
            .Bind(2, notice.Uri.Value)
            .Bind(3, notice.Author.Value)
            .Bind(4, notice.Content)
            .Bind(5, notice.Url)
            .Bind(6, notice.License)
            .Bind(7, (int)notice.Visibility)
            .Bind(8, notice.IsLocalOnly)
            .Bind(9, notice.IsRemote)
            .Bind(10, notice.Scope.Value)
            .Bind(11, notice.ReplyTo.Value)
            .Bind(12, notice.ReplyToUri)
            .Bind(13, notice.Conversation.IsNone ? notice.Id.Value : notice.Conversation.Value)
            .Bind(14, notice.SeeAlso?.Url)
            .Bind(15, notice.SeeAlso is { } seeAlso ? seeAlso.IsInline ? 1 : 0 : (long?)null)
            .Bind(16, notice.SeeAlso?.MediaType)
            .Bind(17, notice.SeeAlso?.License)
            .Bind(18, Join(notice.Mentions))
            .Bind(19, Join(notice.Tags))
            .Bind(20, Join(notice.Audience))
            .Bind(21, notice.Extensions)
            .Bind(22, notice.RepeatOf.Value)
            .Bind(23, NoticeDetail.Write(notice))
            .Bind(24, AttachmentList.Write(notice.Attachments));
        return statement;
    }

    public static Notice Read(SqliteStatement row) => NoticeDetail.Read(ReadPlain(row), row.Text(22));

    public static string Join(IReadOnlyList<string> tags) => tags.Count == 0 ? "" : string.Join(' ', tags);

    public static string Join(IReadOnlyList<ProfileId> people) => people.Count == 0 ? "" : string.Join(' ', people);

    private static Notice ReadPlain(SqliteStatement row) => new()
    {
        Id = new NoticeId(row.Int64(0)),
        Uri = NoticeUri.Parse(row.Text(1)),
        Author = new ProfileId(row.Int64(2)),
        Content = row.Text(3),
        Url = row.Text(4),
        License = row.Text(5),
        Visibility = (Visibility)row.Int32(6),
        IsLocalOnly = row.Bool(7),
        IsRemote = row.Bool(8),
        Scope = new SubscriptionId(row.Int64(9)),
        ReplyTo = new NoticeId(row.Int64(10)),
        ReplyToUri = row.Text(11),
        Conversation = new NoticeId(row.Int64(12)),
        SeeAlso = row.IsNull(13) ? null : new SeeAlso(row.Text(13), row.Bool(14), row.Text(15), row.Text(16)),
        Mentions = People(row.Text(17)),
        Tags = row.Text(18) is { Length: > 0 } tags ? tags.Split(' ') : [],
        Audience = People(row.Text(19)),
        Extensions = row.Text(20),
        RepeatOf = new NoticeId(row.Int64(21)),
        Counts = new NoticeCounts(row.Int32(23), row.Int32(24), row.Int32(25)),
        Attachments = AttachmentList.Read(row.Text(26)),
    };

    private static ProfileId[] People(string text) => text.Length == 0
        ? []
        : Array.ConvertAll(text.Split(' '), number => new ProfileId(long.Parse(number, CultureInfo.InvariantCulture)));
}
