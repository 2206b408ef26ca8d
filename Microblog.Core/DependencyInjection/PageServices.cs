using Microblog.Pages;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the pages.</summary>
internal static class PageServices
{
    public static void AddPages(this IServiceCollection services)
    {
        services.TryAddSingleton<PageFrames>();
    }
}
