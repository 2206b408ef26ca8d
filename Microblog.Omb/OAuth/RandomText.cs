using System.Security.Cryptography;

namespace Microblog.Omb.OAuth;

/// <summary>Text that nobody can guess, from the cryptographic generator (OAUTH-40).</summary>
public static class RandomText
{
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    // Without 0 and O, 1, I and L, and without vowels, so that a code is easy to type and spells nothing.
    private const string EasyToType = "23456789BCDFGHJKMNPQRSTVWXZ";

    /// <summary><c>[A-Za-z0-9]</c>, 5.95 bits a character: 32 characters are 190 bits.</summary>
    public static string Alphanumeric(int length) => RandomNumberGenerator.GetString(LettersAndDigits, length);

    /// <summary>Digits, 3.32 bits a character: only where few attempts are allowed.</summary>
    public static string Digits(int length) => RandomNumberGenerator.GetString("0123456789", length);

    /// <summary>Upper-case letters and digits that a person can read aloud and type, 4.75 bits a character.</summary>
    public static string Typeable(int length) => RandomNumberGenerator.GetString(EasyToType, length);
}
