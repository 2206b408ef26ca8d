using Microblog;
using Microblog.AspNetCore;
using Microblog.AspNetCore.Hosting;
using Microblog.AspNetCore.Identity;
using Microblog.AspNetCore.Pages;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Pages;
using Microblog.Remote;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a node to an ASP.NET Core application.</summary>
public static class MicroblogServiceCollectionExtensions
{
    /// <summary>Adds the node and its pages. A store (<c>UseSqlite</c>) and protocols (<c>AddOmb</c>) are added to the result.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Says at least <see cref="MicroblogOptions.License"/> and, outside Development, <see cref="MicroblogOptions.BaseUri"/>.</param>
    /// <param name="configureWeb">Who operates the node, how its pages look, how fast people may come.</param>
    /// <remarks>Calling it again adds settings and nothing else.</remarks>
    public static MicroblogBuilder AddMicroblog(
        this IServiceCollection services, Action<MicroblogOptions>? configure = null, Action<MicroblogWebOptions>? configureWeb = null)
    {
        var builder = services.AddMicroblogCore(configure);
        services.AddOptions<MicroblogWebOptions>().ValidateOnStart();
        if (configureWeb is not null)
            services.Configure(configureWeb);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MicroblogWebOptions>, MicroblogWebOptionsValidation>());
        services.AddDataProtection();
        services.AddAuthenticationCore();
        services.AddRouting();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<MicroblogOptions>, DevelopmentBaseUri>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<RemoteOptions>, DevelopmentRemote>());
        services.TryAddSingleton<IHostIdentity, ClaimsHostIdentity>();
        services.TryAddSingleton<ISecretProtector, DataProtectionSecretProtector>();
        services.TryAddSingleton<IPageRenderer, ComponentPageRenderer>();
        services.TryAddSingleton<RequestLimits>();
        services.TryAddSingleton<ResponseWriter>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<INodeRoutes, AssetRoutes>());
        return builder;
    }
}
