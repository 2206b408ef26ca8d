using Microblog.Omb.OAuth;
using Microblog.Omb.Service;

namespace Microblog.TwitterApi.Access;

/// <summary>Remembers, in this process, the nonces of requests that change nothing.</summary>
/// <remarks>Why not in the store: docs/decisions/0012. Two generations, so that nothing is forgotten one by one.</remarks>
internal sealed class SeenNonces(TimeProvider clock)
{
    private const int MaxInGeneration = 50_000;

    // The timestamp may lie five minutes ahead and is accepted until five minutes behind; the rest is for rounding.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(11);

    private readonly Lock gate = new();
    private HashSet<string> current = new(StringComparer.Ordinal);
    private HashSet<string> previous = new(StringComparer.Ordinal);
    private DateTimeOffset begun = clock.GetUtcNow();

    /// <summary>Whether the nonce is new here. In a flood of more than <see cref="MaxInGeneration"/> requests the oldest are forgotten too early.</summary>
    public bool Add(OAuthNonce nonce)
    {
        var key = OmbNonces.Key(nonce)!.Key;
        var now = clock.GetUtcNow();
        lock (gate)
        {
            if (now - begun >= Lifetime || current.Count >= MaxInGeneration)
                (previous, current, begun) = (current, new HashSet<string>(StringComparer.Ordinal), now);
            return !previous.Contains(key) && current.Add(key);
        }
    }
}
