using Microblog.Search;

namespace Microblog.Storage.Conformance;

/// <summary>What is found, by whom and in which order: alike on every store.</summary>
public abstract class SearchConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Theory]
    [InlineData("Çafé à la Crème", "cafe CREME")]
    [InlineData("naïve façade", "NAÏVE facade")]
    [InlineData("Die Straße nach Łódź", "strasse lodz")]
    [InlineData("Ærøskøbing", "aeroskobing")]
    [InlineData("İstanbul'da ILIK", "istanbul ilik")]
    [InlineData("Καλημέρα κόσμος", "καλημερα ΚΟΣΜΟΣ")]
    [InlineData("Ещё один Чай", "еще чаи")]
    [InlineData("שָׁלוֹם עולם", "שלום")]
    [InlineData("السَّلامُ عَلَيْكُم ١٢٣", "السلام 123")]
    [InlineData("東京都に住んでいる", "東京")]
    [InlineData("東京都に住んでいる", "住んで")]
    [InlineData("東京都に住んでいる", "京")]
    [InlineData("東京都に住んでいる", "る")]
    [InlineData("ﾊﾟｿｺﾝとＡＢＣ", "パソコン abc")]
    [InlineData("ภาษาไทยง่ายมาก", "ไทย")]
    [InlineData("हिन्दी में", "हिन्दी")]
    [InlineData("한국어 검색", "검색")]
    [InlineData("good 🎉 day 👩‍💻", "🎉")]
    [InlineData("see https://example.org/deep/path?x=1", "example.org")]
    [InlineData("see https://example.org/deep/path?x=1", "deep")]
    [InlineData("snake_case and kebab-case", "case kebab snake")]
    [InlineData("don't", "don't")]
    public async Task Words_are_found_whatever_the_script_and_the_way_they_are_written(string content, string query)
    {
        var alice = await AddLocalAsync("alice");
        var notice = await PublishAsync(alice, content);
        await PublishAsync(alice, "something else entirely");
        await IndexAsync();

        Assert.Equal([notice.Id], await FindAsync(query));
    }

    [Theory]
    [InlineData("京東")]
    [InlineData("東京 大阪")]
    [InlineData("都住")]
    [InlineData("\"住ん 東京\"")]
    public async Task Letters_of_a_script_without_spaces_have_to_stand_together(string query)
    {
        var alice = await AddLocalAsync("alice");
        await PublishAsync(alice, "東京都に住んでいる");
        await IndexAsync();

        Assert.Empty(await FindAsync(query));
    }

    [Fact]
    public async Task All_words_have_to_be_there_and_none_that_is_excluded()
    {
        var alice = await AddLocalAsync("alice");
        var both = await PublishAsync(alice, "red and green");
        var red = await PublishAsync(alice, "only red");
        await PublishAsync(alice, "blue");
        await IndexAsync();

        Assert.Equal([red.Id, both.Id], await FindAsync("red"));
        Assert.Equal([both.Id], await FindAsync("green red"));
        Assert.Equal([red.Id], await FindAsync("red -green"));
        Assert.Empty(await FindAsync("red yellow"));
        Assert.Empty(await FindAsync("re"));
    }

    [Fact]
    public async Task Words_in_quotation_marks_stand_together_in_this_order()
    {
        var alice = await AddLocalAsync("alice");
        var phrase = await PublishAsync(alice, "To be, or not to be");
        await PublishAsync(alice, "be to not or");
        await PublishAsync(LocalNotice(alice, "be") with { Warning = "not to" });
        await IndexAsync();

        Assert.Equal([phrase.Id], await FindAsync("\"not to be\""));
        Assert.Equal([phrase.Id], await FindAsync("“NOT tó be” or"));
        Assert.Empty(await FindAsync("\"be not\""));
    }

    [Fact]
    public async Task A_star_finds_what_begins_so()
    {
        var alice = await AddLocalAsync("alice");
        var word = await PublishAsync(alice, "word");
        var work = await PublishAsync(alice, "workshop here");
        await PublishAsync(alice, "sword");
        await IndexAsync();

        Assert.Equal([work.Id, word.Id], await FindAsync("wor*"));
        Assert.Equal([work.Id], await FindAsync("wor* here"));
        Assert.Equal([work.Id, word.Id], await FindAsync("W*"));
        Assert.Empty(await FindAsync("worx*"));
    }

    [Fact]
    public async Task Tags_and_the_text_in_front_are_found()
    {
        var alice = await AddLocalAsync("alice");
        var tagged = await PublishAsync(LocalNotice(alice, "about #Café_Noir") with { Tags = ["café_noir"] });
        await PublishAsync(alice, "cafe noir without a sign");
        var warned = await PublishAsync(LocalNotice(alice, "hidden") with { Warning = "spoilers" });
        await IndexAsync();

        Assert.Equal([tagged.Id], await FindAsync("#cafe_noir"));
        Assert.Empty(await FindAsync("#cafe"));
        Assert.Equal([warned.Id], await FindAsync("spoilers"));
    }

    [Fact]
    public async Task Whose_notices_are_wanted_can_be_said()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (_, remote) = await HearRemoteAsync(bob, "alice");
        var hers = await PublishAsync(alice, "hello");
        await PublishAsync(bob, "hello");
        var other = RemoteNotice(remote, "https://there.example/1", "hello");
        await ReceiveAsync(other, bob);
        await IndexAsync();

        Assert.Equal([other.Id, hers.Id], await FindAsync("from:alice", bob));
        Assert.Equal([hers.Id], await FindAsync("from:alice"));
        Assert.Equal([other.Id], await FindAsync("hello from:Alice@there.example", bob));
        Assert.Equal([hers.Id], await FindAsync("from:alice@here.example hello", bob));
        Assert.Empty(await FindAsync("from:carol", bob));
        Assert.Equal(3, (await FindAsync("from:alice from:bob hello", bob)).Length);
        Assert.Single(await FindAsync("hello -from:alice", bob));
    }

    [Fact]
    public async Task A_day_from_which_and_a_day_until_which_belong_to_what_is_found()
    {
        var alice = await AddLocalAsync("alice");
        var days = new List<NoticeId>();
        for (var day = 0; day < 4; day++)
        {
            days.Add((await PublishAsync(alice, "daily")).Id);
            Clock.Advance(TimeSpan.FromDays(1));
        }

        await IndexAsync();
        Assert.Equal([days[2], days[1]], await FindAsync($"daily since:{days[1].AcceptedAt:yyyy-MM-dd} until:{days[2].AcceptedAt:yyyy-MM-dd}"));
        Assert.Equal([days[3]], await FindAsync($"daily since:{days[3].AcceptedAt:yyyy-MM-dd}"));
        Assert.Equal([days[0]], await FindAsync($"from:alice until:{days[0].AcceptedAt:yyyy-MM-dd}"));
        Assert.Empty(await FindAsync("daily until:2008-01-01"));
        Assert.Empty(await FindAsync("daily since:2200-01-01"));
        Assert.Equal(4, (await FindAsync("daily since:0001-01-01 until:9999-12-31")).Length);
    }

    [Theory]
    [InlineData("pages")]
    [InlineData("pa*")]
    [InlineData("from:alice")]
    [InlineData("pages every")]
    [InlineData("\"third pages\"")]
    public async Task Pages_are_newest_first_and_without_gaps(string text)
    {
        var alice = await AddLocalAsync("alice");
        var wanted = new List<NoticeId>();
        for (var number = 0; number < 30; number++)
        {
            var notice = await PublishAsync(alice, number % 3 == 0 ? "every third pages" : number % 3 == 1 ? "pages third every" : "pages not");
            if (Query(text).Matches(notice, alice))
                wanted.Add(notice.Id);
        }

        await IndexAsync();
        wanted.Reverse();
        Assert.NotEmpty(wanted);
        var found = new List<NoticeId>();
        for (TimelinePosition? before = null; found.Count <= 30;)
        {
            var page = await SearchAsync(text, default, before, 4);
            found.AddRange(page.Select(entry => entry.Notice.Id));
            if (page.Older is null)
                break;
            before = page.Older;
        }

        Assert.Equal(wanted, found);
        Assert.Null((await SearchAsync(text, default, null, wanted.Count)).Older);
        Assert.NotNull((await SearchAsync(text, default, null, wanted.Count - 1)).Older);
    }

    [Fact]
    public async Task Nobody_finds_what_they_may_not_see_or_do_not_want_to()
    {
        var (alice, bob, carol) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        await SaveAsync(LocalSubscription(bob, alice));
        var shown = await PublishAsync(alice, "secret");
        var unlisted = await PublishAsync(alice, "secret", Visibility.Unlisted);
        var followers = await PublishAsync(alice, "secret", Visibility.Followers);
        var direct = await PublishAsync(LocalNotice(alice, "secret", Visibility.Direct) with { Audience = [carol.Id] });
        var here = await PublishAsync(LocalNotice(alice, "secret") with { IsLocalOnly = true });
        await IndexAsync();

        Assert.Equal([here.Id, direct.Id, followers.Id, unlisted.Id, shown.Id], await FindAsync("secret", alice));
        Assert.Equal([here.Id, followers.Id, unlisted.Id, shown.Id], await FindAsync("secret", bob));
        Assert.Equal([here.Id, direct.Id, shown.Id], await FindAsync("secret", carol));
        Assert.Equal([shown.Id], await FindAsync("secret"));

        await Write(session => session.Subscriptions.MuteAsync(bob.Id, new Mute(alice.Uri, Clock.GetUtcNow(), null), None));
        await Write(session => session.Subscriptions.BlockAsync(alice.Id, carol.Uri, Clock.GetUtcNow(), None));
        Assert.Empty(await FindAsync("secret", bob));
        Assert.Empty(await FindAsync("secret", carol));
        Assert.Equal([shown.Id], await FindAsync("secret"));
    }

    [Fact]
    public async Task What_a_subscription_brought_is_found_by_its_listener_alone_until_it_is_proven()
    {
        var (bob, carol) = (await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var (_, known) = await HearRemoteAsync(bob, "zoe");
        var notice = RemoteNotice(known, "https://there.example/1", "rumour");
        await ReceiveAsync(notice, bob);
        await IndexAsync();
        Assert.Equal([notice.Id], await FindAsync("rumour", bob));
        Assert.Empty(await FindAsync("rumour", carol));
        Assert.Empty(await FindAsync("rumour"));

        var proven = await AddRemoteAsync("zoe");
        await Write(session => session.Notices.RecordOriginAsync(notice.Id, "", true, None));
        await IndexAsync();

        Assert.Equal([notice.Id], await FindAsync("rumour from:zoe"));
        Assert.Equal(proven.Id, Assert.Single(await SearchAsync("rumour", carol.Id)).Author.Id);
        Assert.Equal(known.Id, Assert.Single(await SearchAsync("rumour", bob.Id)).Author.Id);
    }

    [Fact]
    public async Task A_copy_that_gives_way_to_the_proven_one_is_not_found_besides_it()
    {
        var (bob, carol) = (await AddLocalAsync("bob"), await AddLocalAsync("carol"));
        var (_, one) = await HearRemoteAsync(bob, "zoe");
        var (_, other) = await HearRemoteAsync(carol, "zoe");
        var (first, second) = (RemoteNotice(one, "https://there.example/1", "rumour one"), RemoteNotice(other, "https://there.example/1", "rumour two"));
        await ReceiveAsync(first, bob);
        await ReceiveAsync(second, carol);
        await IndexAsync();
        Assert.Equal([second.Id], await FindAsync("rumour", carol));

        await AddRemoteAsync("zoe");
        await Write(session => session.Notices.RecordOriginAsync(first.Id, "", true, None));
        Assert.DoesNotContain(second.Id, await FindAsync("rumour", carol));
        await IndexAsync();

        Assert.Equal([first.Id], await FindAsync("rumour", carol));
        Assert.Empty(await FindAsync("two", carol));
    }

    [Fact]
    public async Task What_is_deleted_is_never_found_also_before_the_index_knows()
    {
        var alice = await AddLocalAsync("alice");
        var notice = await PublishAsync(alice, "regret");
        var kept = await PublishAsync(alice, "regret nothing");
        await IndexAsync();

        await DeleteAsync(notice.Id);
        Assert.Equal([kept.Id], await FindAsync("regret"));
        await IndexAsync();
        Assert.Equal([kept.Id], await FindAsync("regret"));
    }

    [Fact]
    public async Task What_is_changed_is_found_by_what_it_says_now_and_never_by_what_it_said()
    {
        var alice = await AddLocalAsync("alice");
        var notice = await PublishAsync(LocalNotice(alice, "teh typo #old") with { Tags = ["old"] });
        await IndexAsync();

        await EditAsync(notice with { Content = "the typo #new", Tags = ["new"], EditedAt = Clock.GetUtcNow() });
        Assert.Empty(await FindAsync("teh"));
        Assert.Empty(await FindAsync("#old"));
        Assert.Equal([notice.Id], await FindAsync("typo"));
        await IndexAsync();

        Assert.Equal([notice.Id], await FindAsync("the #new"));
        Assert.Empty(await FindAsync("teh"));
    }

    [Fact]
    public async Task A_notice_is_found_by_what_is_to_be_seen_on_its_pictures_also_after_a_change()
    {
        var alice = await AddLocalAsync("alice");
        var (cat, window) = (await UploadAsync(alice, "a black cat"), await UploadAsync(alice, "an open window"));
        var notice = await PublishAsync(LocalNotice(alice, "look") with { Attachments = [cat, window] });
        Assert.True(await Write(session => session.Attachments.AttachAsync([cat.Id, window.Id], alice.Id, notice.Id, None)));
        await PublishAsync(alice, "black window");
        await IndexAsync();

        foreach (var query in new[] { "cat", "look cat window", "\"black cat\"", "wind* cat" })
            Assert.Equal([notice.Id], await FindAsync(query));
        foreach (var query in new[] { "\"look a\"", "\"cat an\"", "look -cat" })
            Assert.Empty(await FindAsync(query));

        await EditAsync(notice with { Content = "behold", EditedAt = Clock.GetUtcNow() });
        Assert.Equal([notice.Id], await FindAsync("cat"));
        await IndexAsync();
        Assert.Equal([notice.Id], await FindAsync("behold cat"));
        Assert.Empty(await FindAsync("look"));
    }

    [Fact]
    public async Task What_a_repeat_passes_on_is_found_and_not_the_repeat()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var original = await PublishAsync(alice, "worth repeating");
        await PublishAsync(LocalNotice(bob, "RT @alice worth repeating") with { RepeatOf = original.Id });
        await IndexAsync();

        Assert.Equal([original.Id], await FindAsync("repeating", bob));
    }

    [Fact]
    public async Task A_number_that_was_open_while_later_ones_were_taken_up_is_found_once_it_is_there()
    {
        var alice = await AddLocalAsync("alice");
        using var early = Store.Ids.Draw();
        var later = await PublishAsync(alice, "waiting");
        await IndexAsync();
        Assert.Equal([later.Id], await FindAsync("waiting"));

        await PublishAsync(LocalNotice(alice, "waiting") with { Id = early.Notice, Conversation = early.Notice });
        early.Dispose();
        await IndexAsync();

        Assert.Equal([later.Id, early.Notice], await FindAsync("waiting"));
    }

    [Fact]
    public async Task An_imported_notice_is_found_although_its_number_is_old()
    {
        var alice = await AddLocalAsync("alice");
        await PublishAsync(alice, "new");
        await IndexAsync();
        var old = LocalNotice(alice, "from long ago") with { Id = new NoticeId(IdSource.FirstAt(new DateTimeOffset(2010, 5, 5, 0, 0, 0, TimeSpan.Zero))) };

        var stored = await Write(session => session.Archive.AddNoticeAsync(old, None));
        await IndexAsync();

        Assert.Equal([stored], await FindAsync("ago"));
        Assert.Equal([stored], await FindAsync("from:alice until:2010-12-31"));
    }

    [Fact]
    public async Task Notices_that_were_imported_before_their_author_are_found_once_the_author_is_there()
    {
        var alice = LocalProfile("alice");
        var notice = LocalNotice(alice, "early bird");
        await Write(session => session.Archive.AddNoticeAsync(notice, None));
        await IndexAsync();
        Assert.Empty(await FindAsync("bird"));

        await Write(session => session.Profiles.AddLocalAsync(alice, "subject", None));
        await IndexAsync();

        Assert.Equal([notice.Id], await FindAsync("bird"));
    }

    [Fact]
    public async Task More_than_one_step_of_indexing_takes_up_everything_once()
    {
        var alice = await AddLocalAsync("alice");
        var all = new List<NoticeId>();
        for (var number = 0; number < 25; number++)
            all.Add((await PublishAsync(alice, $"many number{number}")).Id);
        await IndexAsync(3);

        all.Reverse();
        Assert.Equal(all, await FindAsync("many"));
        Assert.Equal([all[^6]], await FindAsync("number5"));
        Assert.False((await Read(session => session.Search.MeasureAsync(None))).IsBehind);
    }

    [Fact]
    public async Task People_are_found_by_the_beginnings_of_their_words()
    {
        var alice = await AddLocalAsync("alice");
        var bob = await AddLocalAsync("bob");
        await Write(session => session.Profiles.UpdateAsync(
            bob with { FullName = "Robert Müller", Bio = "Écrit sur 東京 et les chats", Location = "Kiel" }, None));
        await IndexAsync();

        foreach (var query in new[] { "bob", "BO", "rob mull", "ecrit", "京", "kiel chats" })
            Assert.Equal([bob.Id], await PeopleAsync(query));
        Assert.Empty(await PeopleAsync("robert alice"));
        Assert.Empty(await PeopleAsync("obert"));
        Assert.Empty(await PeopleAsync("#tag"));

        await Write(session => session.Profiles.UpdateAsync(bob with { FullName = "Alice's friend" }, None));
        await IndexAsync();
        Assert.Empty(await PeopleAsync("müller"));
        Assert.Equal([alice.Id, bob.Id], await PeopleAsync("alice"));
        await Write(session => session.Profiles.DeleteLocalAsync(bob.Id, None));
        Assert.Equal([alice.Id], await PeopleAsync("alice"));
        await IndexAsync();
        Assert.Empty(await PeopleAsync("bob"));
    }

    [Fact]
    public async Task People_of_other_services_are_found_when_proven_or_heard_and_nobody_whom_a_block_keeps_away()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (subscription, heard) = await HearRemoteAsync(alice, "zoe");
        var other = await AddRemoteAsync("zora", host: "other.example");
        await IndexAsync();

        Assert.Equal([heard.Id, other.Id], await PeopleAsync("zo", alice));
        Assert.Equal([other.Id], await PeopleAsync("zo", bob));
        Assert.Equal([other.Id], await PeopleAsync("zo"));
        Assert.Equal([heard.Id], await PeopleAsync("zoe@there.example", alice));

        await Write(session => session.Subscriptions.BlockAsync(alice.Id, other.Uri, Clock.GetUtcNow(), None));
        await Write(session => session.Subscriptions.BlockAsync(alice.Id, bob.Uri, Clock.GetUtcNow(), None));
        Assert.Equal([heard.Id], await PeopleAsync("zo", alice));
        Assert.Empty(await PeopleAsync("bob", alice));
        Assert.Empty(await PeopleAsync("alice", bob));
        var proven = await AddRemoteAsync("zoe");
        await IndexAsync();
        Assert.Equal([heard.Id], await PeopleAsync("zoe", alice));
        Assert.Equal([proven.Id], await PeopleAsync("zoe", bob));

        await SaveAsync(subscription with { State = SubscriptionState.Ended });
        Assert.Equal([proven.Id], await PeopleAsync("zoe", alice));
    }

    private static SearchQuery Query(string text)
    {
        Assert.True(SearchQuery.TryParse(text, out var query, out var problem, "here.example"), problem);
        return query;
    }

    private async Task<SearchPage> SearchAsync(string text, ProfileId viewer = default, TimelinePosition? before = null, int count = 100) =>
        await Read(session => session.Search.NoticesAsync(Query(text), viewer, before, count, None));

    private async Task<NoticeId[]> FindAsync(string text, Profile? viewer = null) => IdsOf(await SearchAsync(text, viewer?.Id ?? default));

    private async Task<ProfileId[]> PeopleAsync(string text, Profile? viewer = null) =>
        [.. (await Read(session => session.Search.PeopleAsync(Query(text), viewer?.Id ?? default, 20, None))).Select(person => person.Id)];

    private async Task EditAsync(Notice notice)
    {
        using var place = Store.Ids.Draw();
        Assert.True(await Write(session => session.Notices.EditAsync(notice, place.Position, None)));
    }
}
