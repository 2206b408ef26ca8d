namespace Microblog.Load;

/// <summary>Where everything lies that a run makes; gone with it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("microblog-load-").FullName;

    /// <summary>A directory below, created if need be.</summary>
    public string At(string name) => Directory.CreateDirectory(Path.Combine(root, name)).FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);
}
