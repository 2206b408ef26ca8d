using System.Security.Claims;
using Microblog.Identity;
using Microsoft.Extensions.Options;

namespace Microblog.AspNetCore.Identity;

/// <summary>Reads the host's signed-in user from claims.</summary>
internal sealed class ClaimsHostIdentity(IOptions<MicroblogWebOptions> options) : IHostIdentity
{
    public HostUser? Identify(ClaimsPrincipal principal)
    {
        if (principal.Identity is not { IsAuthenticated: true })
            return null;
        var subject = principal.FindFirstValue(options.Value.SubjectClaim);
        // Somebody who is signed in without a key cannot own anything here.
        return string.IsNullOrEmpty(subject) ? null : new HostUser(subject, principal.FindFirstValue(options.Value.NameClaim) ?? "");
    }

    public bool IsOperator(ClaimsPrincipal principal) => Identify(principal) is not null && options.Value.IsOperator(principal);
}
