using System.Security.Claims;
using Microblog.Identity;

namespace Microblog.Testing.Simulation;

/// <summary>Takes the name identifier for the subject and the name for the nickname, as the ASP.NET adapter does. Nobody is an operator.</summary>
internal sealed class SimulatedIdentity : IHostIdentity
{
    public HostUser? Identify(ClaimsPrincipal principal) =>
        principal.FindFirst(ClaimTypes.NameIdentifier)?.Value is { Length: > 0 } subject
            ? new HostUser(subject, principal.FindFirst(ClaimTypes.Name)?.Value ?? "")
            : null;

    public bool IsOperator(ClaimsPrincipal principal) => false;

    public static ClaimsPrincipal SignIn(string subject) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, subject), new Claim(ClaimTypes.Name, subject)], "simulated"));
}

/// <summary>Protects nothing: whatever is stored in a simulation is gone with it.</summary>
internal sealed class NoProtector : ISecretProtector
{
    public byte[] Protect(ReadOnlySpan<byte> secret) => secret.ToArray();

    public byte[]? Unprotect(ReadOnlySpan<byte> sealedSecret) => sealedSecret.ToArray();
}
