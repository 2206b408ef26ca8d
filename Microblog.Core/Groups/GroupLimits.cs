using System.Globalization;
using System.Text;
using Microblog.People;
using Microblog.Text;

namespace Microblog.Groups;

/// <summary>The limits of what is said about a group, in characters as people count them.</summary>
public static class GroupLimits
{
    /// <summary>Longest full name.</summary>
    public const int FullName = ProfileLimits.FullName;

    /// <summary>Longest description.</summary>
    public const int Description = 500;

    /// <summary>Longest location.</summary>
    public const int Location = ProfileLimits.Location;

    /// <summary>Longest address of a homepage.</summary>
    public const int Address = ProfileLimits.Address;

    /// <summary>Most aliases of one group.</summary>
    public const int Aliases = 10;

    /// <summary>Most groups that one notice goes to: the first that it names.</summary>
    public const int PerNotice = 10;

    /// <summary>The details as they are stored, or what is wrong with them.</summary>
    internal static Outcome<GroupDetails> Check(GroupDetails details, ISet<string> reserved)
    {
        var trimmed = details with
        {
            FullName = details.FullName.Trim(),
            Description = details.Description.Trim(),
            Location = details.Location.Trim(),
            Homepage = details.Homepage.Trim(),
        };
        if (ObjectTo(trimmed) is { } problem)
            return Outcome<GroupDetails>.Refused(problem);
        var aliases = new List<string>();
        foreach (var text in details.Aliases)
        {
            if (!GroupName.TryParseAlias(text, out var alias, out problem, reserved))
                return Outcome<GroupDetails>.Refused(problem);
            if (!aliases.Contains(alias, StringComparer.Ordinal))
                aliases.Add(alias);
        }

        return aliases.Count > Aliases
            ? Outcome<GroupDetails>.Refused($"A group has at most {Aliases} aliases.")
            : Outcome<GroupDetails>.Done(trimmed with { Aliases = aliases });
    }

    private static string? ObjectTo(GroupDetails details) =>
        ObjectTo("full name", details.FullName, FullName)
        ?? ObjectTo("description", details.Description, Description, isLong: true)
        ?? ObjectTo("location", details.Location, Location)
        ?? ObjectTo("homepage", details.Homepage, Address)
        ?? (details.Homepage.Length == 0 || WebAddress.IsValid(details.Homepage) ? null : "The homepage is not an address that begins with http:// or https://.");

    private static string? ObjectTo(string name, string text, int limit, bool isLong = false)
    {
        if (!NoticeText.IsStorable(text) || text.EnumerateRunes().Any(rune => IsMisleading(rune, isLong)))
            return $"The {name} contains characters that cannot be shown.";
        return NoticeText.Length(text) is var length && length > limit ? $"The {name} has {length} characters; at most {limit} are allowed." : null;
    }

    // Line ends and tabs belong to a long text. Joiners belong to many scripts and emoji; other format characters turn or hide what stands there.
    private static bool IsMisleading(Rune rune, bool isLong) => rune.Value switch
    {
        '\n' or '\t' => !isLong,
        0x200C or 0x200D => false,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator,
    };
}
