namespace Microblog.Storage;

/// <summary>Reads the node's own few values: its keys, its former addresses.</summary>
public interface ISettingReader
{
    /// <summary>The value, or <see langword="null"/>.</summary>
    ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken);
}

/// <summary>Writes them.</summary>
public interface ISettingStore : ISettingReader
{
    /// <summary>Stores a value unless there is one.</summary>
    /// <returns>The value that is stored now.</returns>
    ValueTask<string> AddAsync(string name, string value, CancellationToken cancellationToken);

    /// <summary>Stores a value over any other.</summary>
    ValueTask SetAsync(string name, string value, CancellationToken cancellationToken);
}
