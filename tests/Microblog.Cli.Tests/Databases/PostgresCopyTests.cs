using Microblog.Storage;
using Microblog.Storage.Moving;

namespace Microblog.Cli.Tests.Databases;

/// <summary>A whole node from SQLite to a real PostgreSQL and back.</summary>
public sealed class PostgresCopyTests : IAsyncLifetime, IDisposable
{
    private readonly NodeFile source = new();
    private readonly NodeFile back = new();
    private readonly NodeServer server = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await server.DisposeAsync();

    public void Dispose()
    {
        source.Dispose();
        back.Dispose();
    }

    [DatabaseFact]
    public async Task There_and_back_every_row_of_every_table_is_the_same_and_so_is_every_counter()
    {
        await source.FillAsync(rows: 60);
        await CopyAsync(source.Database, server.Database);
        await CopyAsync(server.Database, back.Database);
        Assert.Equal(source.Dump(), back.Dump());
        // What is counted of people who were made up is no count of anything.
        Assert.All(await server.Database.FindDamageAsync(CancellationToken.None), found => Assert.Contains("is kept with", found, StringComparison.Ordinal));
    }

    [DatabaseFact]
    public async Task A_copy_that_is_killed_again_and_again_on_either_way_ends_with_every_row_once()
    {
        await source.FillAsync(rows: 12_000);
        await CopyAndKillAsync(source.Name, server.Name, async () =>
        {
            await using var store = server.CreateStore();
            Assert.Contains("is half a copy", (await ThrowsAsync(() => store.StartAsync(CancellationToken.None).AsTask())).Message, StringComparison.Ordinal);
        });
        await CopyAndKillAsync(server.Name, back.Name, async () =>
        {
            await using var store = back.CreateStore();
            Assert.Contains("is half a copy", (await ThrowsAsync(() => store.StartAsync(CancellationToken.None).AsTask())).Message, StringComparison.Ordinal);
        });
        Assert.Equal(source.Dump(), back.Dump());
    }

