using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Microblog.Storage.Sqlite;

/// <summary>Files in a folder, each named by its hash: <c>ab/ab12…</c>. When a file was last written its own time says.</summary>
/// <remarks>A file appears whole and synchronised, by renaming. Nothing here waits for anybody, so that a simulated node can be stopped anywhere.</remarks>
internal sealed class FileBlobs(string folder, TimeProvider clock) : IBlobStore
{
    private const string Passing = "passing";
    private const string Leaving = ".leaving";

    /// <summary>Clears up what a process that was killed left half done.</summary>
    public void Start()
    {
        var passing = Path.Combine(folder, Passing);
        if (!Directory.Exists(passing))
            return;
        foreach (var file in Directory.EnumerateFiles(passing))
        {
            // It was about to go, and somebody may have named it again.
            if (file.EndsWith(Leaving, StringComparison.Ordinal) && BlobKey.TryParse(Path.GetFileName(file)[..BlobKey.Length], out var key))
                File.Move(file, PathOf(key), overwrite: true);
            else
                File.Delete(file);
        }
    }

    public ValueTask WriteAsync(BlobKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (BlobKey.Of(content.Span) != key)
            throw new ArgumentException("The key is not that of the bytes.", nameof(key));
        With(() =>
        {
            if (!TryTouch(PathOf(key)))
                Write(key, content.Span);
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<Stream?> OpenAsync(BlobKey key, CancellationToken cancellationToken) => new(With<Stream?>(() =>
    {
        try
        {
            return new FileStream(PathOf(key), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }));

    public ValueTask<IReadOnlyList<BlobKey>> ListAsync(BlobKey? after, int count, DateTimeOffset writtenBefore, CancellationToken cancellationToken) =>
        new(With<IReadOnlyList<BlobKey>>(() => [.. Keys(after?.Value ?? "")
            .TakeWhile(_ => !cancellationToken.IsCancellationRequested)
            .Where(key => File.GetLastWriteTimeUtc(PathOf(key)) < writtenBefore.UtcDateTime)
            .Take(count)]));

    public ValueTask<bool> RemoveAsync(BlobKey key, DateTimeOffset writtenBefore, CancellationToken cancellationToken) => new(With(() =>
    {
        var path = PathOf(key);
        // A name of its own, for two may sweep at once.
        var aside = Path.Combine(folder, Passing, $"{key}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}{Leaving}");
        if (!File.Exists(path) || File.GetLastWriteTimeUtc(path) >= writtenBefore.UtcDateTime)
            return false;
        Directory.CreateDirectory(Path.Combine(folder, Passing));
        // Moved away first: whoever writes it again now either finds nothing and writes it anew, or has touched it before, and then its time says so.
        if (!TryMove(path, aside))
            return false;
        if (File.GetLastWriteTimeUtc(aside) >= writtenBefore.UtcDateTime)
        {
            File.Move(aside, path, overwrite: true);
            return false;
        }

        File.Delete(aside);
        return true;
    }));

    // The key is made of hexadecimal digits, whoever sent it.
    private string PathOf(BlobKey key) => Path.Combine(folder, key.Value[..2], key.Value);

    private bool TryTouch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, clock.GetUtcNow().UtcDateTime);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    // Another sweep may have been quicker.
    private static bool TryMove(string from, string to)
    {
        try
        {
            File.Move(from, to);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private void Write(BlobKey key, ReadOnlySpan<byte> content)
    {
        var passing = Path.Combine(folder, Passing);
        Directory.CreateDirectory(passing);
        var temporary = Path.Combine(passing, RandomNumberGenerator.GetHexString(32, lowercase: true));
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.SetLastWriteTimeUtc(temporary, clock.GetUtcNow().UtcDateTime);
            var path = PathOf(key);
            var home = Path.GetDirectoryName(path)!;
            Directory.CreateDirectory(home);
            File.Move(temporary, path, overwrite: true);
            // The names too: of the file, and of the folders that may be new.
            foreach (var named in new[] { home, folder, Path.GetDirectoryName(folder) ?? folder })
                FolderSync.Run(named);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private IEnumerable<BlobKey> Keys(string after)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (var part in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(part);
            if (name.Length != 2 || string.CompareOrdinal(name, after[..Math.Min(2, after.Length)]) < 0)
                continue;
            foreach (var file in Directory.EnumerateFiles(part).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal))
            {
                if (string.CompareOrdinal(file, after) > 0 && BlobKey.TryParse(file, out var key))
                    yield return key;
            }
        }
    }

    private T With<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The folder {folder} of the attachments cannot be read or written: {e.Message}", e);
        }
    }
}

/// <summary>Writes a folder's own entries to the disk. Windows does so by itself.</summary>
internal static class FolderSync
{
    public static void Run(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var handle = Open(folder, 0);
        if (handle < 0)
            throw new IOException($"The folder {folder} cannot be opened.");
        var isDone = Sync(handle) == 0;
        _ = Close(handle);
        if (!isDone)
            throw new IOException($"The folder {folder} cannot be synchronised.");
    }

    [DllImport("libc", EntryPoint = "open", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
}
