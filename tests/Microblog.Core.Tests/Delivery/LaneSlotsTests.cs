using Microblog.Delivery;
using Microblog.Testing;

namespace Microblog.Tests.Delivery;

public sealed class LaneSlotsTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    [Trait("Clause", "OMB-134")]
    public void A_slow_lane_leaves_its_slot_until_the_slow_ones_are_full()
    {
        var slots = new LaneSlots(2, 1, 0, TimeSpan.FromMilliseconds(100), clock);
        var ends = new[] { Add(slots), Add(slots) };
        Assert.Equal((0, TimeSpan.FromMilliseconds(100)), (slots.Free, slots.NextMove));

        clock.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal((0, TimeSpan.FromMilliseconds(1)), (slots.Free, slots.NextMove));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((1, (TimeSpan?)null), (slots.Free, slots.NextMove));

        Add(slots);
        Assert.Equal((0, (TimeSpan?)null), (slots.Free, slots.NextMove));
        ends[0].SetResult();
        Assert.Equal((1, (TimeSpan?)null), (slots.Free, slots.NextMove));
        ends[1].SetResult();
        Assert.Equal((1, TimeSpan.FromMilliseconds(100)), (slots.Free, slots.NextMove));
    }

    [Fact]
    public void A_lane_that_is_held_takes_no_slot_and_its_time_begins_when_it_goes()
    {
        var slots = new LaneSlots(1, 0, 0, TimeSpan.FromMilliseconds(100), clock);
        var trip = new LaneSlots.Trip { Task = new TaskCompletionSource().Task };
        slots.Add(trip);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1, (TimeSpan?)null), (slots.Free, trip.Since(clock)));
        Assert.Single(slots.Running);

        trip.Go(clock);
        Assert.Equal((0, TimeSpan.Zero), (slots.Free, trip.Since(clock)));
    }

    [Fact]
    public void A_lane_that_is_back_takes_no_slot_until_too_many_wait_to_be_settled()
    {
        var slots = new LaneSlots(2, 0, 1, TimeSpan.FromMilliseconds(100), clock);
        var (first, second) = (Start(slots), Start(slots));
        Assert.Equal(0, slots.Free);

        first.Trip.ComeBack();
        Assert.Equal((1, (TimeSpan?)null), (slots.Free, first.Trip.Since(clock)));
        second.Trip.ComeBack();
        Assert.Equal(1, slots.Free);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1, (TimeSpan?)null), (slots.Free, slots.NextMove));

        first.End.SetResult();
        Assert.Equal(2, slots.Free);
    }

    private TaskCompletionSource Add(LaneSlots slots) => Start(slots).End;

    private (LaneSlots.Trip Trip, TaskCompletionSource End) Start(LaneSlots slots)
    {
        var end = new TaskCompletionSource();
        var trip = new LaneSlots.Trip { Task = end.Task };
        trip.Go(clock);
        slots.Add(trip);
        return (trip, end);
    }
}
