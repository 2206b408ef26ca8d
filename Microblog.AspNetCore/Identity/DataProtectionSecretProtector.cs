using System.Security.Cryptography;
using Microblog.Identity;
using Microsoft.AspNetCore.DataProtection;

namespace Microblog.AspNetCore.Identity;

/// <summary>Seals secrets with ASP.NET Core's Data Protection; its keys live where the host keeps them (OAUTH-46).</summary>
internal sealed class DataProtectionSecretProtector(IDataProtectionProvider provider) : ISecretProtector
{
    private readonly IDataProtector protector = provider.CreateProtector("Microblog.Secrets");

    public byte[] Protect(ReadOnlySpan<byte> secret) => protector.Protect(secret.ToArray());

    public byte[]? Unprotect(ReadOnlySpan<byte> sealedSecret)
    {
        try
        {
            return protector.Unprotect(sealedSecret.ToArray());
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
