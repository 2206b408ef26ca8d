using Microblog.Http;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Access;

/// <summary>Finds out who calls, by OAuth or by HTTP Basic.</summary>
internal sealed class CallerFinder(TimeProvider clock)
{
    /// <summary>Who calls. Credentials that are sent are always checked, also where none are needed.</summary>
    /// <param name="request">With its body, if that is a form.</param>
    /// <param name="isWrite">Whether it changes something; then its nonce is remembered for every process before anything happens.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The caller, nobody, or why the credentials are refused.</returns>
    public ValueTask<(Caller? Caller, ApiRefusal? Refusal)> FindAsync(NodeRequest request, bool isWrite, CancellationToken cancellationToken) =>
        new((null, request.Headers.ContainsKey("Authorization") ? ApiRefusal.Unauthorized($"Nobody can prove who they are yet, {clock.GetUtcNow()}.") : null));
}
