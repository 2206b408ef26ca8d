using Microblog.Storage;
using Microblog.Storage.Moving;

namespace Microblog.Cli.Tests.Databases;

/// <summary>A copy of a whole node, SQLite to SQLite.</summary>
public sealed class CopyTests : IDisposable
{
    private readonly NodeFile source = new();
    private readonly NodeFile target = new();

    public void Dispose()
    {
        source.Dispose();
        target.Dispose();
    }

    [Fact]
    public async Task Every_row_of_every_table_goes_over_and_every_counter()
    {
        await source.FillAsync(rows: 60);
        var before = source.Dump();
        Assert.All(before.Where(table => table.Key is not ("microblog_schema" or "microblog_lease" or "sqlite_sequence")), table => Assert.Equal(60, table.Value.Count));

        var rows = await CopyAsync();

        Assert.Equal(before, target.Dump());
        Assert.Equal(before, source.Dump());
        Assert.Equal(before.Where(table => table.Key is not ("microblog_schema" or "microblog_lease" or "microblog_prunable" or "sqlite_sequence")).Sum(table => table.Value.Count), rows);
    }

    [Fact]
    public async Task A_new_node_without_a_row_can_be_copied_and_started()
    {
        await source.Database.UpgradeAsync(CancellationToken.None);
        Assert.Equal(0, await CopyAsync());
        Assert.Equal(source.Dump(), target.Dump());
        await using var store = target.CreateStore();
        await store.StartAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_copy_takes_up_for_search_everything_that_went_over()
    {
        await source.FillAsync(rows: 60);
        await CopyAsync();

        Assert.Equal(60, target.Ask<long>("SELECT count(*) FROM microblog_search_change JOIN microblog_profile ON id = number WHERE kind = 1"));
        Assert.Equal(target.Ask<long>("SELECT max(id) FROM microblog_notice"), target.Ask<long>("SELECT position FROM microblog_search_state"));
        Assert.Equal(target.Ask<long>("SELECT max(id) + 1 FROM microblog_notice"), target.Ask<long>("SELECT oldest FROM microblog_search_state"));
    }

    [Fact]
    public async Task Interrupted_before_or_after_any_step_it_goes_on_and_misses_and_doubles_nothing()
    {
        await source.FillAsync(rows: 7);
        var interruptions = 0;
        do
        {
            // The mark, then each table and the end, each of them before it happens and after.
            var step = interruptions < 2 ? interruptions + 1 : 3 + (interruptions % 2);
            await Assert.ThrowsAsync<IOException>(
                () => NodeCopy.RunAsync(source.Database, new FailingDatabase(target.Database, step), null, CancellationToken.None).AsTask());
            interruptions++;
            if (interruptions > 1 && await IsHalfCopiedAsync())
                await RefusesToStartAsync();
        }
        while (interruptions < 2 || await IsHalfCopiedAsync());

        Assert.True(interruptions > 40, $"only {interruptions} interruptions");
        Assert.Equal(source.Dump(), target.Dump());
    }

    [Fact]
    public async Task Cancelled_in_the_middle_of_a_large_table_it_goes_on_behind_the_last_batch()
    {
        await source.FillAsync(rows: 11_000);
        var reported = new List<CopyProgress>();
        using var cancel = new CancellationTokenSource();
        var until = new Reporter(progress =>
        {
            reported.Add(progress);
            if (progress.Rows == 16_000)
                cancel.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => NodeCopy.RunAsync(source.Database, target.Database, until, cancel.Token).AsTask());
        Assert.Equal(16_000, reported[^1].Rows);

        reported.Clear();
        var rows = await NodeCopy.RunAsync(source.Database, target.Database, new Reporter(reported.Add), CancellationToken.None);

        Assert.Equal(16_000, reported[0].Rows);
        Assert.Equal((rows, rows), (reported[^1].Rows, reported[^1].Total));
        Assert.Equal(source.Dump(), target.Dump());
    }

    [Fact]
    public async Task Interrupted_between_two_rows_that_only_the_rest_of_the_key_tells_apart_it_misses_none()
    {
        await source.Database.UpgradeAsync(CancellationToken.None);
        source.Run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) INSERT INTO microblog_authorship (author, notice) SELECT 7, i FROM n");
        using var cancel = new CancellationTokenSource();
        var until = new Reporter(progress =>
        {
            if (progress.Rows == 5_000)
                cancel.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => NodeCopy.RunAsync(source.Database, target.Database, until, cancel.Token).AsTask());

        Assert.Equal(6_000, await CopyAsync());
        Assert.Equal(source.Dump(), target.Dump());
    }

    [Fact]
    public async Task A_batch_is_bounded_in_bytes_as_well_as_in_rows()
    {
        await source.Database.UpgradeAsync(CancellationToken.None);
        source.Run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO microblog_avatar SELECT i, randomblob(100000) FROM n");
        var batches = new List<long>();
        await NodeCopy.RunAsync(source.Database, target.Database, new Reporter(progress => batches.Add(progress.Rows)), CancellationToken.None);
        Assert.Contains(42, batches);
        Assert.Equal(source.Dump(), target.Dump());
    }

    [Fact]
    public async Task A_target_with_rows_is_refused_and_left_alone()
    {
        await source.FillAsync(rows: 3);
        await target.FillAsync(rows: 1);
        var before = target.Dump();
        await RefusesAsync("is not empty");
        Assert.Equal(before, target.Dump());
    }

    [Fact]
    public async Task A_finished_copy_is_not_copied_into_again()
    {
        await source.FillAsync(rows: 3);
        await CopyAsync();
        await RefusesAsync("is not empty");
    }

    [Fact]
    public async Task A_source_that_was_written_to_meanwhile_is_not_gone_on_from()
    {
        await BeginAsync();
        source.Run("UPDATE microblog_profile SET bio = 'changed'");
        await RefusesAsync("half a copy of another database, or of this one before it was written to again");
    }

    [Fact]
    public async Task A_source_that_was_only_looked_at_meanwhile_is_gone_on_from()
    {
        await BeginAsync();
        await source.Database.InspectAsync(CancellationToken.None);
        await source.Database.FindDamageAsync(CancellationToken.None);
        Assert.True(source.Ask<long>("SELECT count(*) FROM microblog_profile") > 0);
        await CopyAsync();
        Assert.Equal(source.Dump(), target.Dump());
    }

    [Fact]
    public async Task Half_a_copy_goes_on_from_its_own_source_only_and_is_no_source_nor_upgraded()
    {
        await BeginAsync();
        using var other = new NodeFile();
        await other.FillAsync(rows: 7);
        Assert.Contains("half a copy of another", (await ThrowsAsync(() => NodeCopy.RunAsync(other.Database, target.Database, null, CancellationToken.None).AsTask())).Message, StringComparison.Ordinal);
        using var third = new NodeFile();
        Assert.Contains("half a copy", (await ThrowsAsync(() => NodeCopy.RunAsync(target.Database, third.Database, null, CancellationToken.None).AsTask())).Message, StringComparison.Ordinal);
        Assert.Contains("half a copy", (await ThrowsAsync(() => target.Database.UpgradeAsync(CancellationToken.None).AsTask())).Message, StringComparison.Ordinal);
        await RefusesToStartAsync();
    }

    [Fact]
    public async Task Neither_side_may_be_in_use_and_no_node_starts_during_a_copy()
    {
        await source.FillAsync(rows: 3);
        await using (var running = source.CreateStore())
        {
            await running.StartAsync(CancellationToken.None);
            await RefusesAsync("is in use. Stop the node");
            Assert.True((await source.Database.InspectAsync(CancellationToken.None)).IsInUse);
        }

        Assert.False((await source.Database.InspectAsync(CancellationToken.None)).IsInUse);
        await using (var running = target.CreateStore())
        {
            await running.StartAsync(CancellationToken.None);
            await RefusesAsync("is in use. Stop the node");
        }

        var refused = 0;
        await NodeCopy.RunAsync(
            source.Database,
            target.Database,
            new Reporter(_ =>
            {
                foreach (var file in new[] { source, target })
                {
                    var starting = file.CreateStore();
                    Assert.Throws<StoreException>(() => starting.StartAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult());
                    refused++;
                }
            }),
            CancellationToken.None);
        Assert.True(refused > 0);
    }

    [Theory]
    [InlineData(1, "Upgrade it first")]
    [InlineData(99, "Use the newer Microblog")]
    public async Task A_source_of_another_version_is_refused(int version, string advice)
    {
        await source.FillAsync(rows: 1);
        source.Run($"UPDATE microblog_schema SET version = {version}");
        await RefusesAsync(advice);
    }

    [Fact]
    public async Task Half_a_copy_by_an_older_version_is_not_gone_on_with()
    {
        await BeginAsync();
        target.Run("UPDATE microblog_schema SET version = 1");
        await RefusesAsync("begun by an older Microblog");
    }

    [Fact]
    public async Task A_source_that_is_not_there_is_not_created()
    {
        await RefusesAsync("There is no database");
        Assert.False(File.Exists(source.Path));
    }

    [Fact]
    public async Task A_table_or_column_that_only_one_side_has_is_named_and_nothing_is_begun()
    {
        await source.FillAsync(rows: 1);
        source.Run("CREATE TABLE microblog_mine (id INTEGER PRIMARY KEY)");
        await RefusesAsync("“mine”");
        source.Run("DROP TABLE microblog_mine; ALTER TABLE microblog_block ADD COLUMN why TEXT");
        await RefusesAsync("“block”");
        Assert.False(await IsHalfCopiedAsync());
    }

    [Fact]
    public async Task Rows_that_something_else_wrote_into_the_copy_are_found_by_counting()
    {
        await BeginAsync();
        target.Run("INSERT INTO microblog_avatar (profile, content) VALUES (-5, x'00')");
        await RefusesAsync("“avatar” has 7 rows in the source and 8 in the copy");
        await RefusesToStartAsync();
    }

    // What a killed copy leaves.
    private async Task BeginAsync()
    {
        await source.FillAsync(rows: 7);
        await Assert.ThrowsAsync<IOException>(() => NodeCopy.RunAsync(source.Database, new FailingDatabase(target.Database, 30), null, CancellationToken.None).AsTask());
        Assert.True(await IsHalfCopiedAsync());
    }

    private async Task<bool> IsHalfCopiedAsync() => (await target.Database.InspectAsync(CancellationToken.None)).IsHalfCopied;

    private ValueTask<long> CopyAsync() => NodeCopy.RunAsync(source.Database, target.Database, null, CancellationToken.None);

    private async Task RefusesAsync(string words) =>
        Assert.Contains(words, (await ThrowsAsync(() => CopyAsync().AsTask())).Message, StringComparison.Ordinal);

    private async Task RefusesToStartAsync()
    {
        await using var store = target.CreateStore();
        Assert.Contains("is half a copy", (await ThrowsAsync(() => store.StartAsync(CancellationToken.None).AsTask())).Message, StringComparison.Ordinal);
    }

    private static Task<StoreException> ThrowsAsync(Func<Task> work) => Assert.ThrowsAsync<StoreException>(work);

    private sealed class Reporter(Action<CopyProgress> hear) : IProgress<CopyProgress>
    {
        public void Report(CopyProgress value) => hear(value);
    }
}
