namespace Microblog.Storage.Conformance;

/// <summary>What people are told, and how far they have read.</summary>
public abstract class NotificationConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task Mentions_and_what_others_did_stand_in_one_list_newest_first()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var own = await PublishAsync(LocalNotice(alice) with { Mentions = [alice.Id] });
        var mention = await PublishAsync(LocalNotice(bob) with { Mentions = [alice.Id] });
        await TellAsync(alice, NotificationKind.Favourite, carol, own.Id);
        var follow = await SaveAsync(LocalSubscription(bob, alice));
        await TellAsync(alice, NotificationKind.Follow, bob, subscription: follow.Id);

        var all = await ListAsync(alice, PageRequest.Newest(9));

        Assert.Equal(
            [(NotificationKind.Follow, bob, default), (NotificationKind.Favourite, carol, own.Id), (NotificationKind.Mention, bob, mention.Id)],
            all.Select(told => (told.Kind, told.Actor, told.Notice?.Notice.Id ?? default)));
        Assert.Empty(await ListAsync(bob, PageRequest.Newest(9)));
        var older = await ListAsync(alice, PageRequest.OlderThan(all[0].Position, 1));
        Assert.Equal([all[1].Position], older.Select(told => told.Position));
        var newer = await ListAsync(alice, PageRequest.NewerThan(all[2].Position, 1));
        Assert.Equal([all[1].Position], newer.Select(told => told.Position));
        Assert.Equal(all[1].Position, newer.Next);
    }

    [Fact]
    public async Task The_same_is_not_told_twice_while_it_stands()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(alice);
        var follow = await SaveAsync(LocalSubscription(bob, alice));
        for (var time = 0; time < 2; time++)
        {
            await TellAsync(alice, NotificationKind.Favourite, bob, notice.Id);
            await TellAsync(alice, NotificationKind.Follow, bob, subscription: follow.Id);
        }

        Assert.Equal(2, (await ListAsync(alice, PageRequest.Newest(9))).Count);

        await Write(session => session.Subscriptions.EndAsync(follow.Id, None));
        await TellAsync(alice, NotificationKind.Follow, bob, subscription: follow.Id);
        Assert.Equal(2, (await ListAsync(alice, PageRequest.Newest(9))).Count);
    }

    [Fact]
    public async Task A_notification_goes_with_its_cause()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var mention = await PublishAsync(LocalNotice(bob) with { Mentions = [alice.Id] });
        var own = await PublishAsync(alice);
        await TellAsync(alice, NotificationKind.Favourite, bob, own.Id);
        var request = await SaveAsync(LocalSubscription(bob, alice, SubscriptionState.Requested));
        await TellAsync(alice, NotificationKind.FollowRequest, bob, subscription: request.Id);
        Assert.Equal(3, (await ListAsync(alice, PageRequest.Newest(9))).Count);

        await DeleteAsync(mention.Id);
        Assert.Equal([NotificationKind.FollowRequest, NotificationKind.Favourite], (await ListAsync(alice, PageRequest.Newest(9))).Select(told => told.Kind));
        await DeleteAsync(own.Id);
        Assert.Equal([NotificationKind.FollowRequest], (await ListAsync(alice, PageRequest.Newest(9))).Select(told => told.Kind));
        await SaveAsync(request with { State = SubscriptionState.Active });
        Assert.Empty(await ListAsync(alice, PageRequest.Newest(9)));
        await TellAsync(alice, NotificationKind.Follow, bob, subscription: request.Id);
        await Write(session => session.Subscriptions.EndAsync(request.Id, None));
        Assert.Empty(await ListAsync(alice, PageRequest.Newest(9)));
    }

    [Fact]
    public async Task Nobody_is_told_of_those_whom_a_block_keeps_away_nor_of_what_they_may_not_see()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var own = await PublishAsync(alice);
        await TellAsync(alice, NotificationKind.Favourite, bob, own.Id);
        await TellAsync(alice, NotificationKind.Favourite, carol, own.Id);
        await PublishAsync(LocalNotice(bob) with { Mentions = [alice.Id] });
        await PublishAsync(LocalNotice(carol, visibility: Visibility.Followers) with { Mentions = [alice.Id] });
        Assert.Equal(3, (await ListAsync(alice, PageRequest.Newest(9))).Count);

        await Write(session => session.Subscriptions.BlockAsync(alice.Id, bob.Uri, Clock.GetUtcNow(), None));
        Assert.Equal([carol.Id], (await ListAsync(alice, PageRequest.Newest(9))).Select(told => told.Actor.Id));
        await Write(session => session.Subscriptions.BlockAsync(carol.Id, alice.Uri, Clock.GetUtcNow(), None));
        Assert.Empty(await ListAsync(alice, PageRequest.Newest(9)));
    }

    [Fact]
    public async Task How_far_somebody_has_read_goes_forward_only_and_for_each_list_alone()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        Assert.Equal(default, await MarkAsync(alice, ReadMarks.Home));

        await MarkReadAsync(alice, ReadMarks.Home, 9);
        await MarkReadAsync(alice, ReadMarks.Home, 7);
        await MarkReadAsync(alice, ReadMarks.Notifications, 5);

        Assert.Equal(new TimelinePosition(9), await MarkAsync(alice, ReadMarks.Home));
        Assert.Equal(new TimelinePosition(5), await MarkAsync(alice, ReadMarks.Notifications));
        Assert.Equal(default, await MarkAsync(bob, ReadMarks.Home));
    }

    private async Task TellAsync(Profile owner, NotificationKind kind, Profile actor, NoticeId notice = default, SubscriptionId subscription = default)
    {
        using var drawn = Store.Ids.Draw();
        await Write(session => session.Notifications.AddAsync(
            new Notification { Owner = owner.Id, Position = drawn.Position, Kind = kind, Actor = actor.Id, Notice = notice, Subscription = subscription }, None));
    }

    private ValueTask<NotificationPage> ListAsync(Profile owner, PageRequest page) => Read(session => session.Notifications.ListAsync(owner.Id, page, None));

    private ValueTask<bool> MarkReadAsync(Profile person, string list, long position) =>
        Write(session => session.Notifications.MarkReadAsync(person.Id, list, new TimelinePosition(position), None));

    private ValueTask<TimelinePosition> MarkAsync(Profile person, string list) => Read(session => session.Notifications.FindMarkAsync(person.Id, list, None));
}
