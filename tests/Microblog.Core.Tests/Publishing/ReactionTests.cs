using Microblog.Federation;
using Microblog.Policies;
using Microblog.Storage;
using Microblog.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Core.Tests.Publishing;

/// <summary>What people do with each other's notices, through the façade.</summary>
public sealed class ReactionTests : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly MicroblogNode node;
    private readonly FakeTimeProvider clock = new();
    private readonly Gate policy = new();

    public ReactionTests()
    {
        services = InMemoryNode.Create(clock, policy: policy);
        node = services.GetRequiredService<MicroblogNode>();
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();

    [Fact]
    public async Task A_repeat_says_in_words_whom_it_repeats_and_its_author_is_told()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var notice = await PublishAsync(alice, "look #here @carol", warning: "bright");

        var repeat = (await node.RepeatAsync(bob.Id, notice.Id)).Value;

        Assert.Equal(("RT @alice look #here @carol", notice.Id, notice.License, "bright"), (repeat.Content, repeat.RepeatOf, repeat.License, repeat.Warning));
        Assert.Empty(repeat.Tags);
        Assert.Empty(repeat.Mentions);
        var told = Assert.Single(await node.NotificationsAsync(alice.Id, PageRequest.Newest(9)));
        Assert.Equal((NotificationKind.Repeat, bob.Id, notice.Id), (told.Kind, told.Actor.Id, told.Notice!.Repeated!.Notice.Id));

        Assert.True(await node.DeleteAsync(bob.Id, repeat.Id));
        Assert.Empty(await node.NotificationsAsync(alice.Id, PageRequest.Newest(9)));
    }

    [Fact]
    public async Task Whoever_repeats_answers_or_likes_a_repeat_means_what_it_repeats()
    {
        var (alice, bob, carol) = (await JoinAsync("alice"), await JoinAsync("bob"), await JoinAsync("carol"));
        var notice = await PublishAsync(alice, "look");
        var repeat = (await node.RepeatAsync(bob.Id, notice.Id)).Value;

        var again = (await node.RepeatAsync(carol.Id, repeat.Id)).Value;
        var answer = await PublishAsync(carol, "nice", answers: repeat);
        Assert.True(await node.FavouriteAsync(carol.Id, repeat.Id));

        Assert.Equal(notice.Id, again.RepeatOf);
        Assert.Equal((notice.Id, notice.Id), (answer.ReplyTo, answer.Conversation));
        Assert.Equal(new NoticeCounts(1, 2, 1), (await node.FindNoticeAsync(notice.Id, default))!.Notice.Counts);
        Assert.True(await node.UnfavouriteAsync(carol.Id, repeat.Id));
        Assert.Equal(0, (await node.FindNoticeAsync(notice.Id, default))!.Notice.Counts.Favourites);
    }

    [Theory]
    [InlineData(Visibility.Followers)]
    [InlineData(Visibility.Direct)]
    public async Task What_not_everybody_may_see_is_not_repeated(Visibility visibility)
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        await node.SubscribeAsync(bob.Id, "alice");
        var notice = await PublishAsync(alice, "@bob psst", visibility: visibility);
        Assert.NotNull(await node.FindNoticeAsync(notice.Id, bob.Id));

        Assert.Equal("Only what everybody may see can be repeated.", (await node.RepeatAsync(bob.Id, notice.Id)).Problem);
    }

    [Fact]
    public async Task What_stays_here_is_repeated_here_only()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var notice = (await node.PublishAsync(alice.Id, new NoticeDraft { Content = "here", IsLocalOnly = true })).Value;

        Assert.True((await node.RepeatAsync(bob.Id, notice.Id)).Value.IsLocalOnly);
    }

    [Fact]
    public async Task Nobody_repeats_twice_or_what_they_may_not_see()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var notice = await PublishAsync(alice, "look");
        await node.RepeatAsync(bob.Id, notice.Id);

        Assert.Equal("You have repeated this notice already.", (await node.RepeatAsync(bob.Id, notice.Id)).Problem);
        Assert.Equal("This notice is gone.", (await node.RepeatAsync(bob.Id, new NoticeId(5))).Problem);
        await node.BlockAsync(alice.Id, bob.Uri);
        Assert.Equal("This notice is gone.", (await node.RepeatAsync(bob.Id, notice.Id)).Problem);
        Assert.False(await node.FavouriteAsync(bob.Id, notice.Id));
    }

    [Fact]
    public async Task Whoever_repeats_twice_at_once_repeats_once()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var notice = await PublishAsync(alice, "look");
        policy.Open = new TaskCompletionSource();
        var repeats = Task.WhenAll(node.RepeatAsync(bob.Id, notice.Id), node.RepeatAsync(bob.Id, notice.Id));
        Assert.Equal(2, policy.Waiting);
        policy.Open.SetResult();

        Assert.Equal("You have repeated this notice already.", Assert.Single((await repeats).Select(repeat => repeat.Problem).OfType<string>()));
        Assert.Single(await node.HomeAsync(bob.Id, PageRequest.Newest(9)));
        Assert.Single(await node.NotificationsAsync(alice.Id, PageRequest.Newest(9)));
    }

    [Fact]
    public async Task An_author_is_told_of_favourites_by_others_and_not_of_own_ones()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var notice = await PublishAsync(alice, "look");

        Assert.True(await node.FavouriteAsync(alice.Id, notice.Id));
        Assert.True(await node.FavouriteAsync(bob.Id, notice.Id));
        Assert.True(await node.FavouriteAsync(bob.Id, notice.Id));

        var told = Assert.Single(await node.NotificationsAsync(alice.Id, PageRequest.Newest(9)));
        Assert.Equal((NotificationKind.Favourite, bob.Id), (told.Kind, told.Actor.Id));
    }

    [Fact]
    public async Task An_answer_is_told_to_whom_it_answers_also_when_it_does_not_name_them()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var notice = await PublishAsync(alice, "look");

        var answer = await PublishAsync(bob, "nice", answers: notice);
        await PublishAsync(alice, "thanks", answers: notice);

        var told = Assert.Single(await node.NotificationsAsync(alice.Id, PageRequest.Newest(9)));
        Assert.Equal((NotificationKind.Mention, answer.Id), (told.Kind, told.Notice!.Notice.Id));
    }

    [Fact]
    public async Task Following_asking_and_agreeing_are_told()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        await node.SubscribeAsync(bob.Id, "alice");
        Assert.Equal([NotificationKind.Follow], await KindsAsync(alice));

        await node.UpdateProfileAsync(bob.Id, new ProfileChanges { ApprovesFollowers = true });
        var asked = Assert.IsType<SubscribeResult.Requested>(await node.SubscribeAsync(alice.Id, "bob"));
        Assert.Equal([NotificationKind.FollowRequest], await KindsAsync(bob));
        await node.ApproveAsync(bob.Id, asked.Subscription);

        Assert.Empty(await KindsAsync(bob));
        Assert.Equal([NotificationKind.FollowApproved, NotificationKind.Follow], await KindsAsync(alice));
    }

    [Fact]
    public async Task A_change_keeps_everything_but_what_is_said()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var notice = await PublishAsync(alice, "hello #one", visibility: Visibility.Unlisted);
        clock.Advance(TimeSpan.FromMinutes(1));

        var changed = (await node.EditAsync(alice.Id, notice.Id, new NoticeDraft { Content = "hello #two @bob", Visibility = Visibility.Direct, Language = "en" })).Value;

        Assert.Equal((notice.Uri, Visibility.Unlisted, "hello #two @bob", "en"), (changed.Uri, changed.Visibility, changed.Content, changed.Language));
        Assert.Equal(clock.GetUtcNow(), changed.EditedAt);
        Assert.Equal(["two"], (await node.FindNoticeAsync(notice.Id, default))!.Notice.Tags);
        Assert.Equal([NotificationKind.Mention], await KindsAsync(bob));
        Assert.Equal(["hello #one"], (await node.ReadAsync((session, ct) => session.Notices.ListRevisionsAsync(notice.Id, ct))).Select(before => before.Content));
    }

    [Fact]
    public async Task Nobody_changes_what_is_not_theirs_a_repeat_or_into_what_could_not_be_published()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var notice = await PublishAsync(alice, "hello");
        var repeat = (await node.RepeatAsync(bob.Id, notice.Id)).Value;

        Assert.Equal("You have no such notice.", (await node.EditAsync(bob.Id, notice.Id, new NoticeDraft { Content = "mine" })).Problem);
        Assert.Equal("A repeat cannot be changed; take it back.", (await node.EditAsync(bob.Id, repeat.Id, new NoticeDraft { Content = "mine" })).Problem);
        Assert.Equal("The notice is empty.", (await node.EditAsync(alice.Id, notice.Id, new NoticeDraft { Content = " " })).Problem);
        Assert.Equal("hello", (await node.FindNoticeAsync(notice.Id, default))!.Notice.Content);
    }

    [Theory]
    [InlineData("x", "")]
    [InlineData("english language", "")]
    [InlineData("1a", "")]
    [InlineData("", "two\nlines")]
    [InlineData("", "turned \u202e round")]
    public async Task A_language_or_warning_that_is_none_is_refused(string language, string warning)
    {
        var alice = await JoinAsync("alice");

        Assert.NotNull((await node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello", Language = language, Warning = warning })).Problem);
    }

    [Fact]
    public async Task The_longest_warning_is_kept_and_a_longer_one_refused()
    {
        var alice = await JoinAsync("alice");
        var longest = new string('w', NoticeDetail.MaxWarningLength);

        Assert.Equal(longest, (await PublishAsync(alice, "hello", warning: longest)).Warning);
        Assert.NotNull((await node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello", Warning = longest + "w" })).Problem);
    }

    private async Task<Profile> JoinAsync(string nickname) => (await node.JoinAsync(nickname, nickname)).Value;

    private async Task<Notice> PublishAsync(
        Profile author, string content, Visibility visibility = Visibility.Public, string warning = "", Notice? answers = null) =>
        (await node.PublishAsync(author.Id, new NoticeDraft { Content = content, Visibility = visibility, Warning = warning, ReplyTo = answers?.Id ?? default })).Value;

    private async Task<NotificationKind[]> KindsAsync(Profile person) =>
        [.. (await node.NotificationsAsync(person.Id, PageRequest.Newest(9))).Select(told => told.Kind)];

    /// <summary>Keeps what has been composed from being stored, until the test says so.</summary>
    private sealed class Gate : INoticePolicy
    {
        public TaskCompletionSource? Open { get; set; }

        public int Waiting { get; private set; }

        public async ValueTask<string?> ObjectToAsync(Notice notice, Profile author, CancellationToken cancellationToken)
        {
            if (Open is null)
                return null;
            Waiting++;
            await Open.Task;
            return null;
        }
    }
}
