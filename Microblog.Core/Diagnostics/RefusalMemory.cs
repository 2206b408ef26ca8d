using System.Net;
using Microblog.Http;

namespace Microblog.Diagnostics;

/// <summary>The newest refusals, of which no sender has more than its share: a flood takes the place of the flood.</summary>
/// <remarks>Not safe for concurrent use. Adding costs a few steps; where a sender has its whole share, a walk over what is kept at most.</remarks>
internal sealed class RefusalMemory
{
    private readonly LinkedList<Entry> oldestFirst = [];
    private readonly Dictionary<(string Sender, string Reason), Queue<LinkedListNode<Entry>>> alike = [];
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);

    public void Add(IPAddress? address, NotedRefusal noted)
    {
        var sender = ClientNetwork.Of(address);
        var key = (sender, noted.Refusal.Reason);
        if (alike.TryGetValue(key, out var same) && same.Count == RefusalLog.KeptAlike)
            Forget(same.Peek());
        else if (counts.GetValueOrDefault(sender) == RefusalLog.KeptPerAddress)
            Forget(OldestOf(sender));
        else if (oldestFirst.Count == RefusalLog.Kept)
            Forget(oldestFirst.First!);

        if (!alike.TryGetValue(key, out same))
            alike[key] = same = new Queue<LinkedListNode<Entry>>();
        same.Enqueue(oldestFirst.AddLast(new Entry(sender, noted)));
        counts[sender] = counts.GetValueOrDefault(sender) + 1;
    }

    public IEnumerable<NotedRefusal> NewestFirst()
    {
        for (var node = oldestFirst.Last; node is not null; node = node.Previous)
            yield return node.Value.Noted;
    }

    private LinkedListNode<Entry> OldestOf(string sender)
    {
        var node = oldestFirst.First!;
        while (node.Value.Sender != sender)
            node = node.Next!;
        return node;
    }

    // Whichever goes is the oldest of its kind, so it is the first in its queue.
    private void Forget(LinkedListNode<Entry> node)
    {
        var (sender, noted) = node.Value;
        oldestFirst.Remove(node);
        var same = alike[(sender, noted.Refusal.Reason)];
        same.Dequeue();
        if (same.Count == 0)
            alike.Remove((sender, noted.Refusal.Reason));
        if (--counts[sender] == 0)
            counts.Remove(sender);
    }

    private sealed record Entry(string Sender, NotedRefusal Noted);
}
