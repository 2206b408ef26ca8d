using Microblog.Search;

namespace Microblog.Storage.Sqlite;

/// <summary>Keeps the index of search: takes up notices and people, and takes them out.</summary>
internal sealed class SqliteIndex(SqliteSession session)
{
    /// <summary>Has the whole index made anew, of the notices that are there now.</summary>
    public const string Anew =
        """
        DELETE FROM microblog_search_state;
        INSERT INTO microblog_search_state (position, oldest) SELECT coalesce(max(id), 0), coalesce(max(id) + 1, 0) FROM microblog_notice;
        INSERT OR IGNORE INTO microblog_search_change (kind, number) SELECT 1, id FROM microblog_profile;
        """;

    private const int Notice = 0;
    private const int Person = 1;

    private const string Unindexed = "NOT EXISTS (SELECT 1 FROM microblog_search_document d WHERE d.kind = 0 AND d.number = n.id)";

    // What cannot be found needs no entry.
    private const string Findable = "n.is_deleted = 0 AND n.repeat_of = 0";

    private const string Columns = "SELECT " + NoticeRow.Columns + ", p.uri FROM microblog_notice n CROSS JOIN microblog_profile p ON p.id = n.author ";

    /// <summary>Has a notice looked at again.</summary>
    public void ChangeNotice(long notice) => Change(Notice, notice);

    /// <summary>Has the notices of a person looked at who was not there when they came, as in an import.</summary>
    public void ChangeNoticesOf(long author) => session.Use(
        "INSERT OR IGNORE INTO microblog_search_change (kind, number) SELECT 0, notice FROM microblog_authorship WHERE author = ?1").Bind(1, author).Run();

    /// <summary>Has a person looked at again.</summary>
    public void ChangePerson(long person) => Change(Person, person);

    public SearchState Measure()
    {
        var (position, oldest) = State();
        var last = session.Use("SELECT max(id) FROM microblog_notice").RunScalar() ?? 0;
        var waiting = session.Use($"SELECT min(n.id) FROM microblog_notice n WHERE n.id > ?1 AND {Findable} AND {Unindexed}").Bind(1, position).RunScalar();
        var hasChanges = session.Use("SELECT 1 FROM microblog_search_change LIMIT 1").RunScalar() is not null;
        return new SearchState(
            session.Horizon,
            waiting is not null || hasChanges || oldest > 0 || Math.Min(last, session.Horizon - 1) > position,
            waiting is { } notice ? IdSource.TimeOf(notice) : null,
            oldest > 0 ? IdSource.TimeOf(oldest) : null);
    }

    public IndexResult Run(int count, long horizon)
    {
        var (position, oldest) = State();
        var changed = TakeChanges(count);
        var last = session.Use("SELECT max(id) FROM microblog_notice").RunScalar() ?? 0;
        var added = List(session.Use($"{Columns} WHERE n.id > ?1 AND {Findable} AND {Unindexed} ORDER BY n.id LIMIT ?2").Bind(1, position).Bind(2, count));
        added.ForEach(Add);
        var isFull = added.Count == count;
        var passed = Math.Min(isFull ? added[^1].Notice.Id.Value : last, horizon - 1);
        session.Use("UPDATE microblog_search_state SET position = max(position, ?1)").Bind(1, passed).Run();
        if (isFull || changed == count)
            return IndexResult.More;
        return oldest > 0 && Back(count, oldest) ? IndexResult.MoreOld : IndexResult.Done;
    }

    // Newest first, for that is what people look for.
    private bool Back(int count, long oldest)
    {
        var old = List(session.Use($"{Columns} WHERE n.id < ?1 AND {Findable} AND {Unindexed} ORDER BY n.id DESC LIMIT ?2").Bind(1, oldest).Bind(2, count));
        old.ForEach(Add);
        var hasMore = old.Count == count;
        session.Use("UPDATE microblog_search_state SET oldest = ?1").Bind(1, hasMore ? old[^1].Notice.Id.Value : 0).Run();
        return hasMore;
    }

