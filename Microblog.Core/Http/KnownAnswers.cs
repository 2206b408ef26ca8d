using System.Collections.Concurrent;
using Microblog.Storage;

namespace Microblog.Http;

/// <summary>Remembers the tags of answers, so that whoever asks again and again whether there is something new costs one look at the store while nothing was
/// written at all.</summary>
/// <remarks>
/// <para>Ask for the stamp, then whether the answer is known; if not, read, and remember what came of it. Nothing is remembered of who asks without
/// <c>If-None-Match</c>, nor where the store has no stamp. Safe for many threads; at most 10,000 tags of addresses of up to 512 characters, in each process for itself.</para>
/// <para>For five seconds only, because what is hidden for a time comes back without anybody writing. What ends below a number that is still open
/// (<see cref="IdSource.Horizon"/>) has more in it soon, and must not be remembered at all.</para>
/// </remarks>
public sealed class KnownAnswers
{
    private const int MaxRemembered = 10_000;

    // Clients ask by short addresses; the others would fill the memory.
    private const int MaxTarget = 512;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly IMicroblogStore store;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<(string Reader, string Target), Known> remembered = new();

    internal KnownAnswers(IMicroblogStore store, TimeProvider clock) => (this.store, this.clock) = (store, clock);

    /// <summary>The store's stamp, to be asked for before reading.</summary>
    /// <returns><see langword="null"/> where it would be of no use.</returns>
    public ValueTask<long?> StampAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Method is "GET" or "HEAD" && request.Headers.ContainsKey("If-None-Match") ? store.StampAsync(cancellationToken) : new((long?)null);
    }

    /// <summary>Whether the client has what it would get.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reader">For whom the answer is; empty for the public. It is another one for everybody.</param>
    /// <param name="stamp">From before.</param>
    /// <param name="tag">The answer's tag.</param>
    public bool IsKnown(NodeRequest request, string reader, long? stamp, out string tag)
    {
        ArgumentNullException.ThrowIfNull(request);
        tag = "";
        if (stamp is null || !remembered.TryGetValue((reader, request.RawTarget), out var known) || known.Stamp != stamp || known.Until < clock.GetUtcNow())
            return false;
        tag = known.Tag;
        return Conditional.IsKnown(request, tag);
    }

    /// <summary>Remembers the tag of an answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reader">As for <see cref="IsKnown"/>.</param>
    /// <param name="stamp">From before anything was read.</param>
    /// <param name="response">The answer; one without a tag, or other than 200 and 304, is not remembered.</param>
    public void Remember(NodeRequest request, string reader, long? stamp, NodeResponse response)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(response);
        // Signed requests may have all in the query; these are new each time, and are never found.
        if (stamp is null || request.RawTarget.Length > MaxTarget || response.Status is not (200 or 304)
            || response.Headers.FirstOrDefault(header => header.Key == "ETag").Value is not { } tag)
            return;
        // Forgetting everything now and then is simpler than an order of use, and costs one answer each.
        if (remembered.Count >= MaxRemembered)
            remembered.Clear();
        remembered[(reader, request.RawTarget)] = new Known(stamp.Value, tag, clock.GetUtcNow() + Lifetime);
    }

    private sealed record Known(long Stamp, string Tag, DateTimeOffset Until);
}
