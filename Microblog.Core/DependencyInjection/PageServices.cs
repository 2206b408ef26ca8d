using Microblog.Contacts;
using Microblog.Feeds;
using Microblog.Http;
using Microblog.Live;
using Microblog.Pages;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the pages.</summary>
internal static class PageServices
{
    public static void AddPages(this IServiceCollection services)
    {
        services.TryAddSingleton<PageFrames>();
        services.TryAddSingleton<PageRoutes>();
        services.TryAddSingleton<FeedLists>();
        services.TryAddSingleton<ContactDesk>();
        services.TryAddSingleton<ContactExport>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<INodeRoutes, TimelineRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, LiveRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, FeedRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, Firehose>(s => s.GetRequiredService<Firehose>()),
            ServiceDescriptor.Singleton<INodeRoutes, NoticeRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, ReactionRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, SearchRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, ProfileRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, SubscriptionRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, BlockRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, GroupRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, SettingsRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, InvitationRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, ContactRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, ApplicationRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, UndeliveredRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, QueueRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, OperatorRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, AvatarRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, AttachmentRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, ReportRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, DomainRoutes>(),
            ServiceDescriptor.Singleton<INodeRoutes, LeaveRoutes>(),
        ]);
    }
}
