using Microblog.Pages;
using Microblog.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.AspNetCore.Pages;

/// <summary>Renders pages with Razor components on the server. Components encode text by themselves.</summary>
internal sealed class ComponentPageRenderer(
    IServiceScopeFactory scopes, ILoggerFactory loggers, IOptions<MicroblogWebOptions> options) : IPageRenderer
{
    private static readonly Dictionary<Type, Type> Defaults = new()
    {
        [typeof(TimelinePage)] = typeof(TimelineView),
        [typeof(SearchResultPage)] = typeof(SearchView),
        [typeof(NoticePage)] = typeof(NoticeView),
        [typeof(HistoryPage)] = typeof(HistoryView),
        [typeof(NotificationsPage)] = typeof(NotificationsView),
        [typeof(WritePage)] = typeof(WriteView),
        [typeof(ProfilePage)] = typeof(ProfileView),
        [typeof(FollowersPage)] = typeof(FollowersView),
        [typeof(FollowingPage)] = typeof(FollowingView),
        [typeof(SubscribePage)] = typeof(SubscribeView),
        [typeof(BlocksPage)] = typeof(BlocksView),
        [typeof(GroupsPage)] = typeof(GroupsView),
        [typeof(GroupPage)] = typeof(GroupView),
        [typeof(GroupMembersPage)] = typeof(GroupMembersView),
        [typeof(GroupFormPage)] = typeof(GroupFormView),
        [typeof(SettingsPage)] = typeof(SettingsView),
        [typeof(ContactsPage)] = typeof(ContactsView),
        [typeof(ContactOfferPage)] = typeof(ContactOfferView),
        [typeof(UndeliveredPage)] = typeof(UndeliveredView),
        [typeof(InvitationsPage)] = typeof(InvitationsView),
        [typeof(InvitationPage)] = typeof(InvitationView),
        [typeof(ApplicationsPage)] = typeof(ApplicationsView),
        [typeof(ApplicationPage)] = typeof(ApplicationView),
        [typeof(PasswordsPage)] = typeof(PasswordsView),
        [typeof(AuthorizePage)] = typeof(AuthorizeView),
        [typeof(PinPage)] = typeof(PinView),
        [typeof(JoinPage)] = typeof(JoinView),
        [typeof(QueuePage)] = typeof(QueueView),
        [typeof(LanePage)] = typeof(LaneView),
        [typeof(FailedDeliveryPage)] = typeof(FailedDeliveryView),
        [typeof(ChecksPage)] = typeof(ChecksView),
        [typeof(RefusalsPage)] = typeof(RefusalsView),
        [typeof(RefusalPage)] = typeof(RefusalView),
        [typeof(ReportsPage)] = typeof(ReportsView),
        [typeof(ReportPage)] = typeof(ReportView),
        [typeof(StandingPage)] = typeof(StandingView),
        [typeof(DomainsPage)] = typeof(DomainsView),
        [typeof(AuditPage)] = typeof(AuditView),
        [typeof(PoliciesPage)] = typeof(PoliciesView),
        [typeof(ReportFormPage)] = typeof(ReportFormView),
        [typeof(LeavePage)] = typeof(LeaveView),
        [typeof(ConsentPage)] = typeof(ConsentView),
        [typeof(OutOfBandPage)] = typeof(OutOfBandView),
        [typeof(RemoteSubscribePage)] = typeof(RemoteSubscribeView),
        [typeof(MessagePage)] = typeof(MessageView),
    };

    public ValueTask<string> RenderAsync(Page page, CancellationToken cancellationToken) => RenderAsync<Document>(
        new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(Document.Page)] = page,
            [nameof(Document.View)] = ViewOf(page.GetType()),
            [nameof(Document.Layout)] = options.Value.Layout,
        },
        cancellationToken);

    public ValueTask<string> RenderNoticeAsync(ListedNotice item, PageFrame frame, CancellationToken cancellationToken) => RenderAsync<NoticeItem>(
        new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(NoticeItem.Item)] = item,
            [nameof(NoticeItem.Frame)] = frame,
        },
        cancellationToken);

    private async ValueTask<string> RenderAsync<T>(Dictionary<string, object?> parameters, CancellationToken cancellationToken)
        where T : IComponent
    {
        cancellationToken.ThrowIfCancellationRequested();
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var renderer = new HtmlRenderer(scope.ServiceProvider, loggers);
            await using (renderer.ConfigureAwait(false))
            {
                var view = ParameterView.FromDictionary(parameters);
                return await renderer.Dispatcher.InvokeAsync(
                    async () => (await renderer.RenderComponentAsync<T>(view).ConfigureAwait(false)).ToHtmlString()).ConfigureAwait(false);
            }
        }
    }

    private Type ViewOf(Type page) =>
        options.Value.Components.TryGetValue(page, out var view) || Defaults.TryGetValue(page, out view)
            ? view
            : throw new InvalidOperationException($"No component shows {page.Name}. Add one to {nameof(MicroblogWebOptions)}.{nameof(MicroblogWebOptions.Components)}.");
}
