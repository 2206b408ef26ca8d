using Microblog.Samples.ExistingSite;
using Microblog.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Microblog.Samples.FederationTest;

public sealed class RecipesTests : IDisposable
{
    private readonly DirectoryInfo files = Directory.CreateTempSubdirectory("recipes-");

    [Fact]
    public async Task Recipes_reach_a_site_that_was_down_for_three_days()
    {
        await using var network = new SimulatedNetwork();
        var (north, south) = (await AddSiteAsync(network, "north"), await AddSiteAsync(network, "south"));
        var (anna, bert) = (await JoinAsync(north, "anna"), await JoinAsync(south, "bert"));
        await bert.FollowAsync(anna);

        await south.StopAsync();
        foreach (var title in new[] { "Pancakes", "Bread", "Soup" })
        {
            await north.CallAsync((RecipeBook recipes) => recipes.AddAsync(anna.User, title));
            await network.AdvanceAsync(TimeSpan.FromDays(1));
        }

        await south.StartAsync();
        await network.SettleAsync(atMost: TimeSpan.FromHours(2));
        Assert.Equal(["New recipe: Soup", "New recipe: Bread", "New recipe: Pancakes"], (await bert.HomeAsync()).Select(entry => entry.Notice.Content));
    }

    [Fact]
    public async Task A_recipe_whose_notice_is_refused_is_not_there_either()
    {
        await using var network = new SimulatedNetwork();
        var site = await AddSiteAsync(network, "north");
        var anna = await JoinAsync(site, "anna");
        Assert.NotNull(await site.CallAsync((RecipeBook recipes) => recipes.AddAsync(anna.User, "Pan\0cakes")));
        Assert.Empty(await anna.HomeAsync());
        Assert.Empty(await site.CallAsync((RecipeBook recipes) => Task.FromResult(recipes.List())));

        Assert.Null(await site.CallAsync((RecipeBook recipes) => recipes.AddAsync(anna.User, "Pancakes")));
        Assert.Equal(["Pancakes"], await site.CallAsync((RecipeBook recipes) => Task.FromResult(recipes.List())));
        Assert.Equal("New recipe: Pancakes", Assert.Single(await anna.HomeAsync()).Notice.Content);
    }

    public void Dispose()
    {
        // A pooled connection keeps its file open, and an open file stays on Windows.
        SqliteConnection.ClearAllPools();
        files.Delete(recursive: true);
    }

    private Task<SimulatedNode> AddSiteAsync(SimulatedNetwork network, string name) => network.AddNodeAsync(
        $"https://{name}.example/notes/",
        services => services.AddRecipes(new Uri($"https://{name}.example/"), $"Data Source={Path.Combine(files.FullName, name)}.db"));

    private static Task<SimulatedPerson> JoinAsync(SimulatedNode site, string name) =>
        site.JoinAsync(name, site.Services.GetRequiredService<UserTable>().SignIn(name, $"password of {name}"));
}
