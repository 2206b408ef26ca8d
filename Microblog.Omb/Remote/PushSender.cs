using System.Text;
using Microblog.Delivery;
using Microblog.Diagnostics;
using Microblog.Identity;
using Microblog.Omb.OAuth;
using Microblog.Remote;
using Microblog.Storage;
using Microblog.Text;
using Microsoft.Extensions.Logging;

namespace Microblog.Omb.Remote;

/// <summary>Sends one push to one address and does what the answer says: the table in openmicroblogging.md §9.</summary>
internal sealed class PushSender(
    SignedPoster poster, EndpointRediscovery rediscovery, IMicroblogStore store, ISecretProtector protector, TimeProvider clock,
    ILogger<PushSender> logger)
{
    private static readonly byte[] Version = Encoding.ASCII.GetBytes(OmbNames.ProtocolVersion);

    // Escaped, as some peers write it in a form-encoded answer.
    private static readonly byte[] EscapedVersion = Encoding.ASCII.GetBytes(PercentEncoding.Encode(OmbNames.ProtocolVersion));

    /// <summary>Sends with the first token that the address takes; a token that is answered 403 ends its subscription and nobody else's (OMB-132).</summary>
    /// <param name="url">postNotice or updateProfile address.</param>
    /// <param name="fields">The message.</param>
    /// <param name="subscriptions">Whose tokens may sign, oldest first; those that end are removed.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask<DeliveryOutcome> SendAsync(
        string url, IReadOnlyList<KeyValuePair<string, string>> fields, List<Subscription> subscriptions, CancellationToken cancellationToken)
    {
        DeliveryOutcome held = new DeliveryOutcome.Gone("nobody listens there any more");
        for (var i = 0; i < subscriptions.Count;)
        {
            var subscription = subscriptions[i];
            if (protector.Unprotect(subscription.ProtectedSecret.Span) is not { } secret)
            {
                held = new DeliveryOutcome.TryAgain("The token's secret cannot be read: the key that protects it is missing.", null, false);
                i++;
                continue;
            }

            var token = new TokenCredentials(subscription.Token, Encoding.UTF8.GetString(secret));
            var result = await SendAsync(url, fields, token, cancellationToken).ConfigureAwait(false);
            switch (result)
            {
                case RemoteResult.Answered { Status: 403 }:
                    await EndAsync(url, subscription, cancellationToken).ConfigureAwait(false);
                    subscriptions.RemoveAt(i);
                    break;
                case RemoteResult.Answered { Status: 401 } refused:
                    // This token does not work there, perhaps another one does (OMB-133).
                    held = new DeliveryOutcome.TryAgain(WithReference("401: the other service does not take our signature.", refused), null, false);
                    i++;
                    break;
                case RemoteResult.Answered { Status: 404 or 410 }
                    when await rediscovery.TryMoveAsync(subscriptions, cancellationToken).ConfigureAwait(false):
                    return new DeliveryOutcome.TryAgain("The other service has moved its address.", null, false);
                default:
                    return Judge(url, result);
            }
        }

        return held;
    }

    // The first 403 or 401 in a row may be a clock problem (Q74), so either counts only after one more try with the peer's own time.
    private async ValueTask<RemoteResult> SendAsync(
        string url, IReadOnlyList<KeyValuePair<string, string>> fields, TokenCredentials token, CancellationToken cancellationToken)
    {
        RemoteResult.Answered? previous = null;
        for (var tries = 1; ; tries++)
        {
            var result = await poster.PostAsync(url, fields, token, previous?.Date, cancellationToken).ConfigureAwait(false);
            if (result is not RemoteResult.Answered { Status: 401 or 403 } refused || refused.Status == previous?.Status)
                return result;
            // It cannot make up its mind, and only two 403 in a row end a subscription.
            if (previous is not null && tries == 3)
                return refused.Status == 401 ? refused : previous;
            previous = refused;
        }
    }

    private DeliveryOutcome Judge(string url, RemoteResult result)
    {
        switch (result)
        {
            case RemoteResult.Answered { Status: 200 } answered:
                // Without the version it counts all the same: sending it again would double it at tolerant peers (OMB-135).
                if (answered.Body.Span.IndexOf(Version) < 0 && answered.Body.Span.IndexOf(EscapedVersion) < 0)
                    logger.AnsweredWithoutVersion(url);
                return DeliveryOutcome.Delivered;
            case RemoteResult.Answered { Status: 500 } known when known.Body.Span.IndexOf("Duplicate notice"u8) >= 0:
                // StatusNet has it already: our last try arrived and its answer did not (Q76).
                return DeliveryOutcome.Delivered;
            case RemoteResult.Answered { Status: 400 or 404 or 410 or 413 } answered:
                return new DeliveryOutcome.Refused(Reason(answered));
            case RemoteResult.Answered answered:
                // A redirect of a signed body is not followed: the signature covers the address (OMB-136).
                var notBefore = answered.RetryAfter is { } wait ? clock.GetUtcNow() + wait : (DateTimeOffset?)null;
                return new DeliveryOutcome.TryAgain(Reason(answered), notBefore, IsDestinationFailing: answered.Status >= 500);
            case RemoteResult.Failed { Reason: RemoteFailure.Blocked } blocked:
                return new DeliveryOutcome.Refused($"Blocked: {blocked.Detail}");
            case RemoteResult.Failed failed:
                return new DeliveryOutcome.TryAgain($"{InWords(failed.Reason)}: {failed.Detail}", null, IsDestinationFailing: true);
            default:
                throw new InvalidOperationException("RemoteResult is a closed family.");
        }
    }

    private async ValueTask EndAsync(string url, Subscription subscription, CancellationToken cancellationToken)
    {
        await store.ExecuteAsync(
            (session, ct) => session.Subscriptions.EndAsync(subscription.Id, ct), cancellationToken).ConfigureAwait(false);
        logger.SubscriptionEnded(url, 403, subscription.Id);
    }

    // Authors read it as well.
    private static string InWords(RemoteFailure reason) => reason switch
    {
        RemoteFailure.ForbiddenAddress => "This node may not go there",
        RemoteFailure.NameNotFound => "The name has no address",
        RemoteFailure.ConnectionFailed => "No connection",
        RemoteFailure.TimedOut => "No answer in time",
        RemoteFailure.TooLarge => "The answer is too large",
        _ => "The answer makes no sense",
    };

    // What the other side says about it, for the operator: one line, printable, short.
    private static string Reason(RemoteResult.Answered answered)
    {
        var body = Encoding.UTF8.GetString(answered.Body.Span[..Math.Min(answered.Body.Length, 400)]);
        var line = OneLine.Of(body, 200);
        return WithReference(line.Length == 0 ? $"{answered.Status}" : $"{answered.Status}: {line}", answered);
    }

    // By which the other operator can look it up, if it is a node like this one.
    private static string WithReference(string reason, RemoteResult.Answered answered) =>
        answered.Header(RefusalLog.HeaderName) is { Length: > 0 and <= 40 } reference && reference.All(char.IsAsciiLetterOrDigit)
            && !reason.Contains(reference, StringComparison.Ordinal) ? $"{reason} Their reference: {reference}." : reason;
}
