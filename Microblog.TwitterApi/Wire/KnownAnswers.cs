using System.Collections.Concurrent;
using Microblog.Http;
using Microblog.Storage;
using Microblog.TwitterApi.Access;

namespace Microblog.TwitterApi.Wire;

/// <summary>Remembers the tags of answers, so that clients who ask again and again whether there is something new cost one look at the store while nothing
/// was written at all.</summary>
/// <remarks>For a few seconds only: what is hidden for a time ends without anybody writing, and a number that was open may be given up.</remarks>
internal sealed class KnownAnswers(IMicroblogStore store, TimeProvider clock)
{
    private const int MaxRemembered = 10_000;

    // Clients ask by short addresses; the others would fill the memory.
    private const int MaxTarget = 512;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Caller, string Target), Known> remembered = new();

    /// <summary>The store's stamp, to be asked for before reading.</summary>
    public ValueTask<long?> StampAsync(NodeRequest request, CancellationToken cancellationToken) =>
        request.Method is "GET" or "HEAD" ? store.StampAsync(cancellationToken) : new((long?)null);

    /// <summary>Whether the client has what it would get: the tag, and when the newest thing in it was made.</summary>
    public bool IsKnown(NodeRequest request, Caller? caller, long? stamp, out string tag)
    {
        tag = "";
        if (stamp is null || !request.Headers.ContainsKey("If-None-Match")
            || !remembered.TryGetValue(KeyOf(request, caller), out var known) || known.Stamp != stamp || known.Until < clock.GetUtcNow())
            return false;
        tag = known.Tag;
        return Conditional.IsKnown(request, tag);
    }

    /// <summary>Remembers the tag of an answer.</summary>
    public void Remember(NodeRequest request, Caller? caller, long? stamp, NodeResponse response)
    {
        if (stamp is null || request.RawTarget.Length > MaxTarget || response.Status is not (200 or 304) || response.Headers.FirstOrDefault(header => header.Key == "ETag").Value is not { } tag)
            return;
        // Forgetting everything now and then is simpler than an order of use, and costs one answer each.
        if (remembered.Count >= MaxRemembered)
            remembered.Clear();
        remembered[KeyOf(request, caller)] = new Known(stamp.Value, tag, clock.GetUtcNow() + Lifetime);
    }

    // Signed requests may have all in the query; these are new each time, and find nothing.
    private static (string, string) KeyOf(NodeRequest request, Caller? caller) => (caller?.Key ?? "", request.RawTarget);

    private sealed record Known(long Stamp, string Tag, DateTimeOffset Until);
}
