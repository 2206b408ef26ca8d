namespace Microblog.Testing.Conformance;

/// <summary>Why the kit makes no check of a clause.</summary>
internal static class Unobservable
{
    private const string Stored = "it is about what is stored, not about what is said";
    private const string Page = "whether a page says so is for a person's eye";
    private const string Inside = "it happens inside the service";
    private const string Hostile = "tried with --hostile only";

    /// <summary>Whether it could be reached by trying what an attacker sends.</summary>
    public static bool IsHostile(string clause) => Reasons[clause] == Hostile;

    public static IReadOnlyDictionary<string, string> Reasons { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["OMB-9"] = "it would take a person who leaves and another who takes the nickname",
        ["OMB-37"] = "a choice: which licences a service takes is its own affair",
        ["OMB-42"] = Page,
        ["OMB-62"] = Stored,
        ["OMB-64"] = "what a reader's browser shows inline is for a person's eye",
        ["OMB-65"] = "it would take two listeners and an identifier on an https host of our own",
        ["OMB-66"] = "notifications are the service's own affair",
        ["OMB-67"] = Inside + ", in the background",
        ["OMB-68"] = "whether a page links to foreign pictures depends on which page is looked at",
        ["OMB-72"] = Stored,
        ["OMB-105"] = Hostile,
        ["OMB-106"] = Page,
        ["OMB-124"] = Stored,
        ["OMB-137"] = "it would take a person who publishes for followers only",
        ["OMB-138"] = "it would take a person who approves followers",
        ["OMB-142"] = "it would take a person whose profile is too long",
        ["OAUTH-2"] = "it needs services at default ports and under other spellings of one address",
        ["OAUTH-6"] = "a body of another media type is refused for other reasons already",
        ["OAUTH-8"] = "a choice",
        ["OAUTH-9"] = "timing over a network shows nothing",
        ["OAUTH-10"] = "shown by every other signature, as far as it can be from outside",
        ["OAUTH-11"] = "the vectors have fixed addresses; signatures over the same pitfalls are under OAUTH-1 to OAUTH-7",
        ["OAUTH-12"] = Hostile,
        ["OAUTH-24"] = Inside,
        ["OAUTH-27"] = "it would take a crash",
        ["OAUTH-36"] = Page,
        ["OAUTH-37"] = "an operator's switch",
        ["OAUTH-40"] = Inside,
        ["OAUTH-41"] = Inside,
        ["OAUTH-42"] = Page,
        ["OAUTH-43"] = "that it is asked each time is seen by a person; the forgery protection is under OMB-31",
        ["OAUTH-44"] = Page,
        ["OAUTH-45"] = "it needs the same service under https and http",
        ["OAUTH-46"] = Stored,
        ["OAUTH-54"] = "looked at under OMB-120",
        ["OAUTH-56"] = "it would take a listener who moves from https to http",
        ["OAUTH-61"] = "a choice",
        ["OAUTH-63"] = "an unknown problem and a known one end alike, as far as can be seen",
    };
}
