using System.Net;
using Microblog.Federation.Tests;

namespace Microblog.Cluster.Tests.Chaos;

/// <summary>Somebody who writes one numbered notice after the other, whatever happens, and knows which of them were acknowledged.</summary>
internal sealed class Author(string name, Uri node, int seed) : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(400);

    private readonly Browser browser = new(null);
    private readonly Random random = new(seed);
    private readonly List<int> acknowledged = [];
    private int last;

    public string Name => name;

    /// <summary>Those whose home has to show what this one writes: a name for messages, and what they read.</summary>
    public List<(string Name, Func<Task<IReadOnlyList<string>>> ReadAsync)> Listeners { get; } = [];

    public int Attempts => last;

    public IReadOnlyList<int> Acknowledged => acknowledged;

    public Task JoinAsync() => browser.JoinAsync(node, name);

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        await browser.OpenAsync(new Uri(node, "home"));
        while (!cancellationToken.IsCancellationRequested)
        {
            last++;
            if (await IsAcknowledgedAsync($"{name} {last}"))
                acknowledged.Add(last);
            await Task.Delay(LongestPause * random.NextDouble(), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What is wrong with what a listener has from this author, or nothing.</summary>
    public async Task<string?> ObjectionAsync(string listener, Func<Task<IReadOnlyList<string>>> readAsync)
    {
        var heard = (await readAsync()).Where(content => content.StartsWith(name + " ", StringComparison.Ordinal))
            .Select(content => int.Parse(content.AsSpan(name.Length + 1), null)).ToList();
        if (heard.GroupBy(number => number).FirstOrDefault(same => same.Count() > 1) is { } doubled)
            return $"{listener} has number {doubled.Key} of {name} {doubled.Count()} times.";
        if (acknowledged.Except(heard).ToList() is { Count: > 0 } missing)
            return $"{listener} misses {missing.Count} of {acknowledged.Count} notices of {name}, from number {missing[0]} to {missing[^1]}.";
        // What was not acknowledged may have come to pass while the next one was written already.
        var promised = heard.Intersect(acknowledged).ToList();
        for (var i = 1; i < promised.Count; i++)
        {
            if (promised[i] < promised[i - 1])
                return $"{listener} has number {promised[i]} of {name} after number {promised[i - 1]}.";
        }

        return null;
    }

    public void Dispose() => browser.Dispose();

    private async Task<bool> IsAcknowledgedAsync(string content)
    {
        try
        {
            var status = await browser.PostAsync(("content", content));
            // Anything but a redirection or a server's trouble would be a mistake of ours.
            Assert.True(status is HttpStatusCode.SeeOther or HttpStatusCode.Found || (int)status >= 500, $"{name} was answered {status}.");
            return (int)status < 400;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
