using Microblog.Delivery;
using Microblog.Testing;

namespace Microblog.Storage.Conformance;

/// <summary>What every store has to do alike. A store's test project derives each of the abstract classes.</summary>
public abstract class StoreConformance(IStoreFixture fixture) : IAsyncLifetime
{
    protected const string Licence = "https://creativecommons.org/licenses/by/4.0/";

    protected FakeTimeProvider Clock { get; } = new();

    protected IStoreFixture Fixture => fixture;

    protected IMicroblogStore Store { get; private set; } = null!;

    protected static CancellationToken None => CancellationToken.None;

    public async Task InitializeAsync()
    {
        Store = fixture.CreateStore(Clock);
        await Store.StartAsync(None);
    }

    /// <summary>Whatever a test did, what is kept of people is right in the end.</summary>
    public async Task DisposeAsync()
    {
        if (Store is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        using (fixture)
        {
            if (fixture is IHostFixture database)
                Assert.Empty(await KeptCounts.FindWrongAsync(database));
        }
    }

    protected ValueTask<T> Write<T>(Func<IStoreSession, ValueTask<T>> work) => Store.ExecuteAsync((session, _) => work(session), None);

    protected ValueTask<bool> Write(Func<IStoreSession, ValueTask> work) => Store.ExecuteAsync(
        async (session, _) =>
        {
            await work(session);
            return true;
        },
        None);

    protected ValueTask<T> Read<T>(Func<IReadSession, ValueTask<T>> work) =>
        Store.ReadAsync(Freshness.Latest, (session, _) => work(session), None);

    /// <summary>Does something so many times at once, each with its number.</summary>
    protected static Task<T[]> AtOnceAsync<T>(int count, Func<int, ValueTask<T>> work) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(number => Task.Run(() => work(number).AsTask())));

    /// <summary>An address of 2,048 bytes that cannot be compressed, so that it takes as much room in an index as it can.</summary>
    protected static string LongAddress(int seed)
    {
        const string Start = "https://there.example/";
        return Start + new string(new Random(seed).GetItems<char>("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", WebAddress.MaxLength - Start.Length));
    }

    protected NoticeId NewNoticeId() => DrawAndClose(id => id.Notice);

    protected ProfileId NewProfileId() => DrawAndClose(id => id.Profile);

    protected SubscriptionId NewSubscriptionId() => DrawAndClose(id => id.Subscription);

    protected Profile LocalProfile(string nickname) => new()
    {
        Id = NewProfileId(),
        Uri = ProfileUri.Parse($"https://here.example/person/{nickname}"),
        Nickname = nickname,
        Url = $"https://here.example/{nickname}",
        IsLocal = true,
        License = Licence,
    };

    protected Profile RemoteProfile(string nickname, SubscriptionId scope = default, string host = "there.example") => new()
    {
        Id = NewProfileId(),
        Uri = ProfileUri.Parse($"https://{host}/person/{nickname}"),
        Nickname = nickname,
        Url = $"https://{host}/{nickname}",
        IsLocal = false,
        Host = host,
        License = Licence,
        Scope = scope,
        FetchedAt = Clock.GetUtcNow(),
    };

    protected async Task<Profile> AddLocalAsync(string nickname)
    {
        var profile = LocalProfile(nickname);
        Assert.Equal(AddProfileResult.Added, await Write(session => session.Profiles.AddLocalAsync(profile, $"subject-{nickname}", None)));
        return profile;
    }

    protected async Task<Profile> AddRemoteAsync(string nickname, SubscriptionId scope = default, string host = "there.example")
    {
        var profile = RemoteProfile(nickname, scope, host);
        return profile with { Id = await Write(session => session.Profiles.SaveRemoteAsync(profile, None)) };
    }

    /// <summary>Of a local listener.</summary>
    protected Subscription LocalSubscription(Profile subscriber, Profile publisher, SubscriptionState state = SubscriptionState.Active) => new()
    {
        Id = NewSubscriptionId(),
        Subscriber = subscriber.Id,
        Publisher = publisher.Id,
        State = state,
        Protocol = publisher.IsLocal ? Subscription.LocalProtocol : "omb",
        IsSubscriberLocal = true,
        CreatedAt = Clock.GetUtcNow(),
    };

    /// <summary>A remote listener of a local person.</summary>
    protected Subscription OutgoingSubscription(Profile subscriber, Profile publisher, string endpoint = "https://there.example/post") => new()
    {
        Id = NewSubscriptionId(),
        Subscriber = subscriber.Id,
        Publisher = publisher.Id,
        State = SubscriptionState.Active,
        Protocol = "omb",
        IsSubscriberLocal = false,
        Peer = subscriber.Host,
        Endpoint = endpoint,
        ProfileEndpoint = endpoint + "/profile",
        Token = "token-" + subscriber.Id,
        ProtectedSecret = new byte[] { 1, 0, 255 },
        CreatedAt = Clock.GetUtcNow(),
    };

    protected async Task<Subscription> SaveAsync(Subscription subscription)
    {
        await Write(session => session.Subscriptions.SaveAsync(subscription, None));
        return subscription;
    }

