using System.Buffers;
using System.IO.Pipelines;
using Microblog.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Microblog.AspNetCore.Hosting;

/// <summary>A request's body, bounded in size and time. Where it lies in one piece in the server's buffer it is not copied.</summary>
internal sealed class RequestBody(HttpContext context, int limit, TimeSpan timeout)
{
    private ReadOnlySequence<byte> held;
    private byte[]? rented;
    private bool isHeld;

    /// <summary>The bytes, valid until <see cref="Release"/>.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>Reads the body to its end.</summary>
    /// <returns>The refusal, or <see langword="null"/> when <see cref="Bytes"/> holds all of it.</returns>
    public ValueTask<NodeResponse?> ReadAsync()
    {
        var request = context.Request;
        // A compressed body would have to be inflated before its size is known; nobody needs it for forms.
        if (IsEncoded(request))
            return new(NodeResponse.Text(415, "Send the body without Content-Encoding."));
        // We count what arrives. This is for what we refuse, which the server would otherwise swallow to keep the connection;
        // it counts the frames of chunks as well, so it needs room.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = (limit * 8L) + 65_536;
        if (request.ContentLength > limit)
            return new(TooLarge());
        if (request.ContentLength == 0)
            return default;
        try
        {
            // Mostly all of it has come with the header.
            return request.BodyReader.TryRead(out var result) && Accept(result) is { } done ? new(done.Refusal) : new(WaitAsync());
        }
        catch (BadHttpRequestException e)
        {
            return new(Refuse(e));
        }
    }

    /// <summary>Gives the bytes back to the server.</summary>
    public void Release()
    {
        if (isHeld)
            context.Request.BodyReader.AdvanceTo(held.End);
        isHeld = false;
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        rented = null;
    }

    private async Task<NodeResponse?> WaitAsync()
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        time.CancelAfter(timeout);
        try
        {
            while (true)
            {
                var result = await context.Request.BodyReader.ReadAsync(time.Token).ConfigureAwait(false);
                if (Accept(result) is { } done)
                    return done.Refusal;
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return Refuse(408, "The body took too long.");
        }
        catch (BadHttpRequestException e)
        {
            return Refuse(e);
        }
    }

    // Either everything is there, or it was refused; null to go on reading.
    private (NodeResponse? Refusal, bool IsDone)? Accept(ReadResult result)
    {
        var buffer = result.Buffer;
        if (buffer.Length > limit)
        {
            context.Request.BodyReader.AdvanceTo(buffer.End);
            return (TooLarge(), true);
        }

        if (!result.IsCompleted && buffer.Length != context.Request.ContentLength)
        {
            context.Request.BodyReader.AdvanceTo(buffer.Start, buffer.End);
            return null;
        }

        (held, isHeld) = (buffer, true);
        Bytes = buffer.IsSingleSegment ? buffer.First : Copy(buffer);
        return (null, true);
    }

    private ReadOnlyMemory<byte> Copy(ReadOnlySequence<byte> buffer)
    {
        rented = ArrayPool<byte>.Shared.Rent((int)buffer.Length);
        buffer.CopyTo(rented);
        return rented.AsMemory(0, (int)buffer.Length);
    }

    private NodeResponse Refuse(BadHttpRequestException e) =>
        e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge() : Refuse(e.StatusCode, "The body could not be read.");

    private NodeResponse TooLarge() => Refuse(413, $"The body is larger than {limit} bytes.");

    private static NodeResponse Refuse(int status, string text) => NodeResponse.Text(status, text).With("Connection", "close");

    /// <summary>Whether the body is compressed.</summary>
    public static bool IsEncoded(HttpRequest request) =>
        request.Headers.ContentEncoding is { Count: > 0 } encoding && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase);
}
