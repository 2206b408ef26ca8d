using System.Globalization;

namespace Microblog.Storage.Postgres;

/// <summary>A notice in columns. Short lists lie beside it as text, so that reading one costs no further look-up.</summary>
internal static class PostgresNoticeRow
{
    public const string Columns =
        "n.id, n.uri, n.author, n.content, n.url, n.license, n.visibility, n.is_local_only, n.is_remote, n.scope, n.reply_to, "
        + "n.reply_to_uri, n.conversation, n.see_also_url, n.see_also_inline, n.see_also_type, n.see_also_license, n.mentions, n.tags, "
        + "n.audience, n.extensions";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int Count = 21;

    /// <summary>Binds the <see cref="Columns"/>, $1 to $21.</summary>
    public static PostgresCommand Bind(PostgresCommand command, Notice notice) => command
        .Bind(notice.Id.Value)
        .Bind(notice.Uri.Value)
        .Bind(notice.Author.Value)
        .Bind(notice.Content)
        .Bind(notice.Url)
        .Bind(notice.License)
        .Bind((int)notice.Visibility)
        .Bind(notice.IsLocalOnly)
        .Bind(notice.IsRemote)
        .Bind(notice.Scope.Value)
        .Bind(notice.ReplyTo.Value)
        .Bind(notice.ReplyToUri)
        .Bind(notice.Conversation.IsNone ? notice.Id.Value : notice.Conversation.Value)
        .Bind(notice.SeeAlso?.Url)
        .Bind(notice.SeeAlso?.IsInline)
        .Bind(notice.SeeAlso?.MediaType)
        .Bind(notice.SeeAlso?.License)
        .Bind(Join(notice.Mentions))
        .Bind(notice.Tags.Count == 0 ? "" : string.Join(' ', notice.Tags))
        .Bind(Join(notice.Audience))
        .Bind(notice.Extensions);

    public static Notice Read(PostgresRow row) => new()
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
    };

    private static string Join(IReadOnlyList<ProfileId> people) => people.Count == 0 ? "" : string.Join(' ', people);

    private static ProfileId[] People(string text) => text.Length == 0
        ? []
        : Array.ConvertAll(text.Split(' '), number => new ProfileId(long.Parse(number, CultureInfo.InvariantCulture)));
}
