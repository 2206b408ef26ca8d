namespace Microblog.Testing.Tests.Invariants;

/// <summary>Two days of a network in which everything fails now and then; then it heals, and what is promised has to hold.</summary>
internal static class Days
{
    private static readonly TimeSpan Length = TimeSpan.FromDays(2);

    public static async Task RunAsync(SimulatedNetwork network, Mutant? mutant = null)
    {
        var world = new World(network);
        foreach (var (host, names) in new[] { ("a", "ann adam"), ("b", "bob bea ben"), ("c", "cyd cem") })
        {
            var node = await network.AddNodeAsync($"https://{host}.example/", mutant?.ForOneNode());
            foreach (var name in names.Split(' '))
                await world.JoinAsync(node, name);
        }

        var evil = await BeginAsync(world);
        Break(network);
        for (var end = network.Now + Length; network.Now < end;)
        {
            await ActAsync(world, evil);
            await network.AdvanceAsync(TimeSpan.FromMinutes(network.Random.Next(1, 40)));
            await world.PollAsync();
        }

        await HealAsync(world, evil);
        await Promises.AssertAsync(world);
    }

    private static async Task<Evil> BeginAsync(World world)
    {
        var (ann, bob) = (world.People[0], world.People.Single(person => person.Name == "bob"));
        var evil = new Evil(world, bob, world.Accomplice = await bob.Home.Node.JoinAsync(World.AccompliceName), ann);
        await evil.BeginAsync();
        foreach (var listener in world.People.Where(person => person.Home.Node == bob.Home.Node))
            await world.FollowAsync(listener, ann);
        return evil;
    }

    private static void Break(SimulatedNetwork network)
    {
        double Chance(double most) => network.Random.NextDouble() * most;
        network.Faults = new LinkFaults
        {
            LostRequests = Chance(0.1),
            LostAnswers = Chance(0.1),
            Duplicates = Chance(0.1),
            DuplicateWithin = TimeSpan.FromMinutes(10),
            Hangs = Chance(0.05),
            Errors = Chance(0.1),
            Statuses = [429, 500, 502, 503, 504],
            RetryAfter = network.Random.Next(2) == 0 ? null : TimeSpan.FromMinutes(network.Random.Next(60)),
            MaxDelay = TimeSpan.FromSeconds(network.Random.Next(10)),
        };
        foreach (var node in network.Nodes)
            (node.CrashChance, node.RestartsAfter) = (Chance(0.008), TimeSpan.FromSeconds(network.Random.Next(1, 600)));
    }

    private static Task ActAsync(World world, Evil evil)
    {
        var network = world.Network;
        var person = world.Any(person => person.Home.Node.IsUp);
        var other = world.Any(other => other != person);
        var node = network.Nodes[network.Random.Next(network.Nodes.Count)];
        switch (network.Random.Next(100))
        {
            case < 40:
                return world.WriteAsync(person, Visibility.Public, isLocalOnly: false);
            case < 52:
                return world.WriteAsync(person, (Visibility)network.Random.Next(4), isLocalOnly: network.Random.Next(2) == 0);
            case < 64:
                return world.FollowAsync(person, other);
            case < 68:
                return world.UnfollowAsync(person, world.Any(author => world.Ties.TryGetValue((person, author), out var tie) && tie.IsPossible));
            case < 72:
                return world.DeleteAsync(person);
            case < 77:
                return world.RenameAsync(person);
            case < 84:
                return evil.ActAsync();
            case < 87:
                return evil.RevertAsync();
            case < 90 when node.IsUp:
                node.Crash();
                return Task.CompletedTask;
            case < 93 when node.IsUp:
                network.After(TimeSpan.FromHours(network.Random.Next(1, 20)), () => World.TryAsync(() => node.IsUp ? Task.CompletedTask : node.StartAsync()));
                return node.StopAsync();
            case < 96:
                var link = network.Link(node.BaseUri, other.Home.Node.BaseUri);
                link.IsCut = true;
                network.After(TimeSpan.FromHours(network.Random.Next(1, 30)), () =>
                {
                    link.IsCut = false;
                    return Task.CompletedTask;
                });
                return Task.CompletedTask;
            default:
                node.ClockSkew = TimeSpan.FromMinutes(network.Random.Next(-120, 120));
                return Task.CompletedTask;
        }
    }

    private static async Task HealAsync(World world, Evil evil)
    {
        var network = world.Network;
        network.Faults = LinkFaults.None;
        // Links that are cut still, stopped nodes and restarts come to their end.
        foreach (var node in network.Nodes)
            node.CrashChance = 0;
        await network.AdvanceAsync(TimeSpan.FromHours(31));
        foreach (var node in network.Nodes.Where(node => !node.IsUp))
            await node.StartAsync();
        await network.SettleAsync(TimeSpan.FromHours(12));
        foreach (var isFirst in new[] { true, false })
        {
            foreach (var person in world.People)
                await world.WriteAsync(person, Visibility.Public, isLocalOnly: false);
            await network.AdvanceAsync(TimeSpan.FromMinutes(1));
            await Promises.NoteLateAsync(world);
            await network.SettleAsync(TimeSpan.FromHours(12));
            if (isFirst)
                world.FirstRound = network.Transcript.Exchanges.Count();
        }

        await evil.RevertAsync();
        await network.SettleAsync(TimeSpan.FromHours(12));

        await world.PollAsync();
    }
}
