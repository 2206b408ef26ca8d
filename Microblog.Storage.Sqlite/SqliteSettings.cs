namespace Microblog.Storage.Sqlite;

internal sealed class SqliteSettings(SqliteSession session) : ISettingStore
{
    public ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken) => new(Find(name));

    public ValueTask<string> AddAsync(string name, string value, CancellationToken cancellationToken)
    {
        session.Use("INSERT OR IGNORE INTO microblog_setting (name, value) VALUES (?1, ?2)").Bind(1, name).Bind(2, value).Run();
        return new(Find(name)!);
    }

    public ValueTask SetAsync(string name, string value, CancellationToken cancellationToken)
    {
        session.Use("INSERT OR REPLACE INTO microblog_setting (name, value) VALUES (?1, ?2)").Bind(1, name).Bind(2, value).Run();
        return ValueTask.CompletedTask;
    }

    private string? Find(string name)
    {
        using var row = session.Use("SELECT value FROM microblog_setting WHERE name = ?1").Bind(1, name);
        return row.Step() ? row.Text(0) : null;
    }
}
