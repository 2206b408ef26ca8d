using System.Collections.Concurrent;
using Microblog.Identity;
using Microblog.Storage;

namespace Microblog.Applications;

/// <summary>Secrets that were opened before, so that a program that calls all day long has its own opened once. What is sealed is compared each time, so
/// a secret that was taken back or replaced is not found.</summary>
internal sealed class OpenedSecrets(ISecretProtector protector)
{
    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<string, (ReadOnlyMemory<byte> Sealed, string Secret)> remembered = new(StringComparer.Ordinal);

    /// <summary>The secret; empty when it cannot be opened any more.</summary>
    public string Open(Credential credential)
    {
        if (remembered.TryGetValue(credential.Token, out var known) && known.Sealed.Span.SequenceEqual(credential.ProtectedSecret.Span))
            return known.Secret;
        var secret = ApplicationRecord.Open(credential, protector);
        // Forgetting everything now and then is simpler than an order of use, and costs one opening each.
        if (remembered.Count >= MaxRemembered)
            remembered.Clear();
        remembered[credential.Token] = (credential.ProtectedSecret.ToArray(), secret);
        return secret;
    }
}
