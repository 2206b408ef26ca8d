namespace Microblog.Storage.Sqlite;

/// <summary>Where the store lies and how it behaves.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>A connection string of Microsoft.Data.Sqlite that names a file: <c>Data Source=notes.db</c>. The file is created if need be.</summary>
    /// <remarks>The host's own tables may lie in the same file; the store's begin with <c>microblog_</c>.</remarks>
    public required string ConnectionString { get; set; }

    /// <summary>The folder of the attachments' files. It is created if need be, and belongs to this database alone.</summary>
    /// <value>Default <see langword="null"/>: beside the database, named like it with <c>-files</c> behind. Whoever copies the one by hand copies both.</value>
    public string? AttachmentsFolder { get; set; }

    /// <summary>How many reads run at once; further ones wait.</summary>
    /// <value>Default 4; 1 to 64.</value>
    public int ReadConnections { get; set; } = 4;

    /// <summary>How long the store waits for another writer of the file, such as a transaction of the host, before it gives up with
    /// a transient <see cref="StoreException"/>.</summary>
    /// <value>Default 30 seconds.</value>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gives up the promise that what was acknowledged survives a power cut: the last writes before it may be lost. What
    /// was acknowledged still survives the death of the process, and the file stays sound.</summary>
    /// <value>Default false: every acknowledged write has been synchronised to the disk.</value>
    public bool LoseLastWritesOnPowerCut { get; set; }

    internal string FolderOf(string database) => Path.GetFullPath(AttachmentsFolder ?? database + "-files");
}
