namespace Microblog.Identity;

/// <summary>Protects token secrets and private keys at rest by authenticated encryption whose key does not lie beside the data (OAUTH-46).</summary>
public interface ISecretProtector
{
    /// <summary>Seals a secret.</summary>
    byte[] Protect(ReadOnlySpan<byte> secret);

    /// <summary>Opens a sealed secret.</summary>
    /// <returns><see langword="null"/> when it was not sealed by this protector, or its key is lost.</returns>
    byte[]? Unprotect(ReadOnlySpan<byte> sealedSecret);
}
