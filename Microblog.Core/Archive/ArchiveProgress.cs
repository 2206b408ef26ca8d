namespace Microblog.Archive;

/// <summary>How far an export or import has come.</summary>
/// <param name="Step">What is being done.</param>
/// <param name="Lines">How many lines of the archive are done in this step.</param>
/// <param name="Total">Of how many; <see langword="null"/> where that is not known yet.</param>
public sealed record ArchiveProgress(ArchiveStep Step, long Lines, long? Total);

/// <summary>What is being done with an archive.</summary>
public enum ArchiveStep
{
    /// <summary>It is written.</summary>
    Writing,

    /// <summary>It is read through before anything is stored.</summary>
    Checking,

    /// <summary>What it holds is stored; nobody sees it yet.</summary>
    Storing,
}
