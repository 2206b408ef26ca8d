using Microblog.Delivery;
using Microblog.Remote;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>What the tests ask of a node's store.</summary>
internal static class NodeQueries
{
    public static Task<IReadOnlyList<SubscriptionEntry>> SubscribersAsync(
        this TestNode node, Profile publisher, SubscriptionState state = SubscriptionState.Active) =>
        node.Node.ReadAsync((session, ct) => session.Subscriptions.ListSubscribersAsync(publisher.Id, state, null, 100, ct));

    public static Task<IReadOnlyList<LaneStatus>> WaitingAsync(this TestNode node) =>
        node.Node.ReadAsync((session, ct) => session.Deliveries.ListWaitingAsync(100, ct));

    public static Task<IReadOnlyList<FailedDelivery>> FailedAsync(this TestNode node) =>
        node.Node.ReadAsync((session, ct) => session.Deliveries.ListFailedAsync(100, ct));

    /// <summary>Waits until nothing is left to send, and nothing is on its way.</summary>
    public static Task RestAsync(this TestNode node) => Eventually.Async(node.WaitingAsync, waiting => waiting.Count == 0);

    public static async Task<Notice> SayAsync(this TestNode node, Profile author, string content) =>
        (await node.Node.PublishAsync(author.Id, new NoticeDraft { Content = content })).Value;

    public static void ConfigureRemote(this IServiceCollection services, Action<RemoteOptions> configure) => services.Configure(configure);
}
