using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Testing.Tests;

/// <summary>Four nodes on which everybody follows everybody, with every fault there is.</summary>
internal static class FourNodes
{
    public static async Task RunAsync(SimulatedNetwork network, TimeSpan time, Func<string, Action<IServiceCollection>>? configure = null)
    {
        var people = new List<SimulatedPerson>();
        foreach (var name in new[] { "ann", "bob", "cid", "dot" })
            people.Add(await (await network.AddNodeAsync($"https://{name[0]}.example/", configure?.Invoke(name))).JoinAsync(name));
        foreach (var follower in people)
        {
            foreach (var followed in people.Where(person => person != follower))
                await follower.FollowAsync(followed);
        }

        network.Faults = new LinkFaults
        {
            LostAnswers = 0.05, LostRequests = 0.05, Duplicates = 0.05, Hangs = 0.02, Errors = 0.02, RetryAfter = TimeSpan.FromMinutes(1),
            MaxDelay = TimeSpan.FromSeconds(3),
        };
        foreach (var node in network.Nodes)
            (node.CrashChance, node.RestartsAfter) = (0.0005, TimeSpan.FromSeconds(30));
        for (var end = network.Now + time; network.Now < end;)
        {
            var author = people[network.Random.Next(people.Count)];
            if (author.Node.IsUp)
                await Scenarios.TryPublishAsync(author, $"at {network.Now:u}");
            await network.AdvanceAsync(TimeSpan.FromMinutes(network.Random.Next(60)));
        }

        network.Faults = LinkFaults.None;
        foreach (var node in network.Nodes)
            node.CrashChance = 0;
        await network.SettleAsync(TimeSpan.FromDays(1));
    }
}
