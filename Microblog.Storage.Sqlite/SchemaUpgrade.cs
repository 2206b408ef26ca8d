using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Microblog.Storage.Sqlite;

/// <summary>Brings the tables to the version that this code knows: numbered scripts, each applied once, all in one transaction.</summary>
internal static class SchemaUpgrade
{
    /// <summary>The scripts in this package, the first of them leading to version 1.</summary>
    public static IReadOnlyList<string> Scripts { get; } = ReadScripts();

    /// <returns>The version before and after.</returns>
    /// <exception cref="StoreException">The schema is newer than the scripts, or a script failed: then nothing changed.</exception>
    public static (int From, int To) Apply(SqliteDatabase database, IReadOnlyList<string> scripts, TimeSpan busyTimeout, ILogger logger)
    {
        // The write lock is the lock of the upgrade too: of two processes the second finds nothing left to do.
        SqliteLock.Run(database, "BEGIN IMMEDIATE", busyTimeout);
        try
        {
            database.RunScript("CREATE TABLE IF NOT EXISTS microblog_schema (version INTEGER NOT NULL)");
            var version = (int)(database.Use("SELECT version FROM microblog_schema").RunScalar() ?? 0);
            if (version > scripts.Count)
            {
                throw new StoreException(
                    $"The database {database.Path} has schema version {version}, but this version of Microblog knows only {scripts.Count}. "
                    + "Install the newer Microblog that upgraded it, or restore a backup from before the upgrade.");
            }

            // Before, because a large file takes its time, and whoever waits has to know for what.
            if (version > 0 && version < scripts.Count)
                logger.Upgrading(database.Path, version, scripts.Count);
            for (var next = version; next < scripts.Count; next++)
                database.RunScript(scripts[next]);
            if (version < scripts.Count)
            {
                database.RunScript("DELETE FROM microblog_schema");
                database.Use("INSERT INTO microblog_schema (version) VALUES (?1)").Bind(1, scripts.Count).Run();
            }

            database.Run("COMMIT");
            return (version, scripts.Count);
        }
        catch
        {
            if (database.IsInTransaction)
                database.Run("ROLLBACK");
            throw;
        }
    }

    private static List<string> ReadScripts()
    {
        var assembly = typeof(SchemaUpgrade).Assembly;
        var scripts = new List<string>();
        while (assembly.GetManifestResourceStream((scripts.Count + 1).ToString("0000", CultureInfo.InvariantCulture) + ".sql") is { } stream)
        {
            using var reader = new StreamReader(stream);
            scripts.Add(reader.ReadToEnd());
        }

        return scripts;
    }
}
