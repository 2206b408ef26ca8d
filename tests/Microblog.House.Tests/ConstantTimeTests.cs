using System.Reflection;
using System.Security.Cryptography;

namespace Microblog.House.Tests;

public sealed class ConstantTimeTests
{
    private static readonly MethodInfo FixedTimeEquals = typeof(CryptographicOperations).GetMethod(nameof(CryptographicOperations.FixedTimeEquals))!;

    /// <summary>What takes how long cannot be tested; which comparison is called can be read.</summary>
    [Theory]
    [InlineData("Microblog.Omb.OAuth.Signature", "Matches")]
    [InlineData("Microblog.Omb.OAuth.TokenExchange", "VerifierMatches")]
    [Trait("Clause", "OAUTH-9")]
    public void Signatures_and_verifiers_are_compared_by_the_fixed_time_comparison(string type, string method)
    {
        var owner = Rooms.Omb.GetType(type, throwOnError: true)!;
        var called = owner.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(m => m.Name == method)
            .SelectMany(Calls)
            .ToList();
        Assert.Contains(FixedTimeEquals, called);
        Assert.DoesNotContain(called, m => m.Name is "SequenceEqual" or "op_Equality" or "Equals");
    }

    private static IEnumerable<MethodBase> Calls(MethodInfo method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at + 5 <= code.Length; at++)
        {
            // call and callvirt
            if (code[at] is not (0x28 or 0x6F))
                continue;
            MethodBase? called = null;
            try
            {
                called = method.Module.ResolveMethod(BitConverter.ToInt32(code, at + 1));
            }
            catch (Exception e) when (e is ArgumentException or BadImageFormatException)
            {
                // The byte was no call.
            }

            if (called is not null)
                yield return called;
        }
    }
}
