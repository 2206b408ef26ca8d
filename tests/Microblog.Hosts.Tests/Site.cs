using Microblog.Delivery;
using Microblog.Federation;
using Microblog.Identity;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microblog.Hosts.Tests;

/// <summary>A host with a node in its own database. Alice has joined, and somebody elsewhere listens to her.</summary>
public sealed class Site : IAsyncDisposable
{
    private readonly IHost host;

    private Site(IHost host) => this.host = host;

    public MicroblogNode Node => host.Services.GetRequiredService<MicroblogNode>();

    public ProfileId Alice { get; private set; }

    /// <param name="database">Where the host's tables and the node's lie.</param>
    /// <param name="hear">Is told each notice that is delivered; <see langword="null"/> for a process that delivers nothing.</param>
    public static async Task<Site> StartAsync(HostDatabase database, Action<string>? hear)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ISecretProtector, OpenSecrets>();
        builder.Services.AddSingleton<ILaneProtocol>(s => new Mouth(s.GetRequiredService<IMicroblogStore>(), hear));
        database.Use(builder.Services.AddMicroblogCore(options =>
        {
            options.BaseUri = new Uri("https://site.example/notes/");
            options.License = License.CcBy40;
            options.Delivery.IsEnabled = hear is not null;
        }));
        var site = new Site(builder.Build());
        await site.host.StartAsync();
        await site.JoinAsync();
        return site;
    }

    public async Task<IReadOnlyList<string>> HomeAsync() =>
        [.. (await Node.HomeAsync(Alice, PageRequest.Newest(200))).Select(entry => entry.Notice.Content)];

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        if (host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    private async Task JoinAsync()
    {
        if (await Node.FindProfileAsync("alice") is { } known)
        {
            Alice = known.Id;
            return;
        }

        var alice = (await Node.JoinAsync("alice", "alice")).Value;
        Alice = alice.Id;
        var store = host.Services.GetRequiredService<IMicroblogStore>();
        using var listener = store.Ids.Draw();
        using var subscription = store.Ids.Draw();
        await store.ExecuteAsync(
            async (session, token) =>
            {
                var bob = await session.Profiles.SaveRemoteAsync(
                    new Profile
                    {
                        Id = listener.Profile,
                        Uri = ProfileUri.Parse("https://there.example/bob"),
                        Nickname = "bob",
                        Url = "https://there.example/bob",
                        IsLocal = false,
                        Host = "there.example",
                        License = alice.License,
                    },
                    token);
                await session.Subscriptions.SaveAsync(
                    new Subscription
                    {
                        Id = subscription.Subscription,
                        Subscriber = bob,
                        Publisher = alice.Id,
                        State = SubscriptionState.Active,
                        Protocol = Mouth.Protocol,
                        IsSubscriberLocal = false,
                        Peer = "there.example",
                        Endpoint = "https://there.example/post",
                        ProfileEndpoint = "https://there.example/profile",
                        CreatedAt = TimeProvider.System.GetUtcNow(),
                    },
                    token);
                return true;
            },
            CancellationToken.None);
    }

    /// <summary>A protocol that speaks to the test.</summary>
    private sealed class Mouth(IMicroblogStore store, Action<string>? hear) : ILaneProtocol
    {
        public const string Protocol = "mouth";

        public string Name => Protocol;

        public ValueTask<IReadOnlyList<DeliveryOutcome>> SendAsync(LeasedLane lane, CancellationToken cancellationToken) =>
            LaneBatch.SendInOrderAsync(
                lane,
                async (item, token) =>
                {
                    var found = await store.ReadAsync(
                        Freshness.Latest, (session, ct) => session.Notices.FindAsync(item.Notice, item.Author, ct), token);
                    hear?.Invoke(found!.Notice.Content);
                    return DeliveryOutcome.Delivered;
                },
                cancellationToken);
    }

    private sealed class OpenSecrets : ISecretProtector
    {
        public byte[] Protect(ReadOnlySpan<byte> secret) => secret.ToArray();

        public byte[]? Unprotect(ReadOnlySpan<byte> data) => data.ToArray();
    }
}
