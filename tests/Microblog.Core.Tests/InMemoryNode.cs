using Microblog.Policies;
using Microblog.Storage;
using Microblog.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.Core.Tests;

/// <summary>The services of a node in memory, whose time a test moves.</summary>
internal static class InMemoryNode
{
    public static ServiceProvider Create(FakeTimeProvider clock, Action<MicroblogOptions>? configure = null, INoticePolicy? policy = null, IMicroblogStore? store = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddSingleton<TimeProvider>(clock);
        services.AddMicroblogCore(options =>
        {
            options.BaseUri = new Uri("https://here.example/");
            options.License = License.CcBy40;
            configure?.Invoke(options);
        }).UseInMemory();
        if (policy is not null)
            services.AddSingleton(policy);
        if (store is not null)
            services.AddSingleton(store);
        return services.BuildServiceProvider();
    }
}
