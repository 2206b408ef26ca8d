using Microsoft.Data.Sqlite;

namespace Microblog.Cluster.Tests;

/// <summary>Looks into the file of a foreign node.</summary>
internal static class SqliteFile
{
    public static async Task<IReadOnlyList<string>> HomeAsync(string path, string person)
    {
        SQLitePCL.Batteries_V2.Init();
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT n.content FROM microblog_home h JOIN microblog_notice n ON n.id = h.notice
            JOIN microblog_profile p ON p.id = h.owner AND p.is_local = 1 AND p.nickname = $person ORDER BY h.position
            """;
        command.Parameters.AddWithValue("$person", person);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
