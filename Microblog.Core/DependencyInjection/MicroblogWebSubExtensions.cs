using Microblog;
using Microblog.Federation;
using Microblog.Feeds;
using Microblog.Http;
using Microblog.WebSub;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds W3C WebSub to a node.</summary>
public static class MicroblogWebSubExtensions
{
    /// <summary>Sends feeds to whoever subscribes to them, by a hub of the node's own, or has another hub do it.</summary>
    public static MicroblogBuilder AddWebSub(this MicroblogBuilder builder, Action<WebSubOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<WebSubOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WebSubOptions>, WebSubOptionsValidation>());
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton(s => new FeedHub(
            s.GetRequiredService<IOptions<WebSubOptions>>().Value.Hub?.AbsoluteUri ?? s.GetRequiredService<NodeAddresses>().At(HubRoutes.Path)));
        services.TryAddSingleton<FeedPoster>();
        services.TryAddSingleton<HubPinger>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<INodeRoutes, HubRoutes>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILaneProtocol, IntentVerifier>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILaneProtocol, FeedSender>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, HubWorker>());
        return builder;
    }
}
