using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Microblog.Testing.Conformance.Wire;

/// <summary>Sends requests as they are given, one per connection, and keeps what went over the wire. Follows nothing, remembers nothing.</summary>
public sealed class WireClient : IDisposable
{
    private const int MaxBody = 1024 * 1024;
    private static readonly HttpRequestOptionsKey<WireExchange> ExchangeKey = new("exchange");
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };
    private readonly HttpMessageInvoker invoker;
    private readonly TimeSpan timeout;
    private readonly TimeProvider clock;

    internal WireClient(Uri service, TimeSpan timeout, TimeProvider clock)
    {
        (Service, this.timeout, this.clock) = (service, timeout, clock);
        invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            // A connection is used once, so that its bytes are those of one exchange.
            PooledConnectionLifetime = TimeSpan.Zero,
            // Above TLS and below HTTP.
            PlaintextStreamFilter = (context, _) => new(
                context.InitialRequestMessage.Options.TryGetValue(ExchangeKey, out var exchange)
                    ? new RecordingStream(context.PlaintextStream, exchange)
                    : context.PlaintextStream),
        });
    }

    /// <summary>The service under test: what signs its person in is for it alone, whatever address it names.</summary>
    internal Uri Service { get; }

    /// <summary>Fetches an address.</summary>
    public Task<WireReply> GetAsync(string address, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken cancellationToken) =>
        SendAsync("GET", address, headers, null, cancellationToken);

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="address">An absolute http or https address; path and query go out as written, so only printable ASCII without spaces may be in it.</param>
    /// <param name="headers">Header lines; <c>Content-Type</c> is a form's unless it is among them.</param>
    /// <param name="body">The body; <see langword="null"/> for none.</param>
    /// <returns>The answer; one with <see cref="WireReply.Problem"/> when there was none that could be read.</returns>
    public async Task<WireReply> SendAsync(
        string method, string address, IEnumerable<KeyValuePair<string, string>> headers, byte[]? body, CancellationToken cancellationToken)
    {
        var exchange = new WireExchange(address);
        if (!WireText.IsPrintable(address))
            return WireReply.Failed(exchange, $"'{address}' has a character that cannot stand in an address");
        if (!Uri.TryCreate(address, AsWritten, out var uri) || uri.Scheme is not ("http" or "https"))
            return WireReply.Failed(exchange, $"'{address}' is no http or https address");
        using var request = Compose(method, uri, headers, body, exchange);
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var response = await invoker.SendAsync(request, both.Token).ConfigureAwait(false);
            var read = await ReadAsync(response, both.Token).ConfigureAwait(false);
            return read is null
                ? WireReply.Failed(exchange, "the body is larger than a megabyte")
                : new WireReply(exchange, uri, (int)response.StatusCode, Headers(response), read);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return WireReply.Failed(exchange, $"no answer within {timeout.TotalSeconds:0.#} seconds") with { HasTimedOut = true };
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return WireReply.Failed(exchange, e.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => invoker.Dispose();

    private static HttpRequestMessage Compose(
        string method, Uri uri, IEnumerable<KeyValuePair<string, string>> headers, byte[]? body, WireExchange exchange)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), uri);
        request.Options.Set(ExchangeKey, exchange);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        }

        foreach (var (name, value) in headers)
        {
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && request.Content is { } content)
                content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static List<KeyValuePair<string, string>> Headers(HttpResponseMessage response) =>
        [.. response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .SelectMany(h => h.Value.Select(value => new KeyValuePair<string, string>(h.Key, value)))];

    private static async Task<byte[]?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var body = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                if (body.Length + count > MaxBody)
                    return null;
                body.Write(buffer, 0, count);
            }

            return body.ToArray();
        }
    }
}
