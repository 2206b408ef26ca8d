namespace Microblog.Remote;

/// <summary>How much the network may be used for one cause, such as one profile that somebody typed in.</summary>
/// <remarks>Keeps a small inbound request from making us send many. Safe for concurrent use; nothing is ever given back.</remarks>
public sealed class FetchBudget
{
    private long _requests;
    private long _bytes;

    /// <summary>A full budget.</summary>
    /// <param name="requests">Requests that may be sent, each redirect counted.</param>
    /// <param name="bytes">Bytes of bodies that may be received, after decompression.</param>
    public FetchBudget(int requests, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(requests);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        _requests = requests;
        _bytes = bytes;
    }

    /// <summary>Requests left.</summary>
    public int RequestsLeft => (int)Math.Max(0, Interlocked.Read(ref _requests));

    /// <summary>Bytes left.</summary>
    public long BytesLeft => Math.Max(0, Interlocked.Read(ref _bytes));

    internal bool TryTakeRequest() => Interlocked.Decrement(ref _requests) >= 0;

    internal bool TryTakeBytes(int count) => Interlocked.Add(ref _bytes, -count) >= 0;
}
