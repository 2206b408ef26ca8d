namespace Microblog.Storage.Postgres;

/// <summary>The rows of new notices in all tables that lead to them: one statement for each table, however many notices there are.</summary>
internal sealed class PostgresNoticeRows
{
    private readonly List<Notice> notices = [];
    private readonly List<(string Uri, bool IsShared, long Scope, long Notice, long Listener, long Author)> uris = [];
    private readonly List<(long Author, long Notice)> authorships = [];
    private readonly List<(long Owner, long Position, long Notice, long Author)> homes = [];
    private readonly List<(long Person, long Position, long Notice)> mentions = [];

    /// <summary>A notice that is not there yet, but for the timelines it stands in.</summary>
    public void Add(Notice notice, ProfileId owner)
    {
        notices.Add(notice);
        uris.Add((notice.Uri.Value, false, notice.Scope.Value, notice.Id.Value, owner.Value, notice.Author.Value));
        authorships.Add((notice.Author.Value, notice.Id.Value));
    }

    /// <summary>A notice that one more subscription brought.</summary>
    public void AddShared(Notice notice, ProfileId listener, long copy)
    {
        uris.Add((notice.Uri.Value, true, notice.Scope.Value, copy, listener.Value, notice.Author.Value));
        authorships.Add((notice.Author.Value, copy));
    }

    public void AddHome(ProfileId owner, long position, long notice, ProfileId author) => homes.Add((owner.Value, position, notice, author.Value));

    public void AddMention(ProfileId person, long position, long notice) => mentions.Add((person.Value, position, notice));

    // Where a person's list has the notice already, it stays as it is; two entries at one position would be a mistake of ours, and one of
    // them lost, so that is an error.
    public void WriteLater(PostgresSession session)
    {
        if (notices.Count > 0)
            PostgresNoticeRow.InsertLater(session, notices);
        if (uris.Count > 0)
        {
            session.Sql(
                """
                INSERT INTO microblog.notice_uri (uri, is_shared, scope, notice, listener, author)
                SELECT * FROM unnest($1::text[], $2::boolean[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
                """)
                .Bind([.. uris.Select(static row => row.Uri)]).Bind([.. uris.Select(static row => row.IsShared)])
                .Bind([.. uris.Select(static row => row.Scope)]).Bind([.. uris.Select(static row => row.Notice)])
                .Bind([.. uris.Select(static row => row.Listener)]).Bind([.. uris.Select(static row => row.Author)]).Later();
            session.Sql(
                "INSERT INTO microblog.authorship (author, notice) SELECT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT DO NOTHING")
                .Bind([.. authorships.Select(static row => row.Author)]).Bind([.. authorships.Select(static row => row.Notice)]).Later();
        }

        if (homes.Count > 0)
        {
            session.Sql(
                """
                INSERT INTO microblog.home (owner, position, notice, author)
                SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) ON CONFLICT (owner, notice) DO NOTHING
                """)
                .Bind([.. homes.Select(static row => row.Owner)]).Bind([.. homes.Select(static row => row.Position)])
                .Bind([.. homes.Select(static row => row.Notice)]).Bind([.. homes.Select(static row => row.Author)]).Later();
        }

        WriteListsLater(session);
    }

    private void WriteListsLater(PostgresSession session)
    {
        if (mentions.Count > 0)
        {
            session.Sql(
                """
                INSERT INTO microblog.mention (person, position, notice) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
                ON CONFLICT (person, notice) DO NOTHING
                """)
                .Bind([.. mentions.Select(static row => row.Person)]).Bind([.. mentions.Select(static row => row.Position)])
                .Bind([.. mentions.Select(static row => row.Notice)]).Later();
        }

        var tags = notices.SelectMany(static notice => notice.Tags, static (notice, tag) => (Tag: tag, notice.Id)).ToList();
        if (tags.Count > 0)
        {
            session.Sql("INSERT INTO microblog.tag (tag, notice) SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT DO NOTHING")
                .Bind([.. tags.Select(static row => row.Tag)]).Bind([.. tags.Select(static row => row.Id.Value)]).Later();
        }

        var audience = notices.Where(static notice => !notice.IsRemote)
            .SelectMany(static notice => notice.Audience, static (notice, person) => (notice.Id, Person: person)).ToList();
        if (audience.Count > 0)
        {
            session.Sql("INSERT INTO microblog.audience (notice, person) SELECT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT DO NOTHING")
                .Bind([.. audience.Select(static row => row.Id.Value)]).Bind([.. audience.Select(static row => row.Person.Value)]).Later();
        }
    }
}
