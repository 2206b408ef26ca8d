using System.Security.Claims;
using Microblog.Identity;
using Microblog.Policies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microblog.Testing.Tests;

/// <summary>A node runs inside a host with services of its own.</summary>
public sealed class HostTests : IDisposable
{
    private readonly DirectoryInfo files = Directory.CreateTempSubdirectory("microblog-host-");

    public void Dispose() => files.Delete(recursive: true);

    [Fact]
    public async Task A_hosts_own_policy_and_service_work_in_the_node()
    {
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://a.example/", services =>
        {
            services.AddMicroblogCore().AddOmb();
            services.AddSingleton<INoticePolicy, NoShouting>();
            services.AddScoped<Forum>();
        });
        var ann = await node.JoinAsync("ann");
        await node.CallAsync((Forum forum) => forum.PostAsync(ann.Profile.Id, "bread"));
        Assert.Equal(1, await node.CallAsync((Forum forum) => forum.CountAsync(ann.Profile.Id)));
        var failure = await Assert.ThrowsAsync<SimulationException>(() => ann.PublishAsync("HELLO"));
        Assert.Contains("Do not shout.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["New post: bread"], await Scenarios.ReadAsync(ann));
    }

    [Fact]
    public async Task A_hosts_background_service_lives_by_the_networks_time_and_dies_with_its_node()
    {
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://a.example/", services =>
        {
            services.AddMicroblogCore().AddOmb();
            services.AddHostedService<Hourly>();
        });
        var ann = await node.JoinAsync("ann");
        await network.AdvanceAsync(TimeSpan.FromHours(3.5));
        Assert.Equal(3, (await ann.HomeAsync()).Count);
        node.Crash();
        await network.AdvanceAsync(TimeSpan.FromHours(3));
        await node.StartAsync();
        Assert.Equal(3, (await ann.HomeAsync()).Count);
        await network.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(4, (await ann.HomeAsync()).Count);
        await node.StopAsync();
    }

    [Fact]
    public async Task A_background_service_that_fails_ends_the_run()
    {
        await using var network = new SimulatedNetwork();
        await network.AddNodeAsync("https://a.example/", services =>
        {
            services.AddMicroblogCore().AddOmb();
            services.AddHostedService<Failing>();
        });
        await Assert.ThrowsAsync<NotSupportedException>(() => network.AdvanceAsync(TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task Who_a_person_is_decides_the_hosts_own_identity()
    {
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://a.example/", services =>
        {
            services.AddMicroblogCore().AddOmb();
            services.AddSingleton<IHostIdentity, MailIdentity>();
        });
        var ann = await node.JoinAsync("ann", new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Email, "ann@mail.example")])));
        await ann.Browser.GetAsync(new Uri(node.BaseUri, "/home"));
        Assert.Equal("https://a.example/home", ann.Browser.Location!.AbsoluteUri);
        Assert.Contains("does not know bob", (await Assert.ThrowsAsync<SimulationException>(() => node.JoinAsync("bob"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_below_a_path_federates()
    {
        await using var network = new SimulatedNetwork();
        var ann = await (await network.AddNodeAsync("https://a.example/notes/")).JoinAsync("ann");
        var bob = await (await network.AddNodeAsync("https://b.example/")).JoinAsync("bob");
        await bob.FollowAsync(ann);
        await ann.PublishAsync("hello");
        await network.SettleAsync(TimeSpan.FromHours(1));
        Assert.Equal(["hello"], await Scenarios.ReadAsync(bob));
        Assert.StartsWith("https://a.example/notes/", ann.Profile.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_people_of_several_nodes_hear_what_they_follow_and_nothing_else()
    {
        await using var network = new SimulatedNetwork();
        var people = new List<SimulatedPerson>();
        foreach (var (name, host) in new[] { ("ann", "a"), ("amy", "a"), ("bob", "b"), ("cid", "c") })
            people.Add(await (network.Nodes.FirstOrDefault(node => node.BaseUri.Host == host + ".example") ?? await network.AddNodeAsync($"https://{host}.example/")).JoinAsync(name));
        var (ann, amy, bob, cid) = (people[0], people[1], people[2], people[3]);
        await amy.FollowAsync(ann);
        await bob.FollowAsync(ann);
        await cid.FollowAsync(bob);
        await ann.PublishAsync("from ann");
        await bob.PublishAsync("from bob");
        await network.SettleAsync(TimeSpan.FromHours(1));
        Assert.Equal(["from ann"], await Scenarios.ReadAsync(amy));
        Assert.Equal(["from ann", "from bob"], (await Scenarios.ReadAsync(bob)).Order(StringComparer.Ordinal));
        Assert.Equal(["from bob"], await Scenarios.ReadAsync(cid));

        Assert.True(await bob.UnfollowAsync(ann));
        Assert.False(await bob.UnfollowAsync(ann));
        await ann.PublishAsync("once more");
        await network.SettleAsync(TimeSpan.FromHours(1));
        Assert.DoesNotContain("once more", await Scenarios.ReadAsync(bob));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("x.db")]
    public async Task A_node_keeps_what_it_acknowledged_whenever_it_is_killed_in_memory_and_on_a_file(string? file)
    {
        await using var network = new SimulatedNetwork(11);
        var ann = await (await network.AddNodeAsync("https://a.example/", services =>
        {
            var builder = services.AddMicroblogCore().AddOmb();
            if (file is not null)
                builder.UseSqlite($"Data Source={Path.Combine(files.FullName, file)}");
        })).JoinAsync("ann");
        var bob = await (await network.AddNodeAsync("https://b.example/")).JoinAsync("bob");
        await bob.FollowAsync(ann);
        network.Faults = new LinkFaults { LostAnswers = 0.3, LostRequests = 0.2, Duplicates = 0.2 };
        ann.Node.RestartsAfter = TimeSpan.FromMinutes(1);
        var acknowledged = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            if (ann.Node.IsUp)
                ann.Node.CrashAfter(network.Random.Next(30));
            if (ann.Node.IsUp && await Scenarios.TryPublishAsync(ann, $"notice {i}"))
                acknowledged.Add($"notice {i}");
            await network.AdvanceAsync(TimeSpan.FromMinutes(10));
        }

        network.Faults = LinkFaults.None;
        // It may just have fallen, and comes back by itself.
        if (ann.Node.IsUp)
            ann.Node.CrashAfter(int.MaxValue);
        await network.SettleAsync(TimeSpan.FromHours(12));
        Assert.True(ann.Node.Crashes > 3);
        var read = (await Scenarios.ReadAsync(bob)).ToList();
        Assert.Equal(read.Distinct(), read);
        Assert.Empty(acknowledged.Except(read));
    }

    private sealed class NoShouting : INoticePolicy
    {
        public ValueTask<string?> ObjectToAsync(Notice notice, Profile author, CancellationToken cancellationToken) =>
            new(notice.Content.All(char.IsUpper) ? "Do not shout." : null);
    }

    private sealed class Forum(MicroblogNode node)
    {
        public Task<Outcome<Notice>> PostAsync(ProfileId author, string title) =>
            node.PublishAsync(author, new NoticeDraft { Content = $"New post: {title}" });

        public async Task<int> CountAsync(ProfileId author) => (await node.HomeAsync(author, Storage.PageRequest.Newest(10))).Count;
    }

    private sealed class Hourly(MicroblogNode node, TimeProvider clock) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromHours(1), clock, stoppingToken);
                var ann = await node.FindLocalAsync("ann", stoppingToken);
                await node.PublishAsync(ann!.Id, new NoticeDraft { Content = "An hour has passed." }, null, stoppingToken);
            }
        }
    }

    private sealed class Failing(TimeProvider clock) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Delay(TimeSpan.FromMinutes(1), clock, stoppingToken);
            throw new NotSupportedException();
        }
    }

    private sealed class MailIdentity : IHostIdentity
    {
        public HostUser? Identify(ClaimsPrincipal principal) => principal.FindFirst(ClaimTypes.Email) is { Value: var mail } ? new HostUser(mail, "") : null;

        public bool IsOperator(ClaimsPrincipal principal) => false;
    }
}
