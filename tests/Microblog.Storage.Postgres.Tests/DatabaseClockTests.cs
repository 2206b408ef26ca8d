using Microblog.Testing;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>A server whose clock is not ours, behind a network that is now quick and now slow.</summary>
public sealed class DatabaseClockTests
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(400);

    private readonly FakeTimeProvider here = new();
    private readonly DatabaseClock clock;
    private TimeSpan ahead = TimeSpan.FromHours(7);

    public DatabaseClockTests() => clock = new DatabaseClock(here);

    private DateTimeOffset ThereNow => here.GetUtcNow() + ahead;

    [Fact]
    public void The_servers_clock_is_known_to_half_the_time_that_an_answer_took()
    {
        // It read its clock at once, and the answer was long under way; or the question was.
        Ask(TimeSpan.Zero, Slow);
        Assert.Equal(ThereNow - (Slow / 2), clock.Now);
        ahead += TimeSpan.FromDays(1);
        Ask(Slow, TimeSpan.Zero);
        Assert.Equal(ThereNow + (Slow / 2), clock.Now);
    }

    [Fact]
    public void Between_two_answers_the_time_that_passes_counts()
    {
        Ask(Quick, Quick);

        here.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(ThereNow, clock.Now);
    }

    [Fact]
    public void The_quickest_answer_counts_whether_it_comes_first_or_last()
    {
        Ask(Slow, TimeSpan.Zero);
        Ask(Quick, Quick);
        Assert.Equal(ThereNow, clock.Now);

        Ask(TimeSpan.Zero, Slow);
        Assert.Equal(ThereNow, clock.Now);
    }

    [Fact]
    public void An_answer_of_long_ago_gives_way_to_a_slower_one_when_the_clocks_may_have_run_apart_by_more()
    {
        Ask(Quick, Quick);
        // They do, by 10 microseconds a second.
        var passed = TimeSpan.FromMinutes(30);
        here.Advance(passed);
        ahead += passed * 10e-6;
        Assert.Equal(passed * 10e-6, ThereNow - clock.Now);

        Ask(TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(30));

        Assert.Equal(ThereNow, clock.Now);
    }

    [Fact]
    public void A_server_whose_clock_was_set_is_believed_however_slow_its_answer()
    {
        foreach (var step in new[] { TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(-20) })
        {
            Ask(Quick, Quick);
            ahead += step;

            Ask(Slow, Slow);

            Assert.Equal(ThereNow, clock.Now);
        }
    }

    // The server reads its clock between the two ways.
    private void Ask(TimeSpan there, TimeSpan back)
    {
        var asked = here.GetTimestamp();
        here.Advance(there);
        var answer = ThereNow;
        here.Advance(back);
        clock.Learn(answer, asked);
    }
}
