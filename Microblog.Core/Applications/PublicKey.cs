using System.Security.Cryptography;

namespace Microblog.Applications;

/// <summary>The RSA key by which an application signs instead of with its secret.</summary>
internal static class PublicKey
{
    private const int MinBits = 2048;
    private const int MaxBits = 4096;
    private const string Remedy = "Paste the public key in PEM, from “-----BEGIN PUBLIC KEY-----” on.";

    /// <summary>The key in one form of PEM, or what is wrong with it.</summary>
    public static Outcome<string> Clean(string text)
    {
        if (text.Length > ApplicationDetails.MaxKeyLength)
            return Outcome<string>.Refused($"The key has more than {ApplicationDetails.MaxKeyLength} characters. {Remedy}");
        if (text.Contains("PRIVATE", StringComparison.Ordinal))
            return Outcome<string>.Refused($"This is a private key: make a new one, for this one has left its place. {Remedy}");
        using var key = Read(text);
        return key is null ? Outcome<string>.Refused($"This is no RSA key of {MinBits} to {MaxBits} bits. {Remedy}") : Outcome<string>.Done(key.ExportSubjectPublicKeyInfoPem());
    }

    /// <summary>The key, which the caller disposes of; <see langword="null"/> when the text is none that is accepted.</summary>
    public static RSA? Read(string text)
    {
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(text);
            if (key.KeySize is >= MinBits and <= MaxBits && IsCheap(key.ExportParameters(includePrivateParameters: false)))
                return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // Not a key.
        }

        key.Dispose();
        return null;
    }

    // A long exponent would make each check as dear as a signature.
    private static bool IsCheap(RSAParameters key) => key.Exponent is { Length: <= 4 } exponent && (exponent[^1] & 1) == 1 && exponent is not [1];
}
