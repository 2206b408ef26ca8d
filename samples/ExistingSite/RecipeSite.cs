namespace Microblog.Samples.ExistingSite;

/// <summary>What the site consists of. The program and its tests add the same.</summary>
public static class RecipeSite
{
    /// <summary>Adds the site's own services, and a node below <c>/notes</c>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="site">The address of the site.</param>
    /// <param name="database">A connection string: the site's tables and the node's lie in one file.</param>
    public static IServiceCollection AddRecipes(this IServiceCollection services, Uri site, string database)
    {
        services.AddSingleton(new UserTable(database));
        services.AddSingleton(s => new RecipeBook(database, s.GetRequiredService<MicroblogNode>()));

        // The node, in five lines: these, and MapMicroblog in Program.cs.
        services
            .AddMicroblog(o => (o.BaseUri, o.License, o.SiteName) = (new Uri(site, "/notes/"), License.CcBy40, "Recipes"))
            .UseSqlite(database)
            .AddOmb();
        return services;
    }
}
