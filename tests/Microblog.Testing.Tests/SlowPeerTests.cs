using Microblog.Remote;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microblog.Testing.Tests;

/// <summary>Peers that take a connection and never answer, counted in the network's own time.</summary>
public sealed class SlowPeerTests
{
    private static readonly LinkFaults Silence = new() { Hangs = 1 };

    [Fact]
    [Trait("Clause", "OMB-134")]
    public async Task Destinations_that_hang_cost_the_living_a_moment_each_and_not_a_time_out()
    {
        await using var network = new SimulatedNetwork();
        var ann = await AddAuthorsAsync(network, "ann", delivery => delivery.ParallelLanes = 2);
        var (living, hanging) = (new List<SimulatedPerson>(), new List<SimulatedPerson>());
        for (var number = 0; number < 24; number++)
        {
            var bob = await (await network.AddNodeAsync($"https://b{number}.example/")).JoinAsync("bob");
            await bob.FollowAsync(ann[0]);
            if (number % 3 == 0)
                network.Link(ann[0].Node.BaseUri, bob.Node.BaseUri).Faults = Silence;
            (number % 3 == 0 ? hanging : living).Add(bob);
        }

        await network.AdvanceAsync(TimeSpan.FromHours(1));
        await ann[0].PublishAsync("hello");

        // Eight of them, two at once, for a tenth of a second each; a time-out would be ten seconds.
        await network.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(hanging.Count, Unanswered(network));
        foreach (var bob in living)
            Assert.Equal(["hello"], await Scenarios.ReadAsync(bob));
    }

    [Fact]
    public async Task A_full_pool_of_slow_lanes_leaves_the_others_in_the_ordinary_slots_until_the_time_out()
    {
        await using var network = new SimulatedNetwork();
        var ann = await AddAuthorsAsync(network, "ann", delivery => (delivery.ParallelLanes, delivery.ParallelSlowLanes) = (2, 3));
        for (var number = 0; number < 8; number++)
        {
            var bob = await (await network.AddNodeAsync($"https://b{number}.example/")).JoinAsync("bob");
            await bob.FollowAsync(ann[0]);
            network.Link(ann[0].Node.BaseUri, bob.Node.BaseUri).Faults = Silence;
        }

        await network.AdvanceAsync(TimeSpan.FromHours(1));
        await ann[0].PublishAsync("hello");
        await network.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(5, Unanswered(network));
        await network.AdvanceAsync(ann[0].Node.Services.GetRequiredService<IOptions<RemoteOptions>>().Value.Timeout);
        Assert.Equal(8, Unanswered(network));
    }

    [Fact]
    public async Task To_a_destination_that_does_not_answer_one_lane_goes_ahead_and_the_others_follow_its_answer()
    {
        await using var network = new SimulatedNetwork();
        var authors = await AddAuthorsAsync(network, "ann carol dave eve", _ => { });
        var bob = await (await network.AddNodeAsync("https://b.example/")).JoinAsync("bob");
        foreach (var author in authors)
            await bob.FollowAsync(author);
        await network.AdvanceAsync(TimeSpan.FromHours(1));
        var link = network.Link(authors[0].Node.BaseUri, bob.Node.BaseUri);
        link.Faults = Silence;
        foreach (var author in authors)
            await author.PublishAsync("hello");

        await network.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(1, Unanswered(network));

        link.Faults = LinkFaults.None;
        await network.SettleAsync(TimeSpan.FromHours(2));
        Assert.Equal(4, (await Scenarios.ReadAsync(bob)).Count());
    }

    private static async Task<List<SimulatedPerson>> AddAuthorsAsync(SimulatedNetwork network, string names, Action<Delivery.DeliveryOptions> configure)
    {
        var node = await network.AddNodeAsync("https://a.example/", services =>
        {
            services.AddMicroblogCore().AddOmb();
            services.Configure<MicroblogOptions>(options => configure(options.Delivery));
        });
        var people = new List<SimulatedPerson>();
        foreach (var name in names.Split(' '))
            people.Add(await node.JoinAsync(name));
        return people;
    }

    private static int Unanswered(SimulatedNetwork network) => network.Transcript.Exchanges
        .Where(exchange => exchange.Uri.AbsolutePath.EndsWith("/notice", StringComparison.Ordinal) && exchange.Statuses.Count == 0)
        .DistinctBy(exchange => exchange.Uri).Count();
}
