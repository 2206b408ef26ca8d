using Microblog.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Microblog.AspNetCore.Hosting;

/// <summary>A request's body as it comes, bounded in size and time, for a route that reads it itself.</summary>
internal sealed class UploadStream : Stream
{
    private readonly Stream inner;
    private readonly CancellationTokenSource time;
    private readonly HttpContext context;
    private readonly int limit;
    private long count;

    private UploadStream(HttpContext context, int limit, TimeSpan timeout)
    {
        (this.context, this.limit, inner) = (context, limit, context.Request.Body);
        time = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        time.CancelAfter(timeout);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Opens the body, or says why it is not even begun with.</summary>
    public static (UploadStream? Stream, NodeResponse? Refusal) Open(HttpContext context, int limit, TimeSpan timeout)
    {
        if (RequestBody.IsEncoded(context.Request))
            return (null, NodeResponse.Text(415, "Send the body without Content-Encoding."));
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = limit + 65_536L;
        return context.Request.ContentLength > limit
            ? (null, NodeResponse.Text(413, TooLarge(limit)).With("Connection", "close"))
            : (new UploadStream(context, limit, timeout), null);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await inner.ReadAsync(buffer, time.Token).ConfigureAwait(false);
            count += read;
            return count <= limit ? read : throw new NodeBodyException(413, TooLarge(limit));
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new NodeBodyException(408, "The body took too long.");
        }
        catch (BadHttpRequestException e)
        {
            throw e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? new NodeBodyException(413, TooLarge(limit))
                : new NodeBodyException(e.StatusCode, "The body could not be read.");
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            time.Dispose();
        base.Dispose(disposing);
    }

    private static string TooLarge(int limit) => $"The body is larger than {limit} bytes.";
}
