using System.Globalization;

namespace Microblog.Storage.Postgres;

/// <summary>A notice in columns. Short lists lie beside it as text, so that reading one costs no further look-up.</summary>
internal static class PostgresNoticeRow
{
    public const string Columns =
        "n.id, n.uri, n.author, n.content, n.url, n.license, n.visibility, n.is_local_only, n.is_remote, n.scope, n.reply_to, "
        + "n.reply_to_uri, n.conversation, n.see_also_url, n.see_also_inline, n.see_also_type, n.see_also_license, n.mentions, n.tags, "
        + "n.audience, n.extensions, n.repeat_of, n.detail, n.replies, n.repeats, n.favourites, n.attachments";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int Count = 27;

    /// <summary>Inserts notices, with the next statement that somebody waits for.</summary>
    public static void InsertLater(PostgresSession session, IReadOnlyList<Notice> notices) => session.Sql(
        """
        INSERT INTO microblog.notice (id, uri, author, content, url, license, visibility, is_local_only, is_remote, scope, reply_to,
            reply_to_uri, conversation, see_also_url, see_also_inline, see_also_type, see_also_license, mentions, tags, audience, extensions,
            repeat_of, detail, attachments)
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::integer[],
            $8::boolean[], $9::boolean[], $10::bigint[], $11::bigint[], $12::text[], $13::bigint[], $14::text[],
            $15::boolean[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::bigint[],
            $23::text[], $24::text[])
        """)
        .Bind([.. notices.Select(static notice => notice.Id.Value)])
        .Bind([.. notices.Select(static notice => notice.Uri.Value)])
        .Bind([.. notices.Select(static notice => notice.Author.Value)])
        .Bind([.. notices.Select(static notice => notice.Content)])
        .Bind([.. notices.Select(static notice => notice.Url)])
        .Bind([.. notices.Select(static notice => notice.License)])
        .Bind([.. notices.Select(static notice => (int)notice.Visibility)])
        .Bind([.. notices.Select(static notice => notice.IsLocalOnly)])
        .Bind([.. notices.Select(static notice => notice.IsRemote)])
        .Bind([.. notices.Select(static notice => notice.Scope.Value)])
        .Bind([.. notices.Select(static notice => notice.ReplyTo.Value)])
        .Bind([.. notices.Select(static notice => notice.ReplyToUri)])
        .Bind([.. notices.Select(static notice => notice.Conversation.IsNone ? notice.Id.Value : notice.Conversation.Value)])
        .Bind([.. notices.Select(static notice => notice.SeeAlso?.Url)])
        .Bind([.. notices.Select(static notice => notice.SeeAlso?.IsInline)])
        .Bind([.. notices.Select(static notice => notice.SeeAlso?.MediaType)])
        .Bind([.. notices.Select(static notice => notice.SeeAlso?.License)])
        .Bind([.. notices.Select(static notice => Join(notice.Mentions))])
        .Bind([.. notices.Select(static notice => Join(notice.Tags))])
        .Bind([.. notices.Select(static notice => Join(notice.Audience))])
        .Bind([.. notices.Select(static notice => notice.Extensions)])
        .Bind([.. notices.Select(static notice => notice.RepeatOf.Value)])
        .Bind([.. notices.Select(static notice => NoticeDetail.Write(notice))])
        .Bind([.. notices.Select(static notice => AttachmentList.Write(notice.Attachments))])
        .Later();

    public static Notice Read(PostgresRow row) => NoticeDetail.Read(ReadPlain(row), row.Text(22));

    public static string Join(IReadOnlyList<string> tags) => tags.Count == 0 ? "" : string.Join(' ', tags);

    public static string Join(IReadOnlyList<ProfileId> people) => people.Count == 0 ? "" : string.Join(' ', people);

    private static Notice ReadPlain(PostgresRow row) => new()
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
