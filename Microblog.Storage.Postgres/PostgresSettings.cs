namespace Microblog.Storage.Postgres;

internal sealed class PostgresSettings(PostgresSession session) : ISettingStore
{
    public async ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken) =>
        await session.Sql("SELECT value FROM microblog.setting WHERE name = $1" + session.Lock).Bind(name)
            .FindAsync(static row => row.Text(0)).ConfigureAwait(false);

    public async ValueTask<string> AddAsync(string name, string value, CancellationToken cancellationToken)
    {
        session.Sql("INSERT INTO microblog.setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING").Bind(name).Bind(value).Later();
        return (await FindAsync(name, cancellationToken).ConfigureAwait(false))!;
    }

    public ValueTask SetAsync(string name, string value, CancellationToken cancellationToken)
    {
        session.Sql("INSERT INTO microblog.setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
            .Bind(name).Bind(value).Later();
        return ValueTask.CompletedTask;
    }
}
