using System.Buffers;

namespace Microblog.Remote;

/// <summary>Reads an HTTP response into a result, never more of it than allowed.</summary>
internal static class RemoteAnswer
{
    public static async ValueTask<RemoteResult> ReadAsync(
        HttpResponseMessage response, Uri uri, RemoteRequest request, RemoteOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var maxBytes = request.MaxBytes ?? options.MaxBytes;

        // Only an early exit: a compressed or chunked body has no length, and a stated one may lie.
        if (request.Method != HttpMethod.Head && response.Content.Headers.ContentLength > maxBytes)
            return TooLarge(uri, maxBytes);

        var body = new ArrayBufferWriter<byte>();
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            while (await stream.ReadAsync(body.GetMemory(4096), cancellationToken).ConfigureAwait(false) is var read and > 0)
            {
                body.Advance(read);
                if (body.WrittenCount > maxBytes)
                    return TooLarge(uri, maxBytes);
                if (request.Budget?.TryTakeBytes(read) == false)
                    return new RemoteResult.Failed(RemoteFailure.BudgetSpent, "too many bytes for one cause");
            }
        }

        var headers = Headers(response);
        return new RemoteResult.Answered
        {
            Status = (int)response.StatusCode,
            FinalUri = uri,
            MediaType = MediaType(headers),
            Headers = headers,
            Body = body.WrittenMemory,
            Date = response.Headers.Date,
            RetryAfter = RetryAfter(response, clock),
        };
    }

    private static RemoteResult.Failed TooLarge(Uri uri, int maxBytes) =>
        new(RemoteFailure.TooLarge, $"{uri.Host} answered with more than {maxBytes} bytes");

    private static Dictionary<string, IReadOnlyList<string>> Headers(HttpResponseMessage response)
    {
        var headers = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.NonValidated)
            headers[name] = [.. values];
        foreach (var (name, values) in response.Content.Headers.NonValidated)
            headers[name] = [.. values];
        return headers;
    }

    // Read from the raw text: the typed property is null as soon as a parameter is malformed.
    private static string MediaType(Dictionary<string, IReadOnlyList<string>> headers)
    {
        if (!headers.TryGetValue("Content-Type", out var values) || values.Count == 0)
            return "";
        var value = values[0].AsSpan();
        var end = value.IndexOf(';');
        return (end < 0 ? value : value[..end]).Trim().ToString().ToLowerInvariant();
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider clock)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - clock.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
