using System.Data.Common;

namespace Microblog.Storage.Conformance;

/// <summary>Whether what is kept of people is what their rows say, counted past the store.</summary>
internal static class KeptCounts
{
    /// <summary>Each number that is wrong, in words.</summary>
    public static async Task<IReadOnlyList<string>> FindWrongAsync(IHostFixture database)
    {
        await using var connection = database.OpenHost();
        var wrong = new List<string>();
        foreach (var (counter, rows) in new[]
        {
            ("notices", "{0}notice x WHERE x.author = p.id AND NOT x.is_remote AND NOT x.is_deleted AND x.visibility <> 3"),
            ("followers", "{0}subscription x WHERE x.publisher = p.id AND x.state = 1"),
            ("following", "{0}subscription x WHERE x.subscriber = p.id AND x.state = 1"),
            ("favourites", "{0}favourite x WHERE x.person = p.id"),
        })
        {
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // nothing in it is given
            command.CommandText = $"""
                SELECT nickname, kept, CASE WHEN is_local THEN rows ELSE 0 END FROM (
                    SELECT p.nickname, p.is_local, coalesce((SELECT {counter} FROM {database.Prefix}profile_count c WHERE c.profile = p.id), 0) AS kept,
                        (SELECT count(*) FROM {string.Format(null, rows, database.Prefix)}) AS rows
                    FROM {database.Prefix}profile p) counted
                WHERE kept <> CASE WHEN is_local THEN rows ELSE 0 END
                """;
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                wrong.Add($"{reader.GetValue(0)} is kept with {reader.GetValue(1)} {counter} and has {reader.GetValue(2)}.");
        }

        return wrong;
    }
}
