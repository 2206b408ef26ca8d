using Microblog.Text;

namespace Microblog.People;

/// <summary>The limits of profile fields, in code points: openmicroblogging.md §1.</summary>
public static class ProfileLimits
{
    /// <summary>Longest full name.</summary>
    public const int FullName = 255;

    /// <summary>Longest bio: less than 140.</summary>
    public const int Bio = 139;

    /// <summary>Longest location: less than 255.</summary>
    public const int Location = 254;

    /// <summary>Longest address in a profile.</summary>
    public const int Address = 255;

    /// <summary>Says what is wrong with somebody's changes, or nothing.</summary>
    internal static string? ObjectTo(ProfileChanges changes) =>
        TooLong("full name", changes.FullName, FullName)
        ?? TooLong("bio", changes.Bio, Bio)
        ?? TooLong("location", changes.Location, Location)
        ?? TooLong("homepage", changes.Homepage, Address)
        ?? Unprintable("full name", changes.FullName)
        ?? Unprintable("bio", changes.Bio)
        ?? Unprintable("location", changes.Location)
        ?? (string.IsNullOrWhiteSpace(changes.Homepage) || WebAddress.IsValid(changes.Homepage.Trim()) ? null
            : "The homepage is not an address that begins with http:// or https://.");

    private static string? Unprintable(string name, string? text) =>
        text is not null && (text.Any(c => char.IsControl(c) && c is not ('\n' or '\t')) || !NoticeText.IsWellFormed(text))
            ? $"The {name} contains characters that cannot be shown."
            : null;

    private static string? TooLong(string name, string? text, int limit) =>
        text is not null && NoticeText.Length(text.Trim()) is var length && length > limit
            ? $"The {name} has {length} characters; at most {limit} are allowed."
            : null;
}