    [DatabaseFact]
    public async Task Everybodys_archive_is_the_same_to_the_byte_after_killed_copies_there_and_back()
    {
        var directory = Directory.CreateTempSubdirectory("microblog-people-");
        try
        {
            await MovedPeople.MoveInAsync(source, directory.FullName);
            var archives = await MovedPeople.ExportAsync(source.Name, directory.FullName);
            var before = source.Dump();
            await CopyAndKillAsync(source.Name, server.Name, () => Task.CompletedTask);
            await CopyAndKillAsync(server.Name, back.Name, () => Task.CompletedTask);

            Assert.Equal(before, back.Dump());
            Assert.Equal(archives, await MovedPeople.ExportAsync(server.Name, directory.FullName));
            Assert.Equal(archives, await MovedPeople.ExportAsync(back.Name, directory.FullName));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [DatabaseFact]
    public async Task What_PostgreSQL_has_besides_the_rows_is_made_anew_and_its_writer_slots_stay_free()
    {
        await source.FillAsync(rows: 60);
        await CopyAsync(source.Database, server.Database);

        Assert.Equal(60L, await server.AskAsync<long>("SELECT count(*) FROM microblog.profile_uri u JOIN microblog.profile p ON p.id = u.profile AND p.uri = u.uri AND p.scope = u.scope"));
        Assert.Equal(60L, await server.AskAsync<long>("SELECT count(*) FROM microblog.prunable JOIN (SELECT DISTINCT author FROM microblog.event) e USING (author)"));
        Assert.Equal(40L, await server.AskAsync<long>("SELECT count(*) FROM microblog.lane WHERE due_at IS NOT NULL"));
        Assert.Equal(40L, await server.AskAsync<long>("SELECT count(*) FROM microblog.wake w JOIN microblog.lane l ON l.destination = w.destination AND l.due_at = w.at"));
        Assert.Equal(64L, await server.AskAsync<long>("SELECT count(*) FROM microblog.writer WHERE holder = '' AND until = 0"));
        foreach (var next in new[] { "nextval('microblog.event_numbers')", "nextval('microblog.lane_ids')", Identity("failure"), Identity("job") })
            Assert.Equal((1L << 52) + 1_000_000_001, await server.AskAsync<long>("SELECT " + next));
        // SQLite counts no destinations: behind the highest that is there.
        Assert.Equal((1L << 52) + 60, await server.AskAsync<long>("SELECT " + Identity("destination")));
        Assert.Equal(78L, await server.AskAsync<long>("SELECT nextval('microblog.lease_token')"));

        static string Identity(string table) => $"nextval(pg_get_serial_sequence('microblog.{table}', 'id'))";
    }

    [DatabaseFact]
    public async Task A_node_that_starts_during_a_copy_is_told_so_at_once()
    {
        await source.FillAsync(rows: 3);
        var refusals = 0;
        await NodeCopy.RunAsync(source.Database, server.Database, new Reporter(Refuses), CancellationToken.None);
        await NodeCopy.RunAsync(server.Database, back.Database, new Reporter(Refuses), CancellationToken.None);
        Assert.True(refusals > 40, $"only {refusals} refusals");
        await using var store = server.CreateStore();
        await store.StartAsync(CancellationToken.None);

        void Refuses(CopyProgress progress)
        {
            // Whoever waits is cancelled, and that is another exception.
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            var starting = server.CreateStore();
            var refusal = Assert.Throws<StoreException>(() => starting.StartAsync(soon.Token).AsTask().GetAwaiter().GetResult());
            Assert.Contains("is being copied or upgraded", refusal.Message, StringComparison.Ordinal);
            starting.DisposeAsync().AsTask().GetAwaiter().GetResult();
            refusals++;
        }
    }

    [DatabaseFact]
    public async Task A_node_starts_on_the_copy_and_draws_numbers_behind_the_copied_ones()
    {
        await source.FillAsync(rows: 20);
        await CopyAsync(source.Database, server.Database);
        await using (var store = server.CreateStore())
        {
            await store.StartAsync(CancellationToken.None);
            using var drawn = store.Ids.Draw();
            Assert.True(drawn.Value > (1L << 52) + 19);
            Assert.True((await server.Database.InspectAsync(CancellationToken.None)).IsInUse);
            Assert.Contains("is in use. Stop the node", (await ThrowsAsync(() => CopyAsync(server.Database, back.Database))).Message, StringComparison.Ordinal);
            Assert.Contains("is in use. Stop the node", (await ThrowsAsync(() => CopyAsync(source.Database, server.Database))).Message, StringComparison.Ordinal);
        }

        Assert.False((await server.Database.InspectAsync(CancellationToken.None)).IsInUse);
        Assert.Contains("is not empty", (await ThrowsAsync(() => CopyAsync(source.Database, server.Database))).Message, StringComparison.Ordinal);
    }

    [DatabaseFact]
    public async Task A_source_that_was_written_to_between_two_attempts_is_not_gone_on_from()
    {
        await source.FillAsync(rows: 7);
        await CopyAsync(source.Database, server.Database);
        await InterruptAsync();
        await server.RunAsync("UPDATE microblog.profile SET bio = 'changed' WHERE id = (SELECT min(id) FROM microblog.profile)");
        Assert.Contains("before it was written to again", (await ThrowsAsync(() => CopyAsync(server.Database, back.Database))).Message, StringComparison.Ordinal);
    }

    [DatabaseFact]
    public async Task A_source_that_was_only_looked_at_between_two_attempts_is_gone_on_from()
    {
        await source.FillAsync(rows: 7);
        await CopyAsync(source.Database, server.Database);
        await InterruptAsync();
        await server.Database.InspectAsync(CancellationToken.None);
        await server.Database.FindDamageAsync(CancellationToken.None);
        await server.RunAsync("CREATE TABLE host (id integer); INSERT INTO host VALUES (1)");
        await CopyAsync(server.Database, back.Database);
        Assert.Equal(source.Dump(), back.Dump());
    }

    [DatabaseFact]
    public async Task The_character_that_PostgreSQL_cannot_store_is_replaced_in_text_and_refused_in_a_key()
    {
        await source.FillAsync(rows: 2);
        source.Run("UPDATE microblog_profile SET bio = 'a' || char(0) || 'b'");
        await CopyAsync(source.Database, server.Database);
        Assert.Equal("a\uFFFDb", await server.AskAsync<string>("SELECT min(bio) FROM microblog.profile"));

        await server.RunAsync("DROP SCHEMA microblog CASCADE");
        source.Run("UPDATE microblog_setting SET name = char(0) || name");
        Assert.Contains("0x00", (await ThrowsAsync(() => CopyAsync(source.Database, server.Database))).Message, StringComparison.Ordinal);
    }

    private static async Task CopyAndKillAsync(string from, string to, Func<Task> lookAsync)
    {
        var kills = 0;
        while (!await KilledCopy.RunOrKillAsync(from, to))
        {
            kills++;
            await lookAsync();
        }

        // Mostly two; on a busy machine the first one dies far behind the line that was read.
        Assert.True(kills >= 1, "it was not killed");
    }

    private static Task<long> CopyAsync(INodeDatabase from, INodeDatabase to) => NodeCopy.RunAsync(from, to, null, CancellationToken.None).AsTask();

    private Task<IOException> InterruptAsync() => Assert.ThrowsAsync<IOException>(() => CopyAsync(server.Database, new FailingDatabase(back.Database, 30)));

    private static Task<StoreException> ThrowsAsync(Func<Task> work) => Assert.ThrowsAsync<StoreException>(work);

    private sealed class Reporter(Action<CopyProgress> hear) : IProgress<CopyProgress>
    {
        public void Report(CopyProgress value) => hear(value);
    }
}
