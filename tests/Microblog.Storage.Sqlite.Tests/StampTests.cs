using Microblog.Storage.Conformance;

namespace Microblog.Storage.Sqlite.Tests;

/// <summary>The number by which a reader knows that nothing was written.</summary>
public sealed class StampTests : StoreConformance
{
    public StampTests()
        : base(new TempDatabase())
    {
    }

    [Fact]
    public async Task It_stays_while_nothing_is_written_and_changes_with_each_write_of_the_store()
    {
        var first = await Store.StampAsync(None);
        Assert.NotNull(first);
        await Read(session => session.Settings.FindAsync("key", None));
        Assert.Equal(first, await Store.StampAsync(None));
        var seen = new HashSet<long?> { first };
        for (var i = 0; i < 5; i++)
        {
            await Write(session => session.Settings.AddAsync($"key{i}", "value", None));
            Assert.True(seen.Add(await Store.StampAsync(None)));
        }
    }

    [Fact]
    public async Task It_changes_when_the_host_writes_into_the_same_file()
    {
        await AddLocalAsync("alice");
        var first = await Store.StampAsync(None);
        await using var host = ((TempDatabase)Fixture).OpenHost();
        using (var command = host.CreateCommand())
        {
            command.CommandText = "CREATE TABLE mine (id INTEGER PRIMARY KEY)";
            await command.ExecuteNonQueryAsync();
        }

        Assert.NotEqual(first, await Store.StampAsync(None));
    }
}
