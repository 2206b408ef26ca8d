using System.Diagnostics;
using System.Net;
using Microblog.Diagnostics;
using Microblog.Moderation;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.Remote;

/// <summary>The one door out: every request to another server goes through here.</summary>
/// <remarks>The address is checked when dialling, after DNS. Redirects, bytes and time are limited; cookies, proxies and trace headers
/// are not used. Peers' failures are results, never exceptions. Safe for concurrent use; one per node.</remarks>
public sealed class RemoteClient : IDisposable
{
    private readonly RemoteOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly AddressGuard _guard;
    private readonly HttpMessageInvoker _http;

    /// <summary>Opens the door.</summary>
    /// <param name="options">The limits of the node.</param>
    /// <param name="clock">Measures the timeouts.</param>
    /// <param name="logger">Hears of every request without an answer.</param>
    /// <param name="handler">A simulated network in place of sockets; it must not follow redirects. Only hosts written as addresses
    /// can be checked then, since nothing is dialled here. Not disposed.</param>
    public RemoteClient(IOptions<RemoteOptions> options, TimeProvider clock, ILogger<RemoteClient> logger, HttpMessageHandler? handler = null)
        : this(options, clock, logger, handler, GuardedDialer.ResolveByDnsAsync)
    {
    }

    internal RemoteClient(
        IOptions<RemoteOptions> options, TimeProvider clock, ILogger<RemoteClient> logger, HttpMessageHandler? handler, ResolveHost resolve)
    {
        _options = options.Value;
        _clock = clock;
        _logger = logger;
        Peers = new PeerObservations(clock);
        _guard = new AddressGuard(_options.AllowRequestsToLoopbackAddresses, _options.AllowRequestsToPrivateNetworks);
        _http = handler is null
            ? new HttpMessageInvoker(CreateHandler(new GuardedDialer(_guard, resolve, clock)))
            : new HttpMessageInvoker(handler, disposeHandler: false);

        if (_options.AllowRequestsToLoopbackAddresses)
            logger.LoopbackIsOpen();
        if (_options.AllowRequestsToPrivateNetworks)
            logger.PrivateNetworksAreOpen();
    }

    /// <summary>What the answers have shown about this machine.</summary>
    internal PeerObservations Peers { get; }

    /// <summary>Knows the hosts that the operator has blocked; <see langword="null"/> when nobody is.</summary>
    internal FederationGate? Gate { get; init; }

