using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Microblog.Hosts.Tests;

/// <summary>The host's own tables, as Entity Framework sees them.</summary>
public sealed class SiteContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<Recipe> Recipes => Set<Recipe>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Recipe>(recipe =>
    {
        recipe.ToTable("recipe");
        recipe.Property(r => r.Title).HasColumnName("title");
    });
}

public sealed class Recipe
{
    [Key]
    public required string Title { get; set; }
}
