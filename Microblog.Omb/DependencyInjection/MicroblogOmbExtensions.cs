using Microblog;
using Microblog.Diagnostics;
using Microblog.Federation;
using Microblog.Http;
using Microblog.Omb;
using Microblog.Omb.Discovery;
using Microblog.Omb.OAuth;
using Microblog.Omb.Origins;
using Microblog.Omb.Remote;
using Microblog.Omb.Service;
using Microblog.Remote;
using Microblog.Scheduling;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds OpenMicroBlogging 0.1 to a node.</summary>
public static class MicroblogOmbExtensions
{
    /// <summary>Lets people of this node hear, and be heard by, people of other OpenMicroBlogging services.</summary>
    public static MicroblogBuilder AddOmb(this MicroblogBuilder builder, Action<OmbOptions>? configure = null)
    {
        var services = builder.Services;
        services.AddOptions<OmbOptions>().ValidateOnStart().PostConfigure<NodeAddresses>((options, addresses) =>
        {
            if (options.OAuth.Realm is "")
                options.OAuth.Realm = addresses.Root;
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OmbOptions>, OmbOptionsValidation>());
        if (configure is not null)
            services.Configure(configure);

        services.TryAddSingleton(s => new ProfileDiscovery(
            s.GetRequiredService<RemoteClient>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<RandomSource>(),
            s.GetRequiredService<NodeAddresses>().IsOwn));

        services.TryAddSingleton<GrantFinder>();
        services.TryAddSingleton<OmbTokens>();
        services.TryAddSingleton(s => new OAuthProvider(
            s.GetRequiredService<OmbTokens>(), s.GetRequiredService<IOptions<OmbOptions>>().Value.OAuth, s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<OmbAcceptance>();
        services.TryAddSingleton<OriginQueue>();
        services.TryAddSingleton<PushVerifier>();
        services.TryAddSingleton<RequestTokenEndpoint>();
        services.TryAddSingleton<ConsentDesk>();
        services.TryAddSingleton<AuthorizationEndpoint>();
        services.TryAddSingleton<PushQueue>();
        services.TryAddSingleton<PostNoticeEndpoint>();
        services.TryAddSingleton<UpdateProfileEndpoint>();
        services.TryAddSingleton<LocalXrds>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<INodeRoutes, OmbServiceRoutes>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProfileRepresentation, LocalXrds>(s => s.GetRequiredService<LocalXrds>()));

        services.TryAddSingleton<BrowserSession>();
        services.TryAddSingleton<SignedPoster>();
        services.TryAddSingleton<EndpointRediscovery>();
        services.TryAddSingleton<PushSender>();
        services.TryAddSingleton<SubscriberDesk>();
        services.TryAddSingleton<SubscriptionDance>();
        services.TryAddSingleton(s => new OmbSubscribing(
            s.GetRequiredService<SubscriptionDance>(), s.GetRequiredService<BrowserSession>(), s.GetRequiredService<IMicroblogStore>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<INodeRoutes, RemoteSubscribeRoutes>());
        services.TryAddSingleton<LaneReader>();
        services.TryAddSingleton<OmbProtocol>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFederationProtocol, OmbProtocol>(s => s.GetRequiredService<OmbProtocol>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILaneProtocol, OmbProtocol>(s => s.GetRequiredService<OmbProtocol>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILaneProtocol, OriginLookup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<INodeCheck, OmbSettingsCheck>());
        return builder;
    }
}
