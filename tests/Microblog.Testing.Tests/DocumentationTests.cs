using System.Net;
using System.Security.Claims;
using System.Text.RegularExpressions;
using Microblog.Pages;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Testing.Tests;

/// <summary>The code of docs/testing.md, which runs here.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public async Task What_is_published_while_a_node_is_down_arrives_when_it_is_back()
    {
        await using var network = new SimulatedNetwork();
        var here = await network.AddNodeAsync("https://a.example/");
        var there = await network.AddNodeAsync("https://b.example/");
        var ann = await here.JoinAsync("ann");
        var bob = await there.JoinAsync("bob");
        await bob.FollowAsync(ann);

        await there.StopAsync();
        await ann.PublishAsync("Is anybody there?");
        await network.AdvanceAsync(TimeSpan.FromDays(3));
        await there.StartAsync();
        await network.SettleAsync(atMost: TimeSpan.FromHours(2));

        Assert.Equal("Is anybody there?", Assert.Single(await bob.HomeAsync()).Notice.Content);
    }

    [Fact]
    public async Task An_application_of_ones_own()
    {
        await using var network = new SimulatedNetwork();
        var node = await network.AddNodeAsync("https://forum.example/notes/", services => services.AddForum());
        var ann = await node.JoinAsync("ann");
        await node.CallAsync((Forum forum) => forum.PostAsync(ann.User, "Pancakes"));
        Assert.Equal(["New post: Pancakes"], await Scenarios.ReadAsync(ann));
    }

    [Fact]
    public async Task Clocks_faults_and_crashes()
    {
        await using var network = new SimulatedNetwork();
        var (ann, bob) = await Scenarios.FollowAsync(network);
        bob.Node.ClockSkew = TimeSpan.FromHours(-2);
        network.After(TimeSpan.FromHours(1), () =>
        {
            bob.Node.ClockSkew = TimeSpan.Zero;
            return Task.CompletedTask;
        });
        await ann.PublishAsync("by a wrong clock");
        await network.AdvanceAsync(TimeSpan.FromHours(1));

        network.Faults = new LinkFaults { LostRequests = 0.1, LostAnswers = 0.1, Duplicates = 0.1, MaxDelay = TimeSpan.FromSeconds(5) };
        network.Link(ann.Node.BaseUri, bob.Node.BaseUri).Faults = new LinkFaults { Errors = 1, Statuses = [503], RetryAfter = TimeSpan.FromHours(1) };
        network.Link(bob.Node.BaseUri, ann.Node.BaseUri).IsCut = true;
        await ann.PublishAsync("through faults");
        await network.AdvanceAsync(TimeSpan.FromHours(1));

        ann.Node.CrashAfter(steps: 12);
        bob.Node.CrashChance = 0.01;
        ann.Node.RestartsAfter = bob.Node.RestartsAfter = TimeSpan.FromMinutes(1);
        await network.AdvanceAsync(TimeSpan.FromHours(3));
        Assert.Equal(1, ann.Node.Crashes);

        bob.Node.CrashChance = 0;
        network.Link(ann.Node.BaseUri, bob.Node.BaseUri).Faults = null;
        network.Link(bob.Node.BaseUri, ann.Node.BaseUri).IsCut = false;
        await network.AdvanceAsync(TimeSpan.FromMinutes(2));
        await network.SettleAsync(atMost: TimeSpan.FromDays(1));
        Assert.Equal(["by a wrong clock", "through faults"], await Scenarios.ReadAsync(bob));
    }

    [Fact]
    public async Task Peers_and_browsers()
    {
        await using var network = new SimulatedNetwork();
        var ann = await (await network.AddNodeAsync("https://a.example/")).JoinAsync("ann");
        var bob = await (await network.AddNodeAsync("https://b.example/")).JoinAsync("bob");
        var peer = network.AddPeer("https://peer.example/", request => new HttpResponseMessage(HttpStatusCode.NotFound));
        using var response = await peer.Client.GetAsync(ann.Node.BaseUri);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        await bob.Browser.GetAsync(new Uri("https://a.example/ann/subscribe"));
        await bob.Browser.SubscribeAsync(bob.Profile.Url);
        Assert.IsType<ConsentPage>(bob.Browser.Page);
        await bob.Browser.DecideAsync(isAllowed: false);
    }

    [Fact]
    public async Task Seeds()
    {
        await SimulatedNetwork.ExploreAsync(count: 20, async network =>
        {
            var ann = await (await network.AddNodeAsync("https://a.example/")).JoinAsync("ann");
            var bob = await (await network.AddNodeAsync("https://b.example/")).JoinAsync("bob");
            await bob.FollowAsync(ann);
            network.Faults = new LinkFaults { LostAnswers = 0.3 };
            await ann.PublishAsync("once");
            await network.SettleAsync(atMost: TimeSpan.FromDays(1));
            Assert.Single(await bob.HomeAsync());
        });
    }

    [Fact]
    public void Every_block_of_the_page_is_code_of_this_file()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Microblog.sln")))
            root = Path.GetDirectoryName(root)!;
        var here = Lines(File.ReadAllText(Path.Combine(root, "tests", "Microblog.Testing.Tests", "DocumentationTests.cs")));
        var page = File.ReadAllText(Path.Combine(root, "docs", "testing.md"));
        var blocks = CSharp().Matches(page).Select(match => Lines(match.Groups[1].Value)).ToList();
        Assert.Equal(8, blocks.Count);
        Assert.All(blocks, block => Assert.Contains(block, here, StringComparison.Ordinal));
    }

    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();
}

internal static class ForumExtensions
{
    public static IServiceCollection AddForum(this IServiceCollection services)
    {
        services.AddScoped<Forum>();
        services.AddMicroblog(options => options.SiteName = "The forum").AddOmb();
        return services;
    }
}

internal sealed class Forum(MicroblogNode node)
{
    public async Task PostAsync(ClaimsPrincipal user, string title)
    {
        if (await node.FindProfileAsync(user.FindFirst(ClaimTypes.NameIdentifier)!.Value) is { } author)
            await node.PublishAsync(author.Id, new NoticeDraft { Content = $"New post: {title}" });
    }
}
