using System.Text;
using System.Web;
using Microblog.Delivery;
using Microblog.Http;
using Microblog.Policies;
using Microblog.Remote;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Testing.Tests.Invariants;

/// <summary>Nodes that are wrong in one way each, as real ones have been, and the promise that each of them breaks.</summary>
internal static class Mutants
{
    public static IEnumerable<(Mutant Mutant, string Broken)> All =>
    [
        (SettleBeforeSend, "Nothing that was acknowledged is lost"),
        (QueueInMemory, "Nothing that was acknowledged is lost"),
        (LeaseNeverEnds, "still waits"),
        (NeighbourSilenced, "Nothing that was acknowledged is lost"),
        (NoDedupe, "Nothing arrives twice"),
        (OrderLostOnRetry, "What an author says arrives in its order"),
        (TokenNotBound, "Nobody hears what its author never said"),
        (RefusalIgnored, "After 403 there is silence"),
        (NeverRevoked, "Nobody hears what is not for them, or what they ended"),
        (NonceInMemory, "A listener sees the author's last profile"),
        (UnprovenInHomes, "Nobody hears what its author never said"),
        (UnprovenAtItsAddress, "What is not proven is shown to nobody else"),
        (PolledByNumber, "Whoever polls for what is newer misses nothing"),
        (DeletedInSilence, "Whoever follows what is published and deleted has what the node shows"),
        (Lazy, "In quiet times a notice arrives within a minute"),
        (FollowersOnlyLeaves, "Nothing but public and unlisted notices leaves"),
        (LocalOnlyLeaves, "Nothing but public and unlisted notices leaves"),
        (NumbersGoBack, "Numbers grow, whatever the clock does"),
        (PublishingWaits, "Nobody who publishes waits for another service"),
    ];

    // What is leased is taken for delivered.
    private static Mutant SettleBeforeSend => new("settles before it sends", call =>
    {
        var result = call.Go();
        if (call.Method == nameof(IDeliveryStore.LeaseAsync))
        {
            var lease = Now((ValueTask<Lease>)result!);
            foreach (var lane in lease.Lanes)
                _ = Now(call.Store.Deliveries.SettleAsync([new(lease.Token, lane.Id, lane.Events[^1].Number, [], null, "", false)], default));
            return new ValueTask<Lease>(lease);
        }

        return result;
    });

    // The first lease of a run finds what an earlier run left, and throws it away.
    private static Mutant QueueInMemory => new("keeps its queue in memory", call =>
    {
        if (call.Method == nameof(IDeliveryStore.LeaseAsync) && call.Memory.TryAdd("started", true))
        {
            var rest = (LeaseRequest)call.Arguments[0]! with { Lanes = 1_000, PerLane = 1_000, PerDestination = 1_000 };
            foreach (var failing in new[] { false, true })
            {
                var lease = Now(call.Store.Deliveries.LeaseAsync(rest with { Failing = failing }, default));
                foreach (var lane in lease.Lanes)
                    _ = Now(call.Store.Deliveries.SettleAsync([new(lease.Token, lane.Id, lane.Events[^1].Number, [], null, "", false)], default));
            }
        }

        return call.Go();
    });

    private static Mutant LeaseNeverEnds => new("leases for ever", call =>
        call.Method == nameof(IDeliveryStore.LeaseAsync)
            ? call.GoWith((LeaseRequest)call.Arguments[0]! with { Duration = TimeSpan.FromDays(10_000) })
            : call.Go());

    // 403 ends everybody's subscription there, as a node does that takes it for "nobody left".
    private static Mutant NeighbourSilenced => new("silences a neighbour by 403", call =>
    {
        if (call is { Method: nameof(ISubscriptionStore.EndAsync), Arguments: [SubscriptionId id, ..] }
            && Now(call.Store.Subscriptions.FindAsync(id, default)) is { IsSubscriberLocal: false } ended)
        {
            foreach (var other in Now(call.Store.Subscriptions.ListSubscribersAsync(ended.Publisher, SubscriptionState.Active, null, 100, default))
                .Where(other => WebAddress.HostOf(other.Subscription.Endpoint) == WebAddress.HostOf(ended.Endpoint)))
                _ = Now(call.Store.Subscriptions.EndAsync(other.Subscription.Id, default));
        }

        return call.Go();
    });

    private static Mutant NoDedupe => new("stores a notice each time that it comes", call =>
        call.Method == nameof(INoticeStore.ReceiveAsync)
            ? call.GoWith(((IReadOnlyList<ReceivedNotice>)call.Arguments[0]!).Select(received => received with
            {
                Notice = received.Notice with { Uri = NoticeUri.Parse($"{received.Notice.Uri.Value}#{received.Notice.Id}") },
            }).ToList())
            : call.Go());

