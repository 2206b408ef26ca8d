using System.Security.Cryptography;
using Microblog.Identity;
using Microblog.Storage;

namespace Microblog.Http;

/// <summary>The node's own keys: made once, kept in the store under the host's protection, the same in every process.</summary>
public sealed class NodeKeys(IMicroblogStore store, ISecretProtector protector)
{
    private const string ForgeryKeyName = "forgery-key";
    private byte[]? forgeryKey;

    /// <summary>Signs the tokens in forms.</summary>
    /// <exception cref="InvalidOperationException">The node has not started.</exception>
    internal byte[] ForgeryKey => forgeryKey ?? throw new InvalidOperationException("The node has not started.");

    /// <summary>Whether the host has lost the keys of its protector since an earlier run, and with them every secret sealed by it.</summary>
    internal bool WereLost { get; private set; }

    internal async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        var fresh = Convert.ToBase64String(protector.Protect(RandomNumberGenerator.GetBytes(32)));
        var stored = await store.ExecuteAsync(
            (session, ct) => session.Settings.AddAsync(ForgeryKeyName, fresh, ct), cancellationToken).ConfigureAwait(false);
        forgeryKey = protector.Unprotect(Convert.FromBase64String(stored));
        if (forgeryKey is not null)
            return;

        // The host has lost the keys of its protector. Forms that are open in browsers have to be loaded again, nothing worse.
        WereLost = true;
        await store.ExecuteAsync<bool>(
            async (session, ct) =>
            {
                await session.Settings.SetAsync(ForgeryKeyName, fresh, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        forgeryKey = protector.Unprotect(Convert.FromBase64String(fresh))!;
    }
}