    private (long Position, long Oldest) State()
    {
        using var row = session.Use("SELECT position, oldest FROM microblog_search_state");
        return row.Step() ? (row.Int64(0), row.Int64(1)) : (0, 0);
    }

    private void Change(int kind, long number) =>
        session.Use("INSERT OR IGNORE INTO microblog_search_change (kind, number) VALUES (?1, ?2)").Bind(1, kind).Bind(2, number).Run();

    private int TakeChanges(int count)
    {
        var changes = new List<(int Kind, long Number)>();
        using (var rows = session.Use("SELECT kind, number FROM microblog_search_change LIMIT ?1").Bind(1, count))
        {
            while (rows.Step())
                changes.Add((rows.Int32(0), rows.Int64(1)));
        }

        foreach (var (kind, number) in changes)
        {
            session.Use("DELETE FROM microblog_search_change WHERE kind = ?1 AND number = ?2").Bind(1, kind).Bind(2, number).Run();
            Remove(kind, number);
            if (kind == Person)
                AddPerson(number);
            else
                List(session.Use($"{Columns} WHERE n.id = ?1 AND {Findable}").Bind(1, number)).ForEach(Add);
        }

        return changes.Count;
    }

    private static List<(Notice Notice, ProfileUri Author)> List(SqliteStatement rows)
    {
        using var reading = rows;
        var list = new List<(Notice, ProfileUri)>();
        while (reading.Step())
            list.Add((NoticeRow.Read(reading), ProfileUri.Parse(reading.Text(NoticeRow.Count))));
        return list;
    }

    private void Add((Notice Notice, ProfileUri Author) found)
    {
        var terms = string.Join(' ', SearchTerms.Of(found.Notice, found.Author));
        AddDocument(Notice, found.Notice.Id.Value, terms);
        session.Use("INSERT INTO microblog_search (rowid, terms) VALUES (?1, ?2)").Bind(1, found.Notice.Id.Value).Bind(2, terms).Run();
    }

    private void AddPerson(long number)
    {
        using var row = session.Use("SELECT " + ProfileRow.Columns + " FROM microblog_profile p WHERE p.id = ?1 AND p.is_deleted = 0").Bind(1, number);
        if (!row.Step())
            return;
        var terms = SearchTerms.Of(ProfileRow.Read(row, 0));
        AddDocument(Person, number, string.Join(' ', terms));
        foreach (var term in terms)
            session.Use("INSERT INTO microblog_search_person (term, person) VALUES (?1, ?2)").Bind(1, term).Bind(2, number).Run();
    }

    private void AddDocument(int kind, long number, string terms) =>
        session.Use("INSERT INTO microblog_search_document (kind, number, terms) VALUES (?1, ?2, ?3)").Bind(1, kind).Bind(2, number).Bind(3, terms).Run();

    private void Remove(int kind, long number)
    {
        if (Terms(kind, number) is not { } terms)
            return;
        if (kind == Notice)
            session.Use("INSERT INTO microblog_search (microblog_search, rowid, terms) VALUES ('delete', ?1, ?2)").Bind(1, number).Bind(2, terms).Run();
        else
        {
            foreach (var term in terms.Split(' '))
                session.Use("DELETE FROM microblog_search_person WHERE term = ?1 AND person = ?2").Bind(1, term).Bind(2, number).Run();
        }

        session.Use("DELETE FROM microblog_search_document WHERE kind = ?1 AND number = ?2").Bind(1, kind).Bind(2, number).Run();
    }

    private string? Terms(int kind, long number)
    {
        using var row = session.Use("SELECT terms FROM microblog_search_document WHERE kind = ?1 AND number = ?2").Bind(1, kind).Bind(2, number);
        return row.Step() ? row.Text(0) : null;
    }
}
