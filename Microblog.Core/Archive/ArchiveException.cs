using System.Globalization;

namespace Microblog.Archive;

/// <summary>An archive cannot be imported; the message names the entry and the line, and says why. Nothing of it is stored.</summary>
public sealed class ArchiveException : Exception
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="problem">What, for whoever made or brought the archive.</param>
    /// <param name="entry">In which entry; empty for the archive itself.</param>
    /// <param name="line">In which line of it, from 1; 0 for the entry itself.</param>
    /// <param name="inner">What the base library said.</param>
    public ArchiveException(string problem, string entry = "", long line = 0, Exception? inner = null)
        : base(Describe(problem, entry, line), inner)
    {
        Entry = entry;
        Line = line;
    }

    /// <summary>In which entry; empty for the archive itself.</summary>
    public string Entry { get; }

    /// <summary>In which line of it, from 1; 0 for the entry itself.</summary>
    public long Line { get; }

    private static string Describe(string problem, string entry, long line) => (entry, line) switch
    {
        ("", _) => problem,
        (_, 0) => $"{entry}: {problem}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{entry}, line {line}: {problem}"),
    };
}
