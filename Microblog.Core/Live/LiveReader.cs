using Microblog.Delivery;
using Microblog.Scheduling;
using Microblog.Storage;

namespace Microblog.Live;

/// <summary>One open stream: how far it has come, and what waits to be written. The feed fills it, one call at a time; its connection empties it.</summary>
/// <param name="list">What it shows.</param>
/// <param name="position">All up to here it has had.</param>
/// <param name="holder">By whom it is counted.</param>
/// <param name="until">When it ends, so that the browser comes again and shows anew who it is.</param>
/// <param name="starter">Starts what goes on.</param>
internal sealed class LiveReader(LiveList list, TimelinePosition position, string holder, DateTimeOffset until, TaskStarter starter) : IDisposable
{
    /// <summary>Most events that wait for a slow connection: room for the longest page.</summary>
    public const int Capacity = PageRequest.MaxCount + 56;

    private readonly Lock gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> waiting = [];
    private readonly WakeUp wake = new(starter);
    private readonly CancellationTokenSource ending = new();
    private HashSet<TimelinePosition>? ahead;

    public LiveList List => list;

    public string Holder => holder;

    public DateTimeOffset Until => until;

    /// <summary>All up to here it has had.</summary>
    public TimelinePosition Position { get; private set; } = position;

    /// <summary>Whether it has not had what stands there.</summary>
    public bool Lacks(TimelinePosition item) => item > Position && ahead?.Contains(item) != true;

    /// <summary>Sends an item. A lower one may still come, as long as <see cref="MoveTo"/> has not said otherwise.</summary>
    public void Send(TimelinePosition item, ReadOnlyMemory<byte> text)
    {
        Send(text);
        (ahead ??= []).Add(item);
    }

    /// <summary>Sends something that stands nowhere. Whoever takes nothing off is cut off; the browser comes again and goes on where it was.</summary>
    public void Send(ReadOnlyMemory<byte> text)
    {
        bool isFull;
        lock (gate)
        {
            isFull = waiting.Count == Capacity;
            if (!isFull)
                waiting.Enqueue(text);
        }

        if (isFull)
            End();
        else
            wake.Set();
    }

    /// <summary>Says that nothing comes any more at the position and before.</summary>
    public void MoveTo(TimelinePosition next)
    {
        if (next > Position)
            Position = next;
        if (ahead?.RemoveWhere(item => item <= Position) > 0 && ahead.Count == 0)
            ahead = null;
    }

    /// <summary>Ends the stream: at once, also in the middle of a write that nobody takes off.</summary>
    public void End()
    {
        ending.Cancel();
        wake.Set();
    }

    /// <summary>Writes what comes, until the end.</summary>
    /// <exception cref="OperationCanceledException">The client has gone, or was cut off with something still to be written.</exception>
    public async ValueTask WriteToAsync(Stream output, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ending.Token);
        await output.WriteAsync(LiveEvents.Opening, either.Token).ConfigureAwait(false);
        await output.FlushAsync(either.Token).ConfigureAwait(false);
        while (true)
        {
            while (TryTake(out var text))
                await output.WriteAsync(text, either.Token).ConfigureAwait(false);
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (ending.IsCancellationRequested)
                return;
            await wake.WaitAsync(Timeout.InfiniteTimeSpan, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the stream. The source itself has nothing to dispose.</summary>
    public void Dispose() => End();

    private bool TryTake(out ReadOnlyMemory<byte> text)
    {
        lock (gate)
            return waiting.TryDequeue(out text);
    }
}
