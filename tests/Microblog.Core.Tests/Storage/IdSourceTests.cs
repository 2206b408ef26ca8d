using FsCheck;
using FsCheck.Fluent;
using Microblog.Storage;
using Microblog.Testing;

namespace Microblog.Tests.Storage;

public sealed class IdSourceTests
{
    [Fact]
    public void Numbers_grow_whatever_the_clock_does_and_keep_to_their_slot()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), ArbMap.Default.ArbFor<byte>(), (steps, slot) =>
        {
            var clock = new FakeTimeProvider();
            var ids = new IdSource(clock, slot % 64, last: 0);
            var last = 0L;
            foreach (var step in steps)
            {
                clock.SetUtcNow(clock.GetUtcNow().AddMilliseconds(step % 50));
                using var id = ids.Draw();
                if (id.Value <= last || ((id.Value >> 6) & 63) != slot % 64)
                    return false;
                last = id.Value;
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void An_overflowing_counter_borrows_the_next_millisecond()
    {
        var clock = new FakeTimeProvider();
        var ids = new IdSource(clock, 5, 0);
        var drawn = Enumerable.Range(0, 65).Select(_ => ids.Draw().Value).ToList();

        Assert.Equal(65, drawn.Distinct().Count());
        Assert.Equal(clock.GetUtcNow(), IdSource.TimeOf(drawn[63]));
        Assert.Equal(clock.GetUtcNow().AddMilliseconds(1), IdSource.TimeOf(drawn[64]));
    }

    [Fact]
    public void A_source_begins_above_the_last_number_of_its_slot()
    {
        var clock = new FakeTimeProvider();
        var last = new IdSource(clock, 3, 0).Draw().Value;
        clock.SetUtcNow(clock.GetUtcNow().AddYears(-1));

        Assert.True(new IdSource(clock, 3, last).Draw().Value > last);
    }

    [Fact]
    public void Numbers_fit_into_53_bits_until_2077()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2077, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.InRange(new IdSource(clock, 63, 0).Draw().Value, 1L << 52, (1L << 53) - 1);
    }

    [Fact]
    public void Whoever_reads_forward_stops_before_numbers_that_are_drawn_meanwhile()
    {
        var ids = new IdSource(TimeProvider.System, 0, 0);
        using var seen = ids.Draw();
        seen.Dispose();

        var horizon = ids.ReadHorizon;

        using var late = ids.Draw();
        using var early = ids.Draw();
        Assert.InRange(horizon, seen.Value + 1, late.Value);
        Assert.Equal(late.Value, ids.ReadHorizon);
    }

    [Fact]
    public void The_horizon_is_the_lowest_number_whose_transaction_is_open()
    {
        var ids = new IdSource(new FakeTimeProvider(), 0, 0);
        Assert.Equal(long.MaxValue, ids.Horizon);
        var first = ids.Draw();
        var second = ids.Draw();
        Assert.Equal(first.Value, ids.Horizon);
        first.Dispose();
        Assert.Equal(second.Value, ids.Horizon);
        second.Dispose();
        second.Dispose();
        Assert.Equal(long.MaxValue, ids.Horizon);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(64)]
    public void A_slot_outside_of_its_six_bits_is_refused(int slot) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new IdSource(TimeProvider.System, slot, 0));
}
