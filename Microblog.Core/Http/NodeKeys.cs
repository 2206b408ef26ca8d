using System.Security.Cryptography;
using Microblog.Identity;
using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Http;

/// <summary>The node's own keys: made once, kept in the store under the host's protection, the same in every process.</summary>
public sealed class NodeKeys(IMicroblogStore store, ISecretProtector protector, IOptions<MicroblogOptions> options)
{
    private const string ForgeryKeyName = "forgery-key";
    private const string Unreadable =
        "The keys of this node were sealed by a process whose key ring this one does not have, so this one does not start. If other processes run on the same "
        + "database, give all of them one key ring: services.AddDataProtection().SetApplicationName(\"…\").PersistKeysToFileSystem(a directory that "
        + "they share); the name matters, for by default it comes from the application's directory. If this is the only process, put its Data Protection keys "
        + "back where they were. If they are gone for good, stop every process and start one with MicroblogOptions.ReplaceLostKeys: the node then makes new "
        + "keys, and subscriptions made before have to be made again.";

    private byte[]? forgeryKey;

    /// <summary>Signs the tokens in forms.</summary>
    /// <exception cref="InvalidOperationException">The node has not started.</exception>
    internal byte[] ForgeryKey => forgeryKey ?? throw new InvalidOperationException("The node has not started.");

    /// <summary>Whether the host has lost the keys of its protector since an earlier run, and with them every secret sealed by it, and said that
    /// it goes on without them.</summary>
    internal bool WereLost { get; private set; }

    /// <exception cref="InvalidOperationException">The keys cannot be opened, and the host has not said that they may be replaced.</exception>
    internal async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        var fresh = Convert.ToBase64String(protector.Protect(RandomNumberGenerator.GetBytes(32)));
        var stored = await store.ExecuteAsync(
            (session, ct) => session.Settings.AddAsync(ForgeryKeyName, fresh, ct), cancellationToken).ConfigureAwait(false);
        forgeryKey = protector.Unprotect(Convert.FromBase64String(stored));
        if (forgeryKey is not null)
            return;

        // Another process may be at work with the keys that this one cannot open; new ones would make its forms worthless.
        if (!options.Value.ReplaceLostKeys)
            throw new InvalidOperationException(Unreadable);
        // Forms that are open in browsers have to be loaded again, and subscriptions that secrets were kept for made again.
        WereLost = true;
        stored = await store.ExecuteAsync((session, ct) => ReplaceAsync(session, stored, fresh, ct), cancellationToken).ConfigureAwait(false);
        forgeryKey = protector.Unprotect(Convert.FromBase64String(stored)) ?? throw new InvalidOperationException(Unreadable);
    }

    private static async ValueTask<string> ReplaceAsync(IStoreSession session, string unreadable, string fresh, CancellationToken cancellationToken)
    {
        // Another process that was told the same may have been quicker.
        if (await session.Settings.FindAsync(ForgeryKeyName, cancellationToken).ConfigureAwait(false) is { } stored && stored != unreadable)
            return stored;
        await session.Settings.SetAsync(ForgeryKeyName, fresh, cancellationToken).ConfigureAwait(false);
        return fresh;
    }
}
