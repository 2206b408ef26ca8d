using System.Security.Cryptography;

namespace Microblog.Testing.Conformance;

/// <summary>Names that nobody has used before.</summary>
internal static class Chance
{
    public static string Text(int length) => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", length);
}
