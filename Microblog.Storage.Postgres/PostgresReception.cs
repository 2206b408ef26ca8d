using System.Security.Cryptography;

namespace Microblog.Storage.Postgres;

/// <summary>One call of <see cref="INoticeStore.ReceiveAsync"/>: asks at once what is known of all the notices, decides in their order, and
/// sends all the rest with the commit.</summary>
internal sealed class PostgresReception(PostgresSession session, IReadOnlyList<ReceivedNotice> received)
{
    private readonly PostgresNoticeRows rows = new();
    private readonly HashSet<(NoticeUri Uri, SubscriptionId Scope)> brought = [];
    private readonly List<Copy> copies = [];
    private readonly Dictionary<(ProfileId Listener, ProfileId Author), long> placed = [];

    public async ValueTask<IReadOnlyList<ReceiveResult>> ApplyAsync()
    {
        if (received.Count == 0)
            return [];
        // Until the transaction ends, nobody else brings or proves a notice of these URIs.
        session.LockLater(PostgresLock.NoticeUri, [.. received.Select(static item => item.Notice.Uri.Value)]);
        var known = await LookAsync().ConfigureAwait(false);
        var results = new ReceiveResult[received.Count];
        for (var i = 0; i < results.Length; i++)
            results[i] = Take(received[i].Notice with { IsRemote = true, Attachments = [] }, received[i].Listener, known[i]);
        rows.WriteLater(session);
        session.WakesReaders = true;
        foreach (var notice in received.Select(static item => item.Notice).Where((notice, i) => known[i].IsAwaited && results[i] == ReceiveResult.Stored))
            session.Sql("SELECT microblog.adopt($1, $2, $3)").Bind(notice.Uri.Value).Bind(notice.Id.Value).Bind(notice.Scope.Value).Later();
        return results;
    }

    private ReceiveResult Take(Notice notice, ProfileId listener, Known known)
    {
        if (known.IsDuplicate || !brought.Add((notice.Uri, notice.Scope)))
            return ReceiveResult.Duplicate;
        var copy = known.Copy ?? copies.Find(copy => copy.AuthorUri == known.AuthorUri && IsSame(copy.Notice, notice))?.Notice.Id.Value;
        // No entry stands below its notice's number.
        var number = Math.Max(notice.Id.Value, copy ?? 0);
        var position = Place(number, listener, notice.Author, known.Last);
        if (copy is null)
        {
            copies.Add(new Copy(notice, known.AuthorUri));
            rows.Add(notice, listener);
        }
        else
        {
            rows.AddShared(notice, listener, copy.Value);
        }

        // Whoever brought the copy named only their own listener.
        foreach (var person in notice.Mentions)
            rows.AddMention(person, number, copy ?? notice.Id.Value);
        rows.AddHome(listener, position, copy ?? notice.Id.Value, notice.Author);
        return copy is null ? ReceiveResult.Stored : ReceiveResult.Shared;
    }

    // What a remote author sends a listener stands in the order in which it came, also where two processes took it whose clocks differ a
    // little: never before what stands there of the author's last notice, but after it, at a place that chance keeps apart from the
    // numbers that others draw at this moment.
    private long Place(long number, ProfileId listener, ProfileId author, long? last)
    {
        if (placed.TryGetValue((listener, author), out var here))
            last = Math.Max(last ?? 0, here);
        return placed[(listener, author)] = last >= number ? last.Value + 1 + RandomNumberGenerator.GetInt32(1_000) : number;
    }

    // A row for each notice, in their order. What was deleted as proven stays deleted; an unproven copy speaks for its own subscription only.
    private async ValueTask<List<Known>> LookAsync()
    {
        Notice[] notices = [.. received.Select(static item => item.Notice)];
        return await session.Sql(
            """
            SELECT coalesce(k.is_duplicate, false), k.notice, a.uri, (SELECT h.position FROM microblog.home h WHERE h.owner = i.listener
                AND h.notice = (SELECT max(notice) FROM microblog.authorship WHERE author = i.author AND notice IS DISTINCT FROM k.notice)),
                EXISTS (SELECT 1 FROM microblog.notice w WHERE w.reply_to_uri = i.uri AND w.reply_to = 0 AND w.reply_to_uri <> '')
            FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[],
                $10::text[], $11::text[]) WITH ORDINALITY AS i (listener, author, scope, uri, content, url, license, see_also_url,
                see_also_inline, see_also_type, see_also_license, place)
            LEFT JOIN microblog.profile a ON a.id = i.author
            LEFT JOIN LATERAL (
                SELECT u.scope = i.scope OR n.is_deleted AS is_duplicate, u.notice
                FROM microblog.notice_uri u JOIN microblog.notice n ON n.id = u.notice JOIN microblog.profile p ON p.id = n.author
                WHERE u.uri = i.uri AND (u.scope = i.scope OR (NOT u.is_shared AND n.is_remote AND p.uri = a.uri
                    AND CASE WHEN n.is_deleted THEN n.scope = 0 ELSE n.content = i.content AND n.url = i.url AND n.license = i.license
                        AND n.see_also_url IS NOT DISTINCT FROM i.see_also_url AND (n.see_also_url IS NULL
                            OR (n.see_also_inline = i.see_also_inline AND n.see_also_type = i.see_also_type
                                AND n.see_also_license = i.see_also_license)) END))
                ORDER BY 1 DESC, u.scope LIMIT 1) k ON true
            ORDER BY i.place
            """)
            .Bind([.. received.Select(static item => item.Listener.Value)])
            .Bind([.. notices.Select(static notice => notice.Author.Value)])
            .Bind([.. notices.Select(static notice => notice.Scope.Value)])
            .Bind([.. notices.Select(static notice => notice.Uri.Value)])
            .Bind([.. notices.Select(static notice => notice.Content)])
            .Bind([.. notices.Select(static notice => notice.Url)])
            .Bind([.. notices.Select(static notice => notice.License)])
            .Bind([.. notices.Select(static notice => notice.SeeAlso?.Url)])
            .Bind([.. notices.Select(static notice => notice.SeeAlso?.IsInline)])
            .Bind([.. notices.Select(static notice => notice.SeeAlso?.MediaType)])
            .Bind([.. notices.Select(static notice => notice.SeeAlso?.License)])
            .ListAsync(static row => new Known(row.Bool(0), row.Int64OrNull(1), row.TextOrNull(2), row.Int64OrNull(3), row.Bool(4))).ConfigureAwait(false);
    }

    private static bool IsSame(Notice one, Notice other) => one.Uri == other.Uri && one.Content == other.Content && one.Url == other.Url
        && one.License == other.License && one.SeeAlso == other.SeeAlso;

    /// <param name="IsDuplicate">Whether this subscription brought the URI before, or the notice was deleted for all.</param>
    /// <param name="Copy">The very same notice, by another subscription.</param>
    /// <param name="AuthorUri">Whose it is.</param>
    /// <param name="Last">Where the author's last notice stands in the listener's home timeline.</param>
    /// <param name="IsAwaited">Whether answers came before it.</param>
    private sealed record Known(bool IsDuplicate, long? Copy, string? AuthorUri, long? Last, bool IsAwaited);

    /// <summary>A notice that came before in this call.</summary>
    private sealed record Copy(Notice Notice, string? AuthorUri);
}
