using Microblog.Moderation;
using Microblog.Text;

namespace Microblog.Pages;

/// <summary>What the operators' forms have in common.</summary>
internal static class Operators
{
    private const int MaxName = 255;

    /// <summary>Who acts, for the audit log: a nickname never changes hands.</summary>
    public static string NameOf(Visit visit) => visit.Frame.Viewer is { Profile: { } profile }
        ? "@" + profile.Nickname
        : OneLine.Of(visit.Frame.Viewer!.User.Subject, MaxName) is { Length: > 0 } subject ? subject : "operator";

    /// <summary>The standing that a form names; <see langword="null"/> for none.</summary>
    public static Standing? StandingOf(string text) => text switch
    {
        "good" => Standing.Good,
        "silenced" => Standing.Silenced,
        "suspended" => Standing.Suspended,
        _ => null,
    };
}