    // After a failure it begins at the wrong end.
    private static Mutant OrderLostOnRetry => new("loses the order when it tries again", call =>
    {
        if (call.Method != nameof(IDeliveryStore.LeaseAsync))
            return call.Go();
        var lease = Now((ValueTask<Lease>)call.Go()!);
        return new ValueTask<Lease>(lease with
        {
            Lanes = [.. lease.Lanes.Select(lane => lane.Attempts > 0 ? lane with { Events = [.. lane.Events.Reverse()] } : lane)],
        });
    });

    // Takes the sender's word for who speaks, whatever the token was given for.
    private static Mutant TokenNotBound => new("does not bind a token to its listenee", call => call.Go())
    {
        // Asked before the real one.
        Services = services => services.Insert(0, ServiceDescriptor.Singleton<INodeRoutes, CarelessRoutes>()),
    };

    // The sender hears 403 and goes on.
    private static Mutant RefusalIgnored => new("ignores 403", call =>
        call is { Method: nameof(ISubscriptionStore.EndAsync), Arguments: [SubscriptionId id, ..] }
            && Now(call.Store.Subscriptions.FindAsync(id, default)) is { IsSubscriberLocal: false }
                ? new ValueTask<bool>(true)
                : call.Go());

    private static Mutant NeverRevoked => new("lets an ended subscription's token in", call =>
        call.Method == nameof(ICredentialStore.ClaimAsync)
            ? new ValueTask<IReadOnlyList<ClaimResult>>([.. Now((ValueTask<IReadOnlyList<ClaimResult>>)call.Go()!)
                .Select(result => result == ClaimResult.NotInForce ? ClaimResult.Accepted : result)])
            : call.Go());

    // Outside of the transaction and of the store: gone with the process.
    private static Mutant NonceInMemory => new("remembers nonces beside the transaction", call =>
    {
        if (call.Method != nameof(ICredentialStore.ClaimAsync))
            return call.Go();
        var claims = (IReadOnlyList<CredentialClaim>)call.Arguments[1]!;
        call.Arguments[1] = claims.Select(claim => claim with { Once = null }).ToList();
        return new ValueTask<IReadOnlyList<ClaimResult>>([.. Now((ValueTask<IReadOnlyList<ClaimResult>>)call.Go()!).Select((result, i) =>
            result == ClaimResult.Accepted && !call.Memory.TryAdd($"{claims[i].Once}", true) ? ClaimResult.NotNew : result)]);
    });

    // What one listener's token brought stands in every home here.
    private static Mutant UnprovenInHomes => new("shows what is not proven in others' homes", call =>
    {
        if (call.Method != nameof(ITimelineReader.HomeAsync))
            return call.Go();
        var page = Now((ValueTask<EntryPage>)call.Go()!);
        if (Now(call.Session.Profiles.FindLocalAsync(World.AccompliceName, default)) is not { } accomplice)
            return new ValueTask<EntryPage>(page);
        var brought = Now(call.Session.Timelines.HomeAsync(accomplice.Id, (PageRequest)call.Arguments[1]!, default));
        return new ValueTask<EntryPage>(new EntryPage(
            [.. page.Concat(brought).DistinctBy(entry => entry.Notice.Id).OrderByDescending(entry => entry.Position.Value)], page.Next));
    });

    // And at its address.
    private static Mutant UnprovenAtItsAddress => new("shows what is not proven at its address", call =>
    {
        var result = call.Go();
        return call is { Method: nameof(INoticeReader.FindAsync), Arguments: [NoticeId id, ProfileId, ..] }
            && Now((ValueTask<TimelineEntry?>)result!) is null
            && Now(call.Session.Profiles.FindLocalAsync(World.AccompliceName, default)) is { } accomplice
                ? new ValueTask<TimelineEntry?>(Now(call.Session.Notices.FindAsync(id, accomplice.Id, default)))
                : result;
    });

    // Reads on by the notices' numbers, as home did once.
    private static Mutant PolledByNumber => new("pages homes by the notices' numbers", call =>
        call is { Method: nameof(ITimelineReader.HomeAsync), Arguments: [_, PageRequest { After: { } after }, ..] }
            ? new ValueTask<EntryPage>(EntryPage.Create(
                [.. Now((ValueTask<EntryPage>)call.Go()!).Where(entry => entry.Notice.Id.Value > after.Value)],
                PageRequest.NewerThan(after, 1), long.MaxValue))
            : call.Go());