    /// <summary>A local listener of a remote person, with that person's profile as this subscription brought it.</summary>
    protected async Task<(Subscription Subscription, Profile Author)> HearRemoteAsync(Profile listener, string nickname, string host = "there.example")
    {
        var scope = NewSubscriptionId();
        var author = await AddRemoteAsync(nickname, scope, host);
        var subscription = await SaveAsync(new Subscription
        {
            Id = scope,
            Subscriber = listener.Id,
            Publisher = author.Id,
            State = SubscriptionState.Active,
            Protocol = "omb",
            IsSubscriberLocal = true,
            Peer = host,
            CreatedAt = Clock.GetUtcNow(),
        });
        return (subscription, author);
    }

    protected Notice LocalNotice(Profile author, string content = "hello", Visibility visibility = Visibility.Public)
    {
        var id = NewNoticeId();
        return new Notice
        {
            Id = id,
            Uri = NoticeUri.Parse($"https://here.example/notice/{id}"),
            Author = author.Id,
            Content = content,
            Url = $"https://here.example/notice/{id}",
            License = Licence,
            Visibility = visibility,
            Conversation = id,
        };
    }

    protected Notice RemoteNotice(Profile author, string uri, string content = "hello from afar")
    {
        var id = NewNoticeId();
        return new Notice
        {
            Id = id,
            Uri = NoticeUri.Parse(uri),
            Author = author.Id,
            Content = content,
            Url = uri,
            License = Licence,
            IsRemote = true,
            Scope = author.Scope,
            Conversation = id,
        };
    }

    protected async Task<Notice> PublishAsync(Notice notice)
    {
        Assert.True(await Write(session => session.Notices.PublishAsync(notice, None)));
        return notice;
    }

    protected Task<Notice> PublishAsync(Profile author, string content = "hello", Visibility visibility = Visibility.Public) =>
        PublishAsync(LocalNotice(author, content, visibility));

    protected async Task<ReceiveResult> ReceiveAsync(Notice notice, Profile listener) =>
        Assert.Single(await ReceiveAsync((notice, listener)));

    /// <summary>Several in one call.</summary>
    protected Task<IReadOnlyList<ReceiveResult>> ReceiveAsync(params (Notice Notice, Profile Listener)[] received) =>
        Write(session => session.Notices.ReceiveAsync([.. received.Select(item => new ReceivedNotice(item.Notice, item.Listener.Id))], None)).AsTask();

    protected async Task<Attachment> UploadAsync(Profile owner, string description = "", int size = 5_000)
    {
        var id = new AttachmentId(NewNoticeId().Value);
        var upload = new Attachment
        {
            Id = id,
            Blob = BlobKey.Of(System.Text.Encoding.UTF8.GetBytes($"{id}")),
            MediaType = "image/png",
            Size = size,
            Width = 640,
            Height = 480,
            Description = description,
        };
        await Write(session => session.Attachments.AddAsync(upload, owner.Id, None));
        return upload;
    }

    /// <returns>Whether there is more to do.</returns>
    protected async Task<bool> ContinueAsync(int count = 100)
    {
        using var drawn = Store.Ids.Draw();
        return await Write(session => session.Notices.ContinueAsync(count, drawn.Position, None));
    }

    /// <returns>Whether it was there.</returns>
    protected async Task<bool> DeleteAsync(NoticeId id)
    {
        using var drawn = Store.Ids.Draw();
        return await Write(session => session.Notices.DeleteAsync(id, drawn.Position, None));
    }

    protected Task<TimelineEntry?> FindAsync(NoticeId id, ProfileId viewer = default) =>
        Read(session => session.Notices.FindAsync(id, viewer, None)).AsTask();

    protected async Task<NoticeId[]> HomeAsync(Profile owner, PageRequest? page = null) =>
        IdsOf(await Read(session => session.Timelines.HomeAsync(owner.Id, page ?? PageRequest.Newest(200), None)));

    protected static NoticeId[] IdsOf(IEnumerable<TimelineEntry> entries) => [.. entries.Select(entry => entry.Notice.Id)];

    protected static TimelinePosition At(NoticeId notice) => TimelinePosition.FromNoticeId(notice);

    protected static DeliveryEvent EventOf(Notice notice) =>
        new() { Author = notice.Author, Kind = DeliveryEventKind.Notice, Notice = notice.Id };

    protected Task<Lease> LeaseAsync(int lanes = 10, int perLane = 10, int perDestination = 8, bool failing = false) =>
        Write(session => session.Deliveries.LeaseAsync(
            new LeaseRequest(TimeSpan.FromMinutes(1), lanes, perLane, perDestination, failing), None)).AsTask();

    /// <summary>Has search take up everything, so much in a step.</summary>
    protected async Task IndexAsync(int count = 100)
    {
        IndexResult result;
        do
        {
            using var mark = Store.Ids.Draw();
            var state = await Read(session => session.Search.MeasureAsync(None));
            result = await Write(session => session.Search.IndexAsync(count, state.Horizon, None));
        }
        while (result is IndexResult.More or IndexResult.MoreOld);
    }

    private T DrawAndClose<T>(Func<DrawnId, T> take)
    {
        using var drawn = Store.Ids.Draw();
        return take(drawn);
    }
}
