using System.Security.Claims;

namespace Microblog.Identity;

/// <summary>What the node wants to know about the host application's signed-in user.</summary>
/// <remarks>Nobody has a profile before opting in, and the node stores no passwords.</remarks>
public interface IHostIdentity
{
    /// <summary>The user, or <see langword="null"/> when nobody is signed in.</summary>
    HostUser? Identify(ClaimsPrincipal principal);

    /// <summary>Whether the user may see the operator's pages.</summary>
    bool IsOperator(ClaimsPrincipal principal);
}

/// <summary>A user of the host application.</summary>
/// <param name="Subject">What never changes about the user: the key of the host's own users table.</param>
/// <param name="SuggestedNickname">A first proposal for the nickname; cleaned up before it is shown, and the user may choose another.</param>
public sealed record HostUser(string Subject, string SuggestedNickname);
