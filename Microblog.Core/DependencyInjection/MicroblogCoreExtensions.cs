using Microblog;
using Microblog.Applications;
using Microblog.Archive;
using Microblog.Atom;
using Microblog.Delivery;
using Microblog.Diagnostics;
using Microblog.Federation;
using Microblog.Feeds;
using Microblog.Groups;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Invitations;
using Microblog.Live;
using Microblog.Media;
using Microblog.Moderation;
using Microblog.People;
using Microblog.Publishing;
using Microblog.Remote;
using Microblog.Scheduling;
using Microblog.Search;
using Microblog.Storage;
using Microblog.Subscribing;
using Microblog.WebSub;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a node without any web framework.</summary>
public static class MicroblogCoreExtensions
{
    /// <summary>Adds the node's engine. A web host calls <c>AddMicroblog</c> of Microblog.AspNetCore, which includes this.</summary>
    public static MicroblogBuilder AddMicroblogCore(this IServiceCollection services, Action<MicroblogOptions>? configure = null)
    {
        services.AddOptions<MicroblogOptions>().ValidateOnStart();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MicroblogOptions>, MicroblogOptionsValidation>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TaskStarter>();
        services.TryAddSingleton<RandomSource>();
        services.TryAddSingleton<NodeAddresses>();
        services.TryAddSingleton<NodeKeys>();
        services.TryAddSingleton<ForgeryTokens>();
        services.TryAddSingleton<DeliverySignal>();
        services.TryAddSingleton<RefusalLog>();
        services.TryAddSingleton<NodeRouter>();
        services.TryAddSingleton(s => new KnownAnswers(s.GetRequiredService<IMicroblogStore>(), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<AvatarFetcher>();
        services.TryAddSingleton(s => new AvatarKeeper(s.GetRequiredService<AvatarFetcher>(), s.GetRequiredService<IMicroblogStore>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILaneProtocol, AvatarKeeper>(s => s.GetRequiredService<AvatarKeeper>()));
        services.TryAddSingleton<ProfileDesk>();
        services.TryAddSingleton<NoticeComposer>();
        services.TryAddSingleton(s => new FeedNews(s.GetRequiredService<NodeAddresses>(), s.GetServices<FeedHub>().Any()));
        services.TryAddSingleton<NoticeDesk>();
        services.TryAddSingleton<FavouriteDesk>();
        services.TryAddSingleton<AttachmentDesk>();
        services.TryAddSingleton<SubscriptionDesk>();
        services.TryAddSingleton<GroupDesk>();
        services.TryAddSingleton<InvitationDesk>();
        services.TryAddSingleton(s => new ApplicationDesk(
            s.GetRequiredService<IMicroblogStore>(), s.GetRequiredService<ISecretProtector>(), s.GetRequiredService<TimeProvider>(), TakesUnregistered(s)));
        services.TryAddSingleton(s => new AccessDesk(
            s.GetRequiredService<IMicroblogStore>(), s.GetRequiredService<ISecretProtector>(), s.GetRequiredService<TimeProvider>(), TakesUnregistered(s)));
        services.TryAddSingleton(s => new PasswordDesk(s.GetRequiredService<IMicroblogStore>(), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(s => new MicroblogNode(
            s.GetRequiredService<IMicroblogStore>(),
            s.GetRequiredService<ProfileDesk>(),
            s.GetRequiredService<NoticeDesk>(),
            s.GetRequiredService<FavouriteDesk>(),
            s.GetRequiredService<SubscriptionDesk>(),
            s.GetRequiredService<AttachmentDesk>(),
            s.GetRequiredService<GroupDesk>(),
            s.GetRequiredService<InvitationDesk>()));
        services.TryAddSingleton(s => new FederationGate(
            s.GetRequiredService<IMicroblogStore>(), s.GetRequiredService<NodeAddresses>(), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(s => new NodeModeration(
            s.GetRequiredService<IMicroblogStore>(), s.GetRequiredService<NodeAddresses>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<DeliverySignal>()));
        services.TryAddSingleton(s => new PolicyDryRun(s.GetRequiredService<IMicroblogStore>()));
        services.TryAddSingleton<AccountArchive>();
        services.AddPages();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<INodeRoutes, ArrivalProbe>());
        services.AddOptions<RemoteOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RemoteOptions>, RemoteOptionsValidator>());
        services.TryAddSingleton(s => new RemoteClient(
            s.GetRequiredService<IOptions<RemoteOptions>>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<RemoteClient>>(),
            s.GetKeyedService<HttpMessageHandler>(typeof(RemoteClient)))
        {
            Gate = s.GetRequiredService<FederationGate>(),
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<INoticeRepresentation, AtomRepresentation>());
        services.TryAddSingleton<QueueGauges>();
        services.TryAddSingleton<SearchGauges>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<INodeCheck, StoreCheck>(),
            ServiceDescriptor.Singleton<INodeCheck, QueueCheck>(),
            ServiceDescriptor.Singleton<INodeCheck, SearchCheck>(),
            ServiceDescriptor.Singleton<INodeCheck, OutboundCheck>(),
            ServiceDescriptor.Singleton<INodeCheck, ClockCheck>(),
            ServiceDescriptor.Singleton<INodeCheck, ProtectorCheck>(),
            ServiceDescriptor.Singleton<INodeCheck, NetworkGuardCheck>(),
        ]);
        services.TryAddSingleton<NodeCheckup>();
        services.TryAddSingleton<LaneSender>();
        services.TryAddSingleton<GiveUps>();
        services.TryAddSingleton<LiveEvents>();
        services.TryAddSingleton<LiveFeed>();
        services.TryAddSingleton<Firehose>();
        // In this order: the node is up before its workers look at the queue.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, NodeStart>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, FanOutWorker>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SearchWorker>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, DeliveryWorker>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AttachmentSweeper>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, LiveFeed>(s => s.GetRequiredService<LiveFeed>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, Firehose>(s => s.GetRequiredService<Firehose>()));
        return new MicroblogBuilder(services);
    }

    private static bool TakesUnregistered(IServiceProvider services) => services.GetServices<ClientAccess>().Any(room => room.TakesUnregistered);
}
