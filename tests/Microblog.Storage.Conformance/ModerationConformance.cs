using Microblog.Moderation;
using Microblog.Search;

namespace Microblog.Storage.Conformance;

/// <summary>How the operator treats people and domains, what people report, and what operators did.</summary>
public abstract class ModerationConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task A_silenced_person_stands_in_lists_of_many_people_only_for_those_who_hear_them()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        await SaveAsync(LocalSubscription(bob, alice));
        var notice = await PublishAsync(LocalNotice(alice) with { Tags = ["cats"], Mentions = [carol.Id, bob.Id] });
        await JudgeAsync(alice.Uri, Standing.Silenced);

        foreach (var (viewer, isListed) in new[] { (bob.Id, true), (alice.Id, true), (carol.Id, false), (default(ProfileId), false) })
        {
            NoticeId[] expected = isListed ? [notice.Id] : [];
            Assert.Equal(expected, IdsOf(await Read(session => session.Timelines.PublicAsync(viewer, PageRequest.Newest(9), None))));
            Assert.Equal(expected, IdsOf(await Read(session => session.Timelines.TagAsync("cats", viewer, PageRequest.Newest(9), None))));
            Assert.Equal([notice.Id], IdsOf(await Read(session => session.Timelines.ProfileAsync(alice.Id, viewer, PageRequest.Newest(9), None))));
            Assert.NotNull(await FindAsync(notice.Id, viewer));
        }

        Assert.Empty(await HomeAsync(carol));
        Assert.Equal([notice.Id], await HomeAsync(bob));
        Assert.Empty(await Read(session => session.Notifications.ListAsync(carol.Id, PageRequest.Newest(9), None)));
        Assert.Single(await Read(session => session.Notifications.ListAsync(bob.Id, PageRequest.Newest(9), None)));
    }

    [Fact]
    public async Task Search_and_groups_show_a_silenced_person_only_to_those_who_hear_them_and_a_suspended_one_to_nobody()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        await SaveAsync(LocalSubscription(bob, alice));
        using var group = Store.Ids.Draw();
        await Write(session => session.Groups.AddAsync(new Group { Id = group.Group, Nickname = "cooks", Creator = alice.Id }, None));
        var notice = await PublishAsync(LocalNotice(alice, "soup") with { Groups = [new NamedGroup(group.Group, "cooks")] });
        var (_, zoe) = await HearRemoteAsync(bob, "zoe");
        var proven = await AddRemoteAsync("zoe");
        await IndexAsync();
        Assert.Equal([alice.Id], await PeopleAsync("alice", carol.Id));
        Assert.Equal([proven.Id], await PeopleAsync("zoe", carol.Id));

        await JudgeAsync(alice.Uri, Standing.Silenced);
        await RuleAsync("there.example", Standing.Silenced);
        foreach (var (viewer, isFound) in new[] { (bob.Id, true), (alice.Id, true), (carol.Id, false), (default(ProfileId), false) })
        {
            NoticeId[] expected = isFound ? [notice.Id] : [];
            Assert.Equal(expected, IdsOf(await Read(session => session.Timelines.GroupAsync(group.Group, viewer, PageRequest.Newest(9), None))));
            Assert.Equal(expected, IdsOf(await Read(session => session.Search.NoticesAsync(Query("soup"), viewer, null, 9, None))));
            Assert.Equal(isFound ? [alice.Id] : [], await PeopleAsync("alice", viewer));
        }

        Assert.Equal([zoe.Id], await PeopleAsync("zoe", bob.Id));
        Assert.Empty(await PeopleAsync("zoe", carol.Id));

        await JudgeAsync(alice.Uri, Standing.Suspended);
        await RuleAsync("there.example", Standing.Suspended);
        foreach (var viewer in new[] { bob.Id, alice.Id, carol.Id, default })
        {
            Assert.Empty(await Read(session => session.Timelines.GroupAsync(group.Group, viewer, PageRequest.Newest(9), None)));
            Assert.Empty(IdsOf(await Read(session => session.Search.NoticesAsync(Query("soup"), viewer, null, 9, None))));
            Assert.Empty(await PeopleAsync("alice", viewer));
            Assert.Empty(await PeopleAsync("zoe", viewer));
        }
    }

    [Fact]
    public async Task Who_does_not_hear_a_silenced_person_is_not_told_what_they_did()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(bob);
        await FavouriteAsync(alice, bob, notice);
        await JudgeAsync(alice.Uri, Standing.Silenced);
        Assert.Empty(await Read(session => session.Notifications.ListAsync(bob.Id, PageRequest.Newest(9), None)));
        await SaveAsync(LocalSubscription(bob, alice));
        Assert.Single(await Read(session => session.Notifications.ListAsync(bob.Id, PageRequest.Newest(9), None)));
        await JudgeAsync(alice.Uri, Standing.Suspended);
        Assert.Empty(await Read(session => session.Notifications.ListAsync(bob.Id, PageRequest.Newest(9), None)));
    }

    [Fact]
    public async Task Nobody_but_operators_sees_what_a_suspended_person_wrote_until_they_are_reinstated()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        await SaveAsync(LocalSubscription(bob, alice));
        var notice = await PublishAsync(alice);
        var repeat = await PublishAsync(LocalNotice(bob, "RT") with { RepeatOf = notice.Id });
        var own = await PublishAsync(bob);
        await FavouriteAsync(alice, bob, own);
        await JudgeAsync(alice.Uri, Standing.Suspended);

        foreach (var viewer in new[] { bob.Id, alice.Id, default })
        {
            Assert.Null(await FindAsync(notice.Id, viewer));
            Assert.Null(await FindAsync(repeat.Id, viewer));
            Assert.Empty(await Read(session => session.Timelines.ProfileAsync(alice.Id, viewer, PageRequest.Newest(9), None)));
            Assert.Empty(await Read(session => session.Reactions.ListFavouritersAsync(own.Id, viewer, 9, None)));
        }

        Assert.Equal([own.Id], await HomeAsync(bob));
        Assert.Equal([bob.Id], (await Read(session => session.Profiles.ListLocalAsync(null, 9, None))).Select(person => person.Id));
        Assert.Contains(notice.Id, IdsOf(await Read(session => session.Moderation.ListNoticesAsync(null, 9, None))));

        await JudgeAsync(alice.Uri, Standing.Good);
        Assert.Equal([own.Id, repeat.Id, notice.Id], await HomeAsync(bob));
    }

    [Fact]
    public async Task Lists_of_whom_somebody_hears_and_who_hears_them_name_nobody_of_whom_nobody_sees_anything()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var asking = await AddLocalAsync("asking");
        await SaveAsync(LocalSubscription(alice, bob));
        await SaveAsync(LocalSubscription(bob, alice));
        await SaveAsync(LocalSubscription(carol, alice));
        await SaveAsync(LocalSubscription(asking, alice, SubscriptionState.Requested));
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var yves = await AddRemoteAsync("yves", host: "sub.there.example");
        await SaveAsync(OutgoingSubscription(yves, alice));
        Assert.Equal(([zoe.Id, bob.Id], [yves.Id, carol.Id, bob.Id], [asking.Id]), await ListsAsync(), Same);

        await RuleAsync("there.example", Standing.Silenced);
        await JudgeAsync(carol.Uri, Standing.Silenced);
        Assert.Equal(([zoe.Id, bob.Id], [yves.Id, carol.Id, bob.Id], [asking.Id]), await ListsAsync(), Same);

        await RuleAsync("there.example", Standing.Suspended);
        Assert.Equal(([bob.Id], [carol.Id, bob.Id], [asking.Id]), await ListsAsync(), Same);
        Assert.Equal([bob.Id], (await Read(session => session.Subscriptions.ListPublishersAsync(alice.Id, null, 1, None))).Select(entry => entry.Other.Id));

        await JudgeAsync(bob.Uri, Standing.Suspended);
        await JudgeAsync(asking.Uri, Standing.Suspended);
        Assert.Equal(([], [carol.Id], []), await ListsAsync(), Same);
        Assert.Equal(2, (await Read(session => session.Archive.ListPublishersAsync(alice.Id, SubscriptionState.Active, default, 9, None))).Count);

        await JudgeAsync(bob.Uri, Standing.Good);
        await RuleAsync("there.example", Standing.Good);
        Assert.Equal(([zoe.Id, bob.Id], [yves.Id, carol.Id, bob.Id], []), await ListsAsync(), Same);

        async Task<(ProfileId[] Heard, ProfileId[] Hearing, ProfileId[] Asking)> ListsAsync() => (
            [.. (await Read(session => session.Subscriptions.ListPublishersAsync(alice.Id, null, 9, None))).Select(entry => entry.Other.Id)],
            [.. (await Read(session => session.Subscriptions.ListSubscribersAsync(alice.Id, SubscriptionState.Active, null, 9, None))).Select(entry => entry.Other.Id)],
            [.. (await Read(session => session.Subscriptions.ListSubscribersAsync(alice.Id, SubscriptionState.Requested, null, 9, None))).Select(entry => entry.Other.Id)]);

        static bool Same((ProfileId[] Heard, ProfileId[] Hearing, ProfileId[] Asking) one, (ProfileId[] Heard, ProfileId[] Hearing, ProfileId[] Asking) other) =>
            one.Heard.SequenceEqual(other.Heard) && one.Hearing.SequenceEqual(other.Hearing) && one.Asking.SequenceEqual(other.Asking);
    }

    [Fact]
    public async Task What_is_thought_of_a_person_holds_for_every_profile_of_theirs_now_and_later()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, before) = await HearRemoteAsync(alice, "zoe");
        await JudgeAsync(before.Uri, Standing.Suspended);
        var (_, later) = await HearRemoteAsync(bob, "zoe");
        var proven = await AddRemoteAsync("zoe");
        Assert.Equal(Standing.Suspended, await Read(session => session.Moderation.FindStandingAsync(before.Uri, None)));
        foreach (var id in new[] { before.Id, later.Id, proven.Id })
            Assert.Equal(Standing.Suspended, (await FindProfileAsync(id)).Standing);

        // Neither an update nor a new profile of the same person changes it.
        await Write(session => session.Profiles.UpdateAsync(later with { FullName = "Zoe", Standing = Standing.Good }, None));
        await AddRemoteAsync("zoe");
        Assert.Equal(Standing.Suspended, (await FindProfileAsync(later.Id)).Standing);
        Assert.Equal(Standing.Suspended, (await FindProfileAsync(proven.Id)).Standing);

        await JudgeAsync(before.Uri, Standing.Good);
        Assert.Equal(Standing.Good, (await FindProfileAsync(proven.Id)).Standing);
        Assert.Equal(Standing.Good, await Read(session => session.Moderation.FindStandingAsync(before.Uri, None)));
    }

    [Fact]
    public async Task Who_left_while_suspended_begins_anew_only_when_that_is_taken_back()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        await JudgeAsync(alice.Uri, Standing.Suspended);
        await JudgeAsync(bob.Uri, Standing.Silenced);
        foreach (var person in new[] { alice, bob })
            await Write(session => session.Profiles.DeleteLocalAsync(person.Id, None));

        Assert.Null(await Read(session => session.Profiles.FindBySubjectAsync("subject-alice", None)));
        Assert.Equal(AddProfileResult.SubjectHasProfile, await AddAsync("alice2", "subject-alice"));
        Assert.Equal(AddProfileResult.Added, await AddAsync("bob2", "subject-bob"));
        await JudgeAsync(alice.Uri, Standing.Good);
        Assert.Equal(AddProfileResult.Added, await AddAsync("alice2", "subject-alice"));
        Assert.Equal("alice2", (await Read(session => session.Profiles.FindBySubjectAsync("subject-alice", None)))!.Nickname);
        await JudgeAsync(bob.Uri, Standing.Good);
        Assert.Equal("bob2", (await Read(session => session.Profiles.FindBySubjectAsync("subject-bob", None)))!.Nickname);

        Task<AddProfileResult> AddAsync(string nickname, string subject)
        {
            var profile = LocalProfile(nickname);
            return Write(session => session.Profiles.AddLocalAsync(profile, subject, None)).AsTask();
        }
    }

    [Fact]
    public async Task A_blocked_domain_is_hidden_at_once_with_its_subdomains_and_its_subscriptions_end()
    {
        var alice = await AddLocalAsync("alice");
        var (heard, zoe) = await HearRemoteAsync(alice, "zoe", "social.there.example:8080");
        var (other, yan) = await HearRemoteAsync(alice, "yan", "notthere.example");
        var listener = await AddRemoteAsync("listener", NewSubscriptionId(), "there.example");
        var listening = await SaveAsync(OutgoingSubscription(listener, alice));
        var hidden = RemoteNotice(zoe, "https://social.there.example:8080/1");
        await ReceiveAsync(hidden, alice);
        var shown = RemoteNotice(yan, "https://notthere.example/1");
        await ReceiveAsync(shown, alice);
        Assert.Equal([shown.Id, hidden.Id], await HomeAsync(alice));

        await RuleAsync("there.example", Standing.Suspended);

        Assert.Equal([shown.Id], await HomeAsync(alice));
        Assert.Null(await FindAsync(hidden.Id, alice.Id));
        await RestAsync();

        Assert.Equal(SubscriptionState.Ended, await StateAsync(heard));
        Assert.Equal(SubscriptionState.Ended, await StateAsync(listening));
        Assert.Equal(SubscriptionState.Active, await StateAsync(other));

        Assert.True(await Write(session => session.Moderation.RemoveDomainAsync("there.example", None)));
        Assert.False(await Write(session => session.Moderation.RemoveDomainAsync("there.example", None)));
        Assert.Equal([shown.Id, hidden.Id], await HomeAsync(alice));
        Assert.Equal(SubscriptionState.Ended, await StateAsync(heard));
    }

    [Fact]
    public async Task Subscriptions_with_a_remote_person_end_when_they_are_suspended_and_no_others()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (heard, zoe) = await HearRemoteAsync(alice, "zoe");
        var (heardToo, _) = await HearRemoteAsync(bob, "zoe");
        var (other, yan) = await HearRemoteAsync(alice, "yan");
        var listening = await SaveAsync(OutgoingSubscription(zoe, alice));
        var local = await SaveAsync(LocalSubscription(bob, alice));
        var token = new Credential { Scope = "test", Token = "of zoe", State = CredentialState.Active, Person = alice.Id, Subscription = heard.Id };
        await Write(session => session.Credentials.AddAsync(token, 9, None));

        await JudgeAsync(yan.Uri, Standing.Silenced);
        await JudgeAsync(alice.Uri, Standing.Suspended);
        await RestAsync();
        foreach (var subscription in new[] { heard, heardToo, other, listening, local })
            Assert.Equal(SubscriptionState.Active, await StateAsync(subscription));

        await JudgeAsync(zoe.Uri, Standing.Suspended);
        await RestAsync();
        foreach (var subscription in new[] { heard, heardToo, listening })
            Assert.Equal(SubscriptionState.Ended, await StateAsync(subscription));
        foreach (var subscription in new[] { other, local })
            Assert.Equal(SubscriptionState.Active, await StateAsync(subscription));
        Assert.Equal(CredentialState.Revoked, (await Read(session => session.Credentials.FindAsync("test", "of zoe", None)))!.State);

        await JudgeAsync(zoe.Uri, Standing.Good);
        await RestAsync();
        Assert.Equal(SubscriptionState.Ended, await StateAsync(heard));
    }

    [Fact]
    public async Task Subscriptions_through_a_blocked_service_end_wherever_the_people_are()
    {
        var alice = await AddLocalAsync("alice");
        var zoe = await AddRemoteAsync("zoe", host: "people.example");
        var service = new[]
        {
            OutgoingSubscription(alice, zoe, "") with { IsSubscriberLocal = true, ProfileEndpoint = "", Peer = "https://bad.example:8080/omb" },
            OutgoingSubscription(alice, zoe, "") with { IsSubscriberLocal = true, ProfileEndpoint = "", Peer = "Bad.Example" },
            OutgoingSubscription(zoe, alice) with { Peer = "there.example there.example sub.bad.example" },
            OutgoingSubscription(zoe, alice, "https://bad.example/post"),
            OutgoingSubscription(zoe, alice) with { ProfileEndpoint = "https://bad.example/profile" },
        };
        var others = new[]
        {
            OutgoingSubscription(alice, zoe, "") with { IsSubscriberLocal = true, ProfileEndpoint = "", Peer = "a key of no shape, like bad.example" },
            OutgoingSubscription(zoe, alice, "https://notbad.example/?bad.example") with { Peer = "bad.example.net" },
        };
        foreach (var subscription in service.Concat(others))
            await SaveAsync(subscription);

        await RuleAsync("bad.example", Standing.Silenced);
        await RestAsync();
        foreach (var subscription in service)
            Assert.Equal(SubscriptionState.Active, await StateAsync(subscription));
        await RuleAsync("bad.example", Standing.Suspended);
        await RestAsync();
        foreach (var subscription in service)
            Assert.Equal(SubscriptionState.Ended, await StateAsync(subscription));
        foreach (var subscription in others)
            Assert.Equal(SubscriptionState.Active, await StateAsync(subscription));
    }

    [Fact]
    public async Task A_domain_that_was_blocked_before_anybody_there_was_known_is_hidden_too()
    {
        var alice = await AddLocalAsync("alice");
        await RuleAsync("there.example", Standing.Suspended);
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        await ReceiveAsync(RemoteNotice(zoe, "https://there.example/1"), alice);
        Assert.Empty(await HomeAsync(alice));
    }

    [Fact]
    public async Task A_silenced_domain_is_listed_only_for_those_who_hear_its_people()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (subscription, zoe) = await HearRemoteAsync(alice, "zoe");
        var notice = RemoteNotice(zoe, "https://there.example/1") with { Tags = ["cats"] };
        await ReceiveAsync(notice, alice);
        await AddRemoteAsync("zoe");
        await Write(session => session.Notices.RecordOriginAsync(notice.Id, "", true, None));
        Assert.Equal([notice.Id], await CatsAsync(bob));

        await RuleAsync("there.example", Standing.Silenced);
        Assert.Empty(await CatsAsync(bob));
        Assert.Equal([notice.Id], await CatsAsync(alice));
        Assert.NotNull(await FindAsync(notice.Id, bob.Id));

        await Write(session => session.Subscriptions.EndAsync(subscription.Id, None));
        Assert.Empty(await CatsAsync(alice));
    }

    [Fact]
    public async Task The_rule_of_the_nearest_domain_counts_and_else_the_mode()
    {
        Assert.Equal(Standing.Good, await HostAsync("there.example"));
        await RuleAsync("there.example", Standing.Suspended);
        await RuleAsync("good.there.example", Standing.Good);
        await RuleAsync("example", Standing.Silenced);
        await RuleAsync("127.0.0.1", Standing.Suspended);

        Assert.Equal(Standing.Suspended, await HostAsync("there.example"));
        Assert.Equal(Standing.Suspended, await HostAsync("there.example:8080"));
        Assert.Equal(Standing.Suspended, await HostAsync("bad.there.example"));
        Assert.Equal(Standing.Suspended, await HostAsync("bad.there.example."));
        Assert.Equal(Standing.Suspended, await HostAsync("there.example.:8080"));
        Assert.Equal(Standing.Good, await HostAsync("very.good.there.example:81"));
        Assert.Equal(Standing.Silenced, await HostAsync("elsewhere.example"));
        Assert.Equal(Standing.Suspended, await HostAsync("127.0.0.1:5000"));
        Assert.Equal(Standing.Good, await HostAsync("somewhere.test"));

        await Write(session => session.Moderation.SetModeAsync(FederationMode.AllowList, None));
        Assert.Equal(Standing.Suspended, await HostAsync("somewhere.test"));
        Assert.Equal(Standing.Good, await HostAsync("good.there.example"));
        Assert.Equal(Standing.Silenced, await HostAsync("elsewhere.example"));
        Assert.Equal(
            [("127.0.0.1", Standing.Suspended), ("example", Standing.Silenced), ("good.there.example", Standing.Good), ("there.example", Standing.Suspended)],
            (await Read(session => session.Moderation.ListDomainsAsync("", 9, None))).Select(rule => (rule.Domain, rule.Standing)));
        Assert.Equal(["there.example"], (await Read(session => session.Moderation.ListDomainsAsync("good.there.example", 9, None))).Select(rule => rule.Domain));
    }

    [Fact]
    public async Task Federating_by_list_hides_everybody_else_until_it_is_open_again()
    {
        var alice = await AddLocalAsync("alice");
        var (_, zoe) = await HearRemoteAsync(alice, "zoe");
        var (subscription, yan) = await HearRemoteAsync(alice, "yan", "elsewhere.example");
        var own = await PublishAsync(alice);
        var one = RemoteNotice(zoe, "https://there.example/1");
        await ReceiveAsync(one, alice);
        var two = RemoteNotice(yan, "https://elsewhere.example/1");
        await ReceiveAsync(two, alice);
        await RuleAsync("there.example", Standing.Good);
        var before = await Read(session => session.Moderation.FindFederationAsync(None));
        Assert.Equal(FederationMode.Open, before.Mode);

        await Write(session => session.Moderation.SetModeAsync(FederationMode.AllowList, None));
        Assert.Equal([one.Id, own.Id], await HomeAsync(alice));
        var after = await Read(session => session.Moderation.FindFederationAsync(None));
        Assert.Equal(FederationMode.AllowList, after.Mode);
        Assert.NotEqual(before.Version, after.Version);
        await RestAsync();

        Assert.Equal(SubscriptionState.Ended, await StateAsync(subscription));
        Assert.Equal(SubscriptionState.Active, (await Read(session => session.Subscriptions.FindAsync(zoe.Scope, None)))!.State);

        await Write(session => session.Moderation.SetModeAsync(FederationMode.Open, None));
        Assert.Equal([two.Id, one.Id, own.Id], await HomeAsync(alice));
    }

    [Fact]
    public async Task Reports_are_listed_until_they_are_closed_and_a_person_has_so_many_at_most()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var notice = await PublishAsync(bob);
        var report = new Report { Reporter = alice.Id, About = bob.Uri, Notices = [notice.Id, new NoticeId(7)], Text = "Look at “this”.", At = Clock.GetUtcNow() };
        var first = await AddReportAsync(report, 2);
        var second = await AddReportAsync(report with { Notices = [], Text = "" }, 2);
        Assert.True(second > first && first > 0);
        Assert.Equal(0, await AddReportAsync(report, 2));
        Assert.NotEqual(0, await AddReportAsync(report with { Reporter = bob.Id }, 2));

        var stored = await Read(session => session.Moderation.FindReportAsync(first, None));
        Assert.Equal(report.Notices, stored!.Notices);
        Assert.Equal((alice.Id, bob.Uri, report.Text, report.At, null, ""), (stored.Reporter, stored.About, stored.Text, stored.At, stored.ClosedAt, stored.Note));
        Assert.Equal([second, first], (await ReportsAsync(isOpen: true)).Skip(1));
        Assert.Equal([first], (await Read(session => session.Moderation.ListReportsAsync(true, second, 9, None))).Select(listed => listed.Number));

        Assert.True(await Write(session => session.Moderation.CloseReportAsync(first, "Nothing wrong.", Clock.GetUtcNow(), None)));
        Assert.False(await Write(session => session.Moderation.CloseReportAsync(first, "Again.", Clock.GetUtcNow(), None)));
        Assert.DoesNotContain(first, await ReportsAsync(isOpen: true));
        Assert.Equal([first], await ReportsAsync(isOpen: false));
        Assert.Equal("Nothing wrong.", (await Read(session => session.Moderation.FindReportAsync(first, None)))!.Note);
        Assert.NotEqual(0, await AddReportAsync(report, 2));
    }

    [Fact]
    public async Task Of_reports_made_at_once_no_more_are_taken_than_a_person_may_have()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var report = new Report { Reporter = alice.Id, About = bob.Uri, At = Clock.GetUtcNow() };
        var numbers = await AtOnceAsync(8, _ => Write(session => session.Moderation.AddReportAsync(report, 3, None)));
        Assert.Equal(3, numbers.Count(number => number != 0));
    }

    [Fact]
    public async Task The_audit_log_is_read_from_its_newest_entry_back()
    {
        for (var number = 1; number <= 3; number++)
        {
            await Write(session => session.Moderation.AddAuditAsync(
                new AuditEntry { At = Clock.GetUtcNow(), Operator = "@root", Action = ModerationAction.BlockDomain, Subject = $"{number}.example", Reason = "spam" }, None));
        }

        var newest = await Read(session => session.Moderation.ListAuditAsync(null, 2, None));
        Assert.Equal(["3.example", "2.example"], newest.Select(entry => entry.Subject));
        var rest = Assert.Single(await Read(session => session.Moderation.ListAuditAsync(newest[^1].Number, 2, None)));
        Assert.Equal(("@root", ModerationAction.BlockDomain, "1.example", "spam", Clock.GetUtcNow()), (rest.Operator, rest.Action, rest.Subject, rest.Reason, rest.At));
    }

    // A step at a time, so that each goes on where the one before ended.
    private async Task RestAsync()
    {
        while (await ContinueAsync(count: 1))
        {
        }
    }

    private static SearchQuery Query(string text)
    {
        Assert.True(SearchQuery.TryParse(text, out var query, out var problem), problem);
        return query;
    }

    private async Task<ProfileId[]> PeopleAsync(string text, ProfileId viewer) =>
        [.. (await Read(session => session.Search.PeopleAsync(Query(text), viewer, 9, None))).Select(person => person.Id)];

    private Task<bool> JudgeAsync(ProfileUri person, Standing standing) => Write(session => session.Moderation.SetStandingAsync(person, standing, None)).AsTask();

    private Task<bool> RuleAsync(string domain, Standing standing) =>
        Write(session => session.Moderation.SetDomainAsync(new DomainRule(domain, standing, Clock.GetUtcNow()), None)).AsTask();

    private Task<Standing> HostAsync(string host) => Read(session => session.Moderation.FindHostAsync(host, None)).AsTask();

    private async Task<Profile> FindProfileAsync(ProfileId id) => (await Read(session => session.Profiles.FindAsync(id, None)))!;

    private async Task<SubscriptionState> StateAsync(Subscription subscription) =>
        (await Read(session => session.Subscriptions.FindAsync(subscription.Id, None)))!.State;

    private Task<long> AddReportAsync(Report report, int limit) => Write(session => session.Moderation.AddReportAsync(report, limit, None)).AsTask();

    private async Task<IEnumerable<long>> ReportsAsync(bool isOpen) =>
        (await Read(session => session.Moderation.ListReportsAsync(isOpen, null, 9, None))).Select(report => report.Number);

    private async Task<NoticeId[]> CatsAsync(Profile viewer) => IdsOf(await Read(session => session.Timelines.TagAsync("cats", viewer.Id, PageRequest.Newest(9), None)));

    private async Task FavouriteAsync(Profile person, Profile author, Notice notice)
    {
        using var drawn = Store.Ids.Draw();
        await Write(async session =>
        {
            await session.Reactions.FavouriteAsync(person.Id, notice.Id, drawn.Position, None);
            await session.Notifications.AddAsync(
                new Notification { Owner = author.Id, Position = drawn.Position, Kind = NotificationKind.Favourite, Actor = person.Id, Notice = notice.Id }, None);
        });
    }
}