    // Looks at its queue now and then only.
    private static Mutant Lazy => new("delivers when it pleases", call =>
    {
        if (call.Method != nameof(IDeliveryStore.LeaseAsync))
            return call.Go();
        var count = call.Memory.GetValueOrDefault("leases") is int before ? before + 1 : 0;
        call.Memory["leases"] = count;
        return count % 9 == 0 ? call.Go() : new ValueTask<Lease>(new Lease(default, [], null));
    });

    private static Mutant FollowersOnlyLeaves => new("lets followers' notices out", call =>
        LetOut(call, notice => notice.Visibility == Visibility.Followers));

    private static Mutant LocalOnlyLeaves => new("lets local notices out", call => LetOut(call, notice => notice.IsLocalOnly));

    private static object? LetOut(Mutant.Call call, Func<Notice, bool> isMeant)
    {
        if (call.Method != nameof(INoticeStore.PublishAsync) || call.Arguments[0] is not Notice notice || !isMeant(notice))
            return call.Go();
        var result = call.GoWith(notice with { IsLocalOnly = false, Visibility = Visibility.Public });
        _ = call.Store.Deliveries.EnqueueAsync(
            new DeliveryEvent { Author = notice.Author, Kind = DeliveryEventKind.Notice, Notice = notice.Id }, default).AsTask();
        return result;
    }

    private static Mutant DeletedInSilence => new("deletes and tells nobody", call =>
    {
        if (call.Method == nameof(INoticeStore.DeleteAsync) && call.Arguments[0] is NoticeId)
            call.Arguments[1] = default(TimelinePosition);
        return call.Go();
    });

    private static Mutant NumbersGoBack => new("draws numbers by the clock alone", call => call.Go())
    {
        Ids = (clock, before) =>
        {
            using var drawn = before.Draw();
            // Far enough back to be a step of the clock rather than a borrowed millisecond.
            return IdSource.TimeOf(drawn.Value) > clock.GetUtcNow() + TimeSpan.FromMinutes(1) ? new IdSource(clock, 0, 0) : before;
        },
    };

    private static Mutant PublishingWaits => new("asks another service before it publishes", call => call.Go())
    {
        Services = services => services.AddSingleton<INoticePolicy, AskingPolicy>(),
    };

    // The store in memory ends at once whatever it is asked.
    private static T Now<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    private sealed class AskingPolicy(RemoteClient client) : INoticePolicy
    {
        public async ValueTask<string?> ObjectToAsync(Notice notice, Profile author, CancellationToken cancellationToken)
        {
            if (!notice.IsRemote)
                await client.SendAsync(RemoteRequest.Get(new Uri("https://evil.example/allowed")), cancellationToken);
            return null;
        }
    }

    /// <summary>Stands before the real postNotice, for notices in the name of somebody whom the token was not given for.</summary>
    private sealed class CarelessRoutes(IMicroblogStore store) : INodeRoutes
    {
        public IEnumerable<NodeRoute> Routes =>
        [
            new() { Method = "POST", Template = "/omb/{id}/notice", Access = RouteAccess.Credential, MaxBodyBytes = 100_000, Handler = AnswerAsync },
        ];

        private async ValueTask<NodeResponse> AnswerAsync(NodeRequest request, CancellationToken cancellationToken)
        {
            var form = HttpUtility.ParseQueryString(Encoding.UTF8.GetString(request.Body.Span));
            using var id = store.Ids.Draw();
            return await store.ExecuteAsync(
                async (session, ct) =>
                {
                    if (await session.Credentials.FindAsync("omb.access", form["oauth_token"]!, ct) is not { } credential)
                        return NodeResponse.Text(401, "unknown token");
                    var heard = await session.Subscriptions.ListPublishersAsync(credential.Person, null, 100, ct);
                    if (heard.FirstOrDefault(entry => entry.Other.Uri.Value == form["omb_listenee"]) is not { } entry)
                        return NodeResponse.Text(400, "not heard");
                    await session.Notices.ReceiveAsync(
                        [
                            new(
                                new Notice
                                {
                                    Id = id.Notice, Uri = NoticeUri.Parse(form["omb_notice"]!), Author = entry.Other.Id, Content = form["omb_notice_content"]!,
                                    License = "", IsRemote = true, Scope = entry.Other.Scope, Conversation = id.Notice,
                                },
                                credential.Person),
                        ],
                        ct);
                    return NodeResponse.Text(200, "omb_version=http://openmicroblogging.org/protocol/0.1");
                },
                cancellationToken);
        }
    }
}
