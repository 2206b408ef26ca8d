using Microblog;
using Microblog.Http;
using Microblog.TwitterApi;
using Microblog.TwitterApi.Access;
using Microblog.TwitterApi.Endpoints;
using Microblog.TwitterApi.Wire;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the Twitter-compatible client API to a node.</summary>
public static class MicroblogTwitterApiExtensions
{
    /// <summary>Lets existing Twitter and StatusNet clients work with this node, below <c>/api/</c>.</summary>
    public static MicroblogBuilder AddTwitterApi(this MicroblogBuilder builder, Action<TwitterApiOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<TwitterApiOptions>()
            .Validate(options => options.RequestsPerHour is null or >= 1, "TwitterApiOptions.RequestsPerHour is below 1; null means no limit.")
            .ValidateOnStart();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton<CallerFinder>();
        services.TryAddSingleton<CallerLimits>();
        services.TryAddSingleton<ApiResponses>();
        services.TryAddSingleton<ApiMap>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IApiEndpoints, ServerEndpoints>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<INodeRoutes, ApiRoutes>());
        return builder;
    }
}
