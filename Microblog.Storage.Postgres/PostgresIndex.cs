using Microblog.Search;

namespace Microblog.Storage.Postgres;

/// <summary>Keeps the index of search: takes up notices and people, and takes them out.</summary>
internal sealed class PostgresIndex(PostgresSession session)
{
    private const int Notice = 0;
    private const int Person = 1;

    private const string Unindexed = "NOT EXISTS (SELECT 1 FROM microblog.search_document d WHERE d.kind = 0 AND d.number = n.id)";

    // Up to the horizon all are taken up, and beyond it most of them. With a bound on both sides no more is looked at than lies beyond.
    private const string New = "n.id > $1 AND NOT EXISTS (SELECT 1 FROM microblog.search_document d WHERE d.kind = 0 AND d.number = n.id AND d.number > $1)";

    // What cannot be found needs no entry.
    private const string Findable = "NOT n.is_deleted AND n.repeat_of = 0";

    private const string Columns = "SELECT " + PostgresNoticeRow.Columns + ", p.uri FROM microblog.notice n JOIN microblog.profile p ON p.id = n.author ";

    /// <summary>Has notices looked at again.</summary>
    public void ChangeNoticesLater(params long[] notices) => ChangeLater(Notice, notices);

    /// <summary>Has the copies of a notice looked at again.</summary>
    public void ChangeCopiesLater(NoticeUri uri) =>
        session.Sql("INSERT INTO microblog.search_change (kind, number) SELECT DISTINCT 0, notice FROM microblog.notice_uri WHERE uri = $1").Bind(uri.Value).Later();

    /// <summary>Has the notices of a person looked at who was not there when they came, as in an import.</summary>
    public void ChangeNoticesOfLater(ProfileId author) =>
        session.Sql("INSERT INTO microblog.search_change (kind, number) SELECT 0, notice FROM microblog.authorship WHERE author = $1").Bind(author.Value).Later();

    /// <summary>Has people looked at again.</summary>
    public void ChangePeopleLater(params long[] people) => ChangeLater(Person, people);

    public async ValueTask<SearchState> MeasureAsync()
    {
        PlanAnewLater();
        var found = await session.Sql(
            """
            SELECT position, oldest, (SELECT max(id) FROM microblog.notice), EXISTS (SELECT 1 FROM microblog.search_change) FROM microblog.search_state
            """)
            .ListAsync(static row => (Position: row.Int64(0), Oldest: row.Int64(1), Last: row.Int64OrNull(2) ?? 0, Changes: row.Bool(3))).ConfigureAwait(false);
        var (position, oldest, last, hasChanges) = found[0];
        var waiting = last <= position ? null : await session.Sql($"SELECT n.id FROM microblog.notice n WHERE {New} AND {Findable} ORDER BY n.id LIMIT 1")
            .Bind(position).ScalarAsync().ConfigureAwait(false);
        return new SearchState(
            session.Horizon,
            waiting is not null || hasChanges || oldest > 0 || Math.Min(last, session.Horizon - 1) > position,
            waiting is { } notice ? IdSource.TimeOf(notice) : null,
            oldest > 0 ? IdSource.TimeOf(oldest) : null);
    }

    public async ValueTask<IndexResult> RunAsync(int count, long horizon)
    {
        PlanAnewLater();
        var locked = await session.Sql("SELECT position, oldest FROM microblog.search_state FOR UPDATE SKIP LOCKED")
            .ListAsync(static row => (Position: row.Int64(0), Oldest: row.Int64(1))).ConfigureAwait(false);
        if (locked.Count == 0)
            return IndexResult.Elsewhere;
        var (position, oldest) = locked[0];
        var changed = await TakeChangesAsync(count).ConfigureAwait(false);
        var last = await session.Sql("SELECT max(id) FROM microblog.notice").ScalarAsync().ConfigureAwait(false) ?? 0;
        var added = await ListAsync(session.Sql($"{Columns} WHERE {New} AND {Findable} ORDER BY n.id LIMIT $2").Bind(position).Bind(count)).ConfigureAwait(false);
        AddLater(added);
        var isFull = added.Count == count;
        var passed = Math.Min(isFull ? added[^1].Notice.Id.Value : last, horizon - 1);
        session.Sql("UPDATE microblog.search_state SET position = greatest(position, $1) WHERE position < $1").Bind(passed).Later();
        if (isFull || changed == count)
            return IndexResult.More;
        return oldest > 0 && await BackAsync(count, oldest).ConfigureAwait(false) ? IndexResult.MoreOld : IndexResult.Done;
    }

