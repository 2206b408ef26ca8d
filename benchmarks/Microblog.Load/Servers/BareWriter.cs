using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Microblog.Load.Servers;

/// <summary>What one posted notice leaves in the tables.</summary>
internal sealed record BareRow(string Uri, string Content, string Url, string License, string Nonce, long NonceExpires, Grant Grant);

/// <summary>One thread that stores what has been queued and commits it together: the least that a durable server can do.</summary>
internal sealed class BareWriter : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly sqlite3_stmt begin;
    private readonly sqlite3_stmt commit;
    private readonly sqlite3_stmt once;
    private readonly sqlite3_stmt notice;
    private readonly sqlite3_stmt uri;
    private readonly sqlite3_stmt authorship;
    private readonly sqlite3_stmt home;
    private readonly object gate = new();
    private readonly Thread thread;
    private List<Waiting> queue = [];
    private List<Waiting> batch = [];
    private bool isStopping;
    private long lastId = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 1_199_145_600_000) << 12;

    public BareWriter(string path)
    {
        connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        foreach (var pragma in new[] { "journal_mode = WAL", "synchronous = FULL", "foreign_keys = 1", "temp_store = 2", "cache_size = -32768" })
            Check(raw.sqlite3_exec(connection.Handle, "PRAGMA " + pragma));
        begin = Prepare("BEGIN IMMEDIATE");
        commit = Prepare("COMMIT");
        once = Prepare("INSERT INTO microblog_once (expires, scope, key) VALUES (?1, 'omb.nonce', ?2)");
        notice = Prepare(
            """
            INSERT INTO microblog_notice (id, uri, author, content, url, license, visibility, is_local_only, is_remote, scope, reply_to,
                reply_to_uri, conversation, mentions, tags, audience, extensions)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 1, ?7, 0, '', ?1, '', '', '', '')
            """);
        uri = Prepare("INSERT INTO microblog_notice_uri (uri, is_shared, scope, notice, listener, author) VALUES (?1, 0, ?2, ?3, ?4, ?5)");
        authorship = Prepare("INSERT INTO microblog_authorship (author, notice) VALUES (?1, ?2)");
        home = Prepare("INSERT INTO microblog_home (owner, position, notice, author) VALUES (?1, ?2, ?2, ?3)");
        thread = new Thread(Write) { IsBackground = true, Name = "Bare writer" };
        thread.Start();
    }

    /// <summary>Completes when the rows are durable.</summary>
    public Task WriteAsync(BareRow row)
    {
        var waiting = new Waiting(row, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (gate)
        {
            queue.Add(waiting);
            if (queue.Count == 1)
                Monitor.Pulse(gate);
        }

        return waiting.Done.Task;
    }

    public void Dispose()
    {
        lock (gate)
        {
            isStopping = true;
            Monitor.Pulse(gate);
        }

        thread.Join();
        foreach (var statement in new[] { begin, commit, once, notice, uri, authorship, home })
            statement.Dispose();
        connection.Dispose();
    }

    private void Write()
    {
        while (true)
        {
            lock (gate)
            {
                while (queue.Count == 0)
                {
                    if (isStopping)
                        return;
                    Monitor.Wait(gate);
                }

                (queue, batch) = (batch, queue);
            }

            Run(begin);
            foreach (var waiting in batch)
                Insert(waiting.Row, ++lastId);
            Run(commit);
            foreach (var waiting in batch)
                waiting.Done.SetResult();
            batch.Clear();
        }
    }

    private void Insert(BareRow row, long id)
    {
        var grant = row.Grant;
        Bind(once, 1, row.NonceExpires);
        Bind(once, 2, row.Nonce);
        Run(once);
        Bind(notice, 1, id);
        Bind(notice, 2, row.Uri);
        Bind(notice, 3, grant.Author);
        Bind(notice, 4, row.Content);
        Bind(notice, 5, row.Url);
        Bind(notice, 6, row.License);
        Bind(notice, 7, grant.Subscription);
        Run(notice);
        Bind(uri, 1, row.Uri);
        Bind(uri, 2, grant.Subscription);
        Bind(uri, 3, id);
        Bind(uri, 4, grant.Listener);
        Bind(uri, 5, grant.Author);
        Run(uri);
        Bind(authorship, 1, grant.Author);
        Bind(authorship, 2, id);
        Run(authorship);
        Bind(home, 1, grant.Listener);
        Bind(home, 2, id);
        Bind(home, 3, grant.Author);
        Run(home);
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(connection.Handle, sql, out var statement));
        return statement;
    }

    private void Bind(sqlite3_stmt statement, int index, long value) => Check(raw.sqlite3_bind_int64(statement, index, value));

    private void Bind(sqlite3_stmt statement, int index, string value) => Check(raw.sqlite3_bind_text(statement, index, value));

    private void Run(sqlite3_stmt statement)
    {
        Check(raw.sqlite3_step(statement));
        Check(raw.sqlite3_reset(statement));
    }

    private void Check(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE or raw.SQLITE_ROW))
            throw new InvalidOperationException(raw.sqlite3_errmsg(connection.Handle).utf8_to_string());
    }

    private sealed record Waiting(BareRow Row, TaskCompletionSource Done);
}
