using System.Security.Cryptography;
using Microblog.Http;
using Microblog.Identity;

namespace Microblog.Diagnostics;

/// <summary>Whether secrets can be sealed and opened, and whether this process found at its start that those of earlier runs cannot.</summary>
internal sealed class ProtectorCheck(ISecretProtector protector, NodeKeys keys) : INodeCheck
{
    public string Name => "keys";

    public ValueTask<Finding> CheckAsync(CancellationToken cancellationToken)
    {
        var sample = RandomNumberGenerator.GetBytes(32);
        if (protector.Unprotect(protector.Protect(sample)) is not { } opened || !opened.AsSpan().SequenceEqual(sample))
            return new(new Finding(Severity.Failure, "What was sealed just now cannot be opened again. Look at the application's ISecretProtector or Data Protection."));
        return new(keys.WereLost
            ? new Finding(
                Severity.Warning,
                "The keys that earlier runs sealed secrets with are gone: nothing can be sent by subscriptions made before. Put the Data Protection "
                + "keys back where they were, keep them on a disk that survives (PersistKeysToFileSystem), and start again.")
            : new Finding(Severity.Good, "Secrets can be sealed and opened."));
    }
}