    // Newest first, for that is what people look for.
    private async ValueTask<bool> BackAsync(int count, long oldest)
    {
        var old = await ListAsync(session.Sql($"{Columns} WHERE n.id < $1 AND {Findable} AND {Unindexed} ORDER BY n.id DESC LIMIT $2").Bind(oldest).Bind(count)).ConfigureAwait(false);
        AddLater(old);
        var hasMore = old.Count == count;
        session.Sql("UPDATE microblog.search_state SET oldest = $1").Bind(hasMore ? old[^1].Notice.Id.Value : 0).Later();
        return hasMore;
    }

    // A plan that was made while the tables were small reads all of them for years.
    private void PlanAnewLater() => session.Sql("SET LOCAL plan_cache_mode = force_custom_plan").Later();

    private void ChangeLater(int kind, long[] numbers) => session.Sql(
        "INSERT INTO microblog.search_change (kind, number) SELECT $1, number FROM unnest($2) AS number").Bind(kind).Bind(numbers).Later();

    private async ValueTask<int> TakeChangesAsync(int count)
    {
        var changes = await session.Sql(
            """
            DELETE FROM microblog.search_change WHERE id IN (SELECT id FROM microblog.search_change ORDER BY id LIMIT $1) RETURNING kind, number
            """).Bind(count).ListAsync(static row => (Kind: row.Int32(0), Number: row.Int64(1))).ConfigureAwait(false);
        if (changes.Count == 0)
            return 0;
        long[] notices = [.. changes.Where(change => change.Kind == Notice).Select(change => change.Number).Distinct()];
        long[] people = [.. changes.Where(change => change.Kind == Person).Select(change => change.Number).Distinct()];
        RemoveLater(Notice, notices, "microblog.search", "notice");
        RemoveLater(Person, people, "microblog.search_person", "person");
        if (notices.Length > 0)
            AddLater(await ListAsync(session.Sql($"{Columns} WHERE n.id = ANY ($1) AND {Findable}").Bind(notices)).ConfigureAwait(false));
        if (people.Length > 0)
            await AddPeopleAsync(people).ConfigureAwait(false);
        return changes.Count;
    }

    private static ValueTask<List<(Notice Notice, ProfileUri Author)>> ListAsync(PostgresCommand command) =>
        command.ListAsync(static row => (PostgresNoticeRow.Read(row), ProfileUri.Parse(row.Text(PostgresNoticeRow.Count))));

    private void AddLater(List<(Notice Notice, ProfileUri Author)> found) =>
        AddLater(Notice, [.. found.Select(pair => (pair.Notice.Id.Value, SearchTerms.Of(pair.Notice, pair.Author)))], "microblog.search (term, notice)");

    private async ValueTask AddPeopleAsync(long[] people)
    {
        var found = await session.Sql("SELECT " + PostgresProfileRow.Columns + " FROM microblog.profile p WHERE p.id = ANY ($1) AND NOT p.is_deleted")
            .Bind(people).ListAsync(static row => PostgresProfileRow.Read(row, 0)).ConfigureAwait(false);
        AddLater(Person, [.. found.Select(person => (person.Id.Value, SearchTerms.Of(person)))], "microblog.search_person (term, person)");
    }

    // In the order of the terms, so that neighbours in the index are written one after the other.
    private void AddLater(int kind, List<(long Number, IReadOnlyList<string> Terms)> found, string target)
    {
        if (found.Count == 0)
            return;
        var entries = found.SelectMany(entry => entry.Terms.Select(term => (Term: term, entry.Number))).OrderBy(entry => entry.Term, StringComparer.Ordinal).ToList();
        session.Sql("INSERT INTO microblog.search_document (kind, number, terms) SELECT $1, number, terms FROM unnest($2, $3) AS d (number, terms)")
            .Bind(kind).Bind([.. found.Select(entry => entry.Number)]).Bind([.. found.Select(entry => string.Join(' ', entry.Terms))]).Later();
        session.Sql($"INSERT INTO {target} SELECT term, number FROM unnest($1, $2) AS e (term, number)")
            .Bind([.. entries.Select(entry => entry.Term)]).Bind([.. entries.Select(entry => entry.Number)]).Later();
    }

    private void RemoveLater(int kind, long[] numbers, string table, string column)
    {
        if (numbers.Length == 0)
            return;
        session.Sql(
            $"""
            DELETE FROM {table} s USING microblog.search_document d, unnest(string_to_array(d.terms, ' ')) AS t (term)
            WHERE d.kind = $1 AND d.number = ANY ($2) AND s.term = t.term AND s.{column} = d.number
            """).Bind(kind).Bind(numbers).Later();
        session.Sql("DELETE FROM microblog.search_document WHERE kind = $1 AND number = ANY ($2)").Bind(kind).Bind(numbers).Later();
    }
}
