using System.Globalization;
using Microblog.Federation.Tests;
using Microblog.TestServers;

namespace Microblog.Cluster.Tests.Chaos;

/// <summary>Three processes on one PostgreSQL behind a balancer, two foreign nodes, people who write all the time, and everything failing.
/// In the end every acknowledged notice is in every listener's timeline, once, and in the order of its author.</summary>
/// <remarks>The seed decides what fails, when and for how long; the machine decides what it meets.</remarks>
internal sealed class ChaosRun(int seed, TimeSpan duration, Action<string> say) : IAsyncDisposable
{
    private const int AuthorsHere = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly PostgresServer server = PostgresServer.Start(isDurable: false);
    private readonly List<Author> authors = [];
    private readonly List<Browser> listeners = [];
    private readonly long started = TimeProvider.System.GetTimestamp();
    private TestCluster? cluster;
    private List<SampleProcess> foreign = [];
    private int taken;

    public async Task RunAsync()
    {
        Say($"seed {seed}, {duration}");
        await BuildAsync();
        Say($"{authors.Count} authors write, {authors.Sum(author => author.Listeners.Count)} pairs of author and listener");
        var faults = new Faults(new Random(seed), server, cluster!.Processes, foreign, duration > TimeSpan.FromMinutes(2), Say);
        using (var end = new CancellationTokenSource(duration))
            await Task.WhenAll([.. authors.Select(author => author.WriteAsync(end.Token)), faults.RunAsync(end.Token)]);
        await Task.WhenAll(cluster.Processes.Concat(foreign).Select(process => process.WaitUntilUpAsync()));
        Say("all is healed");
        await CheckAsync();
        Report(faults);
    }

    public async ValueTask DisposeAsync()
    {
        authors.ForEach(author => author.Dispose());
        listeners.ForEach(listener => listener.Dispose());
        if (cluster is not null)
            await cluster.DisposeAsync();
        server.Dispose();
    }

    private async Task BuildAsync()
    {
        // What waits in the field for minutes and hours waits for seconds here.
        cluster = new TestCluster(
            server, "--delivery:firstRetry", "00:00:00.5", "--delivery:longestRetry", "00:00:04", "--delivery:leaseDuration", "00:00:30", "--store:heartbeat", "00:00:01");
        foreign = [cluster.CreateForeign(), cluster.CreateForeign()];
        foreign.ForEach(node => node.Heard = Count);
        foreign.ForEach(node => node.Launch());
        await cluster.StartAsync("both", "web", "both");
        await Task.WhenAll(foreign.Select(node => node.WaitUntilUpAsync()));
        await Task.WhenAll(Enumerable.Range(1, AuthorsHere).Select(i => AddAuthorAsync($"author{i}", cluster.Address, i)));
        await Task.WhenAll(foreign.Select((node, i) => AddAuthorAsync($"stranger{i + 1}", node.Address, AuthorsHere + i + 1)));
        await Task.WhenAll(
            AddListenerAsync("lena", cluster.Address, () => cluster.HomeAsync("lena")),
            AddListenerAsync("fritz", foreign[0].Address, () => cluster.ForeignHomeAsync(foreign[0], "fritz")),
            AddListenerAsync("fiona", foreign[1].Address, () => cluster.ForeignHomeAsync(foreign[1], "fiona")));
    }

    private async Task AddAuthorAsync(string name, Uri node, int number)
    {
        var author = new Author(name, node, unchecked((seed * 100) + number));
        lock (authors)
            authors.Add(author);
        await author.JoinAsync();
    }

    /// <summary>Follows every author of the cluster; whoever is of the cluster also follows the strangers.</summary>
    private async Task AddListenerAsync(string name, Uri node, Func<Task<IReadOnlyList<string>>> readAsync)
    {
        var browser = new Browser(null);
        lock (listeners)
            listeners.Add(browser);
        await browser.JoinAsync(node, name);
        foreach (var author in authors)
        {
            var isOfCluster = author.Name.StartsWith("author", StringComparison.Ordinal);
            if (node == cluster!.Address && isOfCluster)
                await browser.FollowAsync(node, author.Name);
            else if (isOfCluster)
                await browser.FollowFromAsync(node, name, cluster.Address, author.Name);
            else if (node == cluster.Address)
                await browser.FollowFromAsync(node, name, AddressOf(author), author.Name);
            else
                continue;
            lock (author.Listeners)
                author.Listeners.Add((name, readAsync));
        }
    }

    private Uri AddressOf(Author stranger) => foreign[int.Parse(stranger.Name.AsSpan("stranger".Length), CultureInfo.InvariantCulture) - 1].Address;

    private async Task CheckAsync()
    {
        foreach (var author in authors)
        {
            foreach (var (name, readAsync) in author.Listeners)
            {
                await Waiting.UntilAsync(
                    () => author.ObjectionAsync(name, readAsync), objection => objection is null, Patience, objection => $"{objection} (seed {seed})");
            }
        }
    }

    private void Report(Faults faults)
    {
        var expected = authors.Where(author => author.Name.StartsWith("author", StringComparison.Ordinal)).ToList();
        foreach (var author in authors)
            Say($"{author.Name}: {author.Acknowledged.Count} acknowledged of {author.Attempts}, heard by {string.Join(", ", author.Listeners.Select(listener => listener.Name))}");
        var stored = expected.Sum(author => author.Acknowledged.Count) * foreign.Count;
        Say($"faults: {faults}");
        Say($"the foreign nodes said yes to {taken} pushes for at least {stored} notices; up to {Math.Max(0, taken - stored)} suppressed duplicates");
        Say("nothing lost, nothing twice, everything in order");
    }

    // "Request finished HTTP/1.1 POST http://…/omb/1/notice - 200 …"
    private void Count(string line)
    {
        if (line.Contains("Request finished", StringComparison.Ordinal) && line.Contains("/notice - 200", StringComparison.Ordinal))
            Interlocked.Increment(ref taken);
    }

    private void Say(string text) => say(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(started).TotalSeconds,7:0.0} s  {text}"));
}
