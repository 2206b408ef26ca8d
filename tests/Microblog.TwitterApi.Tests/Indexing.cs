using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.TwitterApi.Tests;

internal static class Indexing
{
    /// <summary>Has the search take up all that is there.</summary>
    public static async Task IndexAsync(this IServiceProvider services)
    {
        var store = services.GetRequiredService<IMicroblogStore>();
        IndexResult result;
        do
        {
            var state = await store.ReadAsync(Freshness.Latest, (session, ct) => session.Search.MeasureAsync(ct), CancellationToken.None);
            result = await store.ExecuteAsync((session, ct) => session.Search.IndexAsync(100, state.Horizon, ct), CancellationToken.None);
        }
        while (result is IndexResult.More or IndexResult.MoreOld);
    }
}
