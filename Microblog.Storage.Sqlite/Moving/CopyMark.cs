namespace Microblog.Storage.Sqlite.Moving;

/// <summary>A table that is there while the database is half a copy, and names the source.</summary>
internal static class CopyMark
{
    public const string Table = "microblog_unfinished_copy";

    /// <summary>The source's identity; <see langword="null"/> when no copy was begun, or it was finished.</summary>
    public static string? Find(SqliteDatabase database)
    {
        using (var table = database.Use("SELECT 1 FROM main.sqlite_master WHERE name = ?1").Bind(1, Table))
        {
            if (!table.Step())
                return null;
        }

        using var row = database.Use("SELECT source FROM microblog_unfinished_copy");
        return row.Step() ? row.Text(0) : "";
    }

    /// <exception cref="StoreException">A node must not start on half a copy, nor may an upgrade change it.</exception>
    public static void Refuse(SqliteDatabase database)
    {
        if (Find(database) is not null)
        {
            throw new StoreException(
                $"The database {database.Path} is half a copy: a copy into it was interrupted. Give the same “microblog database copy” again and it "
                + "goes on where it was; or delete the file and its companions -wal and -shm.");
        }
    }

    /// <summary>Part of the caller's transaction.</summary>
    public static void Set(SqliteDatabase database, string source)
    {
        database.RunScript("CREATE TABLE microblog_unfinished_copy (source TEXT NOT NULL)");
        database.Use("INSERT INTO microblog_unfinished_copy (source) VALUES (?1)").Bind(1, source).Run();
    }

    /// <summary>Part of the caller's transaction.</summary>
    public static void Remove(SqliteDatabase database) => database.RunScript("DROP TABLE microblog_unfinished_copy");
}