    /// <summary>Sends the request and reads the whole answer, within the limits.</summary>
    /// <exception cref="ArgumentException">The address is relative, or a header cannot be sent: the caller's mistakes.</exception>
    /// <exception cref="OperationCanceledException">The caller's own token was cancelled.</exception>
    /// <exception cref="Storage.StoreException">Which hosts are blocked could not be read.</exception>
    public async ValueTask<RemoteResult> SendAsync(RemoteRequest request, CancellationToken cancellationToken)
    {
        if (!request.Uri.IsAbsoluteUri)
            throw new ArgumentException("The address of a remote request must be absolute.", nameof(request));

        using var activity = MicroblogTelemetry.Activities.StartActivity("microblog.remote", ActivityKind.Client);
        var started = _clock.GetTimestamp();
        using var limit = new CancellationTokenSource(request.Timeout ?? _options.Timeout, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);

        RemoteResult result;
        try
        {
            result = await FollowAsync(request, both.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (RemoteFailures.IsPeers(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            result = limit.IsCancellationRequested || e is OperationCanceledException
                ? new RemoteResult.Failed(RemoteFailure.TimedOut, $"{request.Uri.Host} did not answer completely in time")
                : RemoteFailures.From(e, request.Uri);
        }

        if (result is RemoteResult.Failed failed)
            _logger.NoAnswer(request.Uri.Host, failed.Reason, failed.Detail);
        Peers.Note(request, result);
        RemoteMetrics.Record(activity, request, result, _clock.GetElapsedTime(started));
        return result;
    }

    /// <summary>Closes idle connections.</summary>
    public void Dispose() => _http.Dispose();

    private async ValueTask<RemoteResult> FollowAsync(RemoteRequest request, CancellationToken cancellationToken)
    {
        var maxRedirects = request.Method == HttpMethod.Get || request.Method == HttpMethod.Head
            ? request.MaxRedirects ?? _options.MaxRedirects
            : 0;

        var uri = request.Uri;
        for (var redirects = 0; ; redirects++)
        {
            if (Refuse(uri) is { } refused)
                return refused;
            if (Gate is not null && !await Gate.IsOpenAsync(WebAddress.HostOf(uri.AbsoluteUri), cancellationToken).ConfigureAwait(false))
                return new RemoteResult.Failed(RemoteFailure.Blocked, $"the operator of this node lets nothing be exchanged with {uri.Host}");
            if (request.Budget?.TryTakeRequest() == false)
                return new RemoteResult.Failed(RemoteFailure.BudgetSpent, "too many requests for one cause");

            using var message = CreateMessage(request, uri);
            using var response = await _http.SendAsync(message, cancellationToken).ConfigureAwait(false);
            if (maxRedirects == 0 || !IsRedirect(response.StatusCode))
                return await RemoteAnswer.ReadAsync(response, uri, request, _options, _clock, cancellationToken).ConfigureAwait(false);
            if (redirects == maxRedirects)
                return new RemoteResult.Failed(RemoteFailure.TooManyRedirects, $"more than {maxRedirects} redirects, the last one at {uri.Host}");
            if (Next(request, uri, response, out var next) is { } bad)
                return bad;
            uri = next;
        }
    }

    private RemoteResult.Failed? Refuse(Uri uri)
    {
        if (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            return new RemoteResult.Failed(RemoteFailure.Scheme, $"{uri.Scheme} is neither http nor https");

        // The dialler would refuse it as well; a simulated network has no dialler.
        return IPAddress.TryParse(uri.DnsSafeHost, out var literal) && !_guard.Allows(literal)
            ? new RemoteResult.Failed(RemoteFailure.ForbiddenAddress, $"{uri.Host} is an address that this node may not contact")
            : null;
    }

    private static RemoteResult.Failed? Next(RemoteRequest request, Uri from, HttpResponseMessage response, out Uri next)
    {
        next = from;
        if (!response.Headers.NonValidated.TryGetValues("Location", out var values)
            || !Uri.TryCreate(from, values.First().Trim(), out var to))
            return new RemoteResult.Failed(RemoteFailure.BadRedirect, $"{from.Host} redirects without a usable address");
        if (request.NoDowngrade && from.Scheme == Uri.UriSchemeHttps && to.Scheme == Uri.UriSchemeHttp)
            return new RemoteResult.Failed(RemoteFailure.Downgrade, $"{from.Host} redirects from https to http at {to.Host}");
        if (request.MayFollow?.Invoke(from, to) == false)
            return new RemoteResult.Failed(RemoteFailure.BadRedirect, $"the redirect from {from.Host} to {to.Host} was not accepted");
        next = to;
        return null;
    }

    private HttpRequestMessage CreateMessage(RemoteRequest request, Uri uri)
    {
        var message = new HttpRequestMessage(request.Method, uri);
        Add(message, "User-Agent", _options.UserAgent);
        if (request.Accept is { } accept)
            Add(message, "Accept", accept);
        if (SameOrigin(uri, request.Uri))
        {
            foreach (var (name, value) in request.Headers)
                Add(message, name, value);
        }

        if (!request.Body.IsEmpty)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            if (request.ContentType is { } type)
                message.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return message;
    }

    // Not validated, because Accept must arrive exactly as written (OMB Q6); line breaks would start a header of their own.
    private static void Add(HttpRequestMessage message, string name, string value)
    {
        if (value.AsSpan().ContainsAny('\r', '\n', '\0') || !message.Headers.TryAddWithoutValidation(name, value))
            throw new ArgumentException($"The header {name} cannot be sent.", nameof(value));
    }

    private static bool SameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.Host, other.Host, StringComparison.OrdinalIgnoreCase);

    private static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    private static SocketsHttpHandler CreateHandler(GuardedDialer dialer) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,      // a proxy would look the name up again, behind our check
        AutomaticDecompression = DecompressionMethods.All,
        MaxResponseHeadersLength = 32,
        MaxResponseDrainSize = 0,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        ConnectCallback = (context, ct) => dialer.DialAsync(context.DnsEndPoint, ct),
    };
}
