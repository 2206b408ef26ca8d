namespace Microblog.Archive;

/// <summary>The names and limits of the format; docs/archive.md describes them.</summary>
internal static class ArchiveFormat
{
    public const string Name = "microblog-account";
    public const int Version = 1;

    public const string Head = "microblog.json";
    public const string Profile = "profile.json";
    public const string Picture = "picture";
    public const string Notices = "notices";
    public const string Following = "following";
    public const string Followers = "followers";
    public const string Blocks = "blocks";
    public const string Mutes = "mutes";
    public const string Revisions = "revisions";
    public const string Favourites = "favourites";

    /// <summary>A part of many lines that is written and not read: an import names it among what it left out.</summary>
    public const string Groups = "groups";

    /// <summary>The parts of many lines that are read.</summary>
    public static IReadOnlyList<string> Parts { get; } = [Following, Followers, Blocks, Mutes, Notices, Revisions, Favourites];

    /// <summary>An entry ends with the line that reaches this many lines, or this many bytes.</summary>
    public const int EntryLines = 1_000;

    public const int EntryBytes = 1024 * 1024;

    /// <summary>Longest line: a notice of 100,000 characters, each escaped, with its people.</summary>
    public const int MaxLine = 4 * 1024 * 1024;

    /// <summary>Most bytes that may be read to find out what an archive holds.</summary>
    public const int MaxDirectory = 64 * 1024 * 1024;

    /// <summary>An archive that grows to more than this many times its size was made to fill somebody's disk.</summary>
    public const int MaxRatio = 100;

    /// <summary>What any archive may grow to.</summary>
    public const long SmallSize = 16 * 1024 * 1024;

    /// <summary>Most people in one list of a notice.</summary>
    public const int MaxPeople = 10_000;

    /// <summary>Longest text of a notice, in code points: the most that a node can be set to.</summary>
    public const int MaxContent = 100_000;

    /// <summary>Where the bytes of attachments stand.</summary>
    public const string Files = "files/";

    /// <summary>Most attachments of a notice: the most that a node can be set to.</summary>
    public const int MaxAttachments = 16;

    public static DateTimeOffset Earliest { get; } = new(2008, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string EntryOf(string part, int number) => FormattableString.Invariant($"{part}/{number:D6}.jsonl");

    /// <summary>What a notice calls an attachment's bytes: their hash, and the usual end of such a file's name.</summary>
    public static string FileOf(Attachment attachment) => attachment.Blob.Value + attachment.Extension;

    /// <summary>Whether an entry holds the bytes of an attachment.</summary>
    public static bool IsFile(string entry) => entry.StartsWith(Files, StringComparison.Ordinal) && IsFileName(entry[Files.Length..]);

    /// <summary>Whether this is what a notice may call an attachment's bytes.</summary>
    public static bool IsFileName(string name) =>
        Storage.BlobKey.TryParse(name.Length > Storage.BlobKey.Length ? name[..Storage.BlobKey.Length] : null, out _)
        && name[Storage.BlobKey.Length..] is ".jpg" or ".png" or ".gif" or ".webp";

    /// <summary>The part that an entry belongs to; <see langword="null"/> for one that this version does not know.</summary>
    public static string? PartOf(string entry)
    {
        var slash = entry.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !Parts.Contains(entry[..slash]))
            return null;
        var rest = entry.AsSpan(slash + 1);
        return rest.EndsWith(".jsonl", StringComparison.Ordinal) && rest.Length is > 6 and <= 16 && !rest[..^6].ContainsAnyExceptInRange('0', '9')
            ? entry[..slash]
            : null;
    }
}
