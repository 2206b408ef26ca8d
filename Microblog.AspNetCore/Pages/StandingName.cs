using Microblog.Moderation;

namespace Microblog.AspNetCore.Pages;

/// <summary>Standings in words.</summary>
internal static class StandingName
{
    public static string Of(Standing standing) => standing switch
    {
        Standing.Silenced => "silenced",
        Standing.Suspended => "suspended",
        _ => "in good standing",
    };

    public static string OfDomain(Standing standing) => standing switch
    {
        Standing.Silenced => "silenced",
        Standing.Suspended => "blocked",
        _ => "allowed",
    };

    public static string ValueOf(Standing standing) => standing switch
    {
        Standing.Silenced => "silenced",
        Standing.Suspended => "suspended",
        _ => "good",
    };
}
