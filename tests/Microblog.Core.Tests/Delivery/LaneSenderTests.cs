using FsCheck;
using FsCheck.Fluent;
using Microblog.Delivery;
using Microblog.Federation;
using Microblog.Storage;
using Microblog.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microblog.Tests.Delivery;

public sealed class LaneSenderTests
{
    private static readonly DeliveryOutcome.TryAgain Later = new("503", null, true);
    private readonly FakeTimeProvider clock = new();
    private readonly MicroblogOptions options = new();

    [Fact]
    [Trait("Clause", "OMB-133")]
    public void The_wait_doubles_up_to_the_longest_and_any_part_of_it_may_fall()
    {
        var settings = options.Delivery;
        Prop.ForAll(ArbMap.Default.ArbFor<NonNegativeInt>(), ArbMap.Default.ArbFor<NonNegativeInt>(), (attempts, permille) =>
        {
            var chance = new FixedChance(permille.Get % 1000 / 1000.0);
            var settlement = Send(Lane(attempts.Get, Event(1)), chance, Later);
            var longest = attempts.Get >= 9 ? settings.LongestRetry : TimeSpan.FromSeconds(Math.Min(10 << attempts.Get, 3600));
            var wait = settlement.RetryAt!.Value - clock.GetUtcNow();
            return wait >= TimeSpan.Zero && wait < longest && Math.Abs(wait / longest - permille.Get % 1000 / 1000.0) < 0.001;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_failure_after_progress_is_the_first_in_a_row()
    {
        var settlement = Send(Lane(20, Event(1), Event(2)), new FixedChance(0.5), DeliveryOutcome.Delivered, Later);

        Assert.Equal(1, settlement.Through);
        Assert.Equal(TimeSpan.FromSeconds(5), settlement.RetryAt - clock.GetUtcNow());
        Assert.Equal("503", settlement.Failure);
        Assert.True(settlement.IsDestinationFailing);
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(3_000, 3_000)]
    [InlineData(86_400, 86_400)]
    [InlineData(100_000_000, 3_600)]
    [Trait("Clause", "OMB-133")]
    public void Retry_After_is_obeyed_unless_it_asks_for_longer_than_we_try(int asked, int waited)
    {
        var later = new DeliveryOutcome.TryAgain("429", clock.GetUtcNow() + TimeSpan.FromSeconds(asked), false);

        var settlement = Send(Lane(0, Event(1)), new FixedChance(0.5), later);

        Assert.Equal(TimeSpan.FromSeconds(waited), settlement.RetryAt - clock.GetUtcNow());
        Assert.False(settlement.IsDestinationFailing);
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    public void What_is_refused_is_passed_with_its_reason_and_the_rest_goes_on()
    {
        var settlement = Send(Lane(3, Event(1), Event(2), Event(3)), new FixedChance(0), DeliveryOutcome.Delivered, new DeliveryOutcome.Refused("too long"), DeliveryOutcome.Delivered);

        Assert.Equal(3, settlement.Through);
        Assert.Equal([new RefusedDelivery(2, "too long")], settlement.Refused);
        Assert.Null(settlement.RetryAt);
    }

    [Fact]
    [Trait("Clause", "OMB-132")]
    public void An_endpoint_where_nobody_listens_is_through_with_everything()
    {
        var settlement = Send(Lane(3, Event(1), Event(2), Event(3)), new FixedChance(0), new DeliveryOutcome.Gone("403"));

        Assert.Equal(3, settlement.Through);
        Assert.Empty(settlement.Refused);
        Assert.Null(settlement.RetryAt);
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    public void What_has_failed_for_longer_than_the_span_is_given_up_and_its_destination_stays_failing()
    {
        using var id = new IdSource(clock, 0, 0).Draw();
        var item = Event(1) with { Notice = id.Notice };
        var since = clock.GetUtcNow();
        clock.Advance(options.Delivery.GiveUpAfter);
        var atTheEnd = Send(Lane(50, item, Event(2)) with { FailingSince = since }, new FixedChance(0.5), Later);
        Assert.Equal(0, atTheEnd.Through);
        Assert.Empty(atTheEnd.Refused);

        clock.Advance(TimeSpan.FromSeconds(1));
        var settlement = Send(Lane(50, item, Event(2)) with { FailingSince = since }, new FixedChance(0.5), Later);

        Assert.Equal(1, settlement.Through);
        Assert.Equal(new RefusedDelivery(1, "Given up after 7 days: 503"), Assert.Single(settlement.Refused));
        Assert.NotNull(settlement.RetryAt);
        Assert.True(settlement.IsDestinationFailing);
    }

    [Fact]
    public void An_old_notice_gets_its_first_try_before_it_is_given_up()
    {
        using var id = new IdSource(clock, 0, 0).Draw();
        clock.Advance(options.Delivery.GiveUpAfter * 2);

        var settlement = Send(Lane(0, Event(1) with { Notice = id.Notice }), new FixedChance(0.5), Later);

        Assert.Empty(settlement.Refused);
        Assert.NotNull(settlement.RetryAt);
    }

    [Fact]
    public void A_protocol_that_is_gone_or_throws_keeps_the_delivery()
    {
        var unknown = Settle(Lane(0, Event(1)) with { Lane = new Lane(new ProfileId(1), "gone", "x", "y") }, new ScriptedProtocol(DeliveryOutcome.Delivered));
        var throwing = Settle(Lane(0, Event(1)), new ScriptedProtocol((_, _) => throw new InvalidOperationException("a bug")));

        Assert.All([unknown, throwing], settlement =>
        {
            Assert.Equal(0, settlement.Through);
            Assert.NotNull(settlement.RetryAt);
            Assert.False(settlement.IsDestinationFailing);
        });
        Assert.DoesNotContain("a bug", throwing.Failure, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OMB-133")]
    public void A_stop_gives_back_what_was_not_answered_and_nothing_has_failed()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var settlement = Settle(Lane(2, Event(1)), new ScriptedProtocol((_, ct) => ValueTask.FromCanceled<IReadOnlyList<DeliveryOutcome>>(ct)), null, stop.Token);

        Assert.Equal(0, settlement.Through);
        Assert.Null(settlement.RetryAt);
        Assert.True(settlement.IsReleased);
        Assert.False(settlement.IsDestinationFailing);
    }

    [Fact]
    public void Outcomes_beyond_the_batch_are_not_believed()
    {
        var settlement = Send(Lane(0, Event(7)), new FixedChance(0), DeliveryOutcome.Delivered, Later);

        Assert.Equal(7, settlement.Through);
        Assert.Null(settlement.RetryAt);
    }

    private LaneSettlement Send(LeasedLane lane, FixedChance chance, params DeliveryOutcome[] outcomes) => Settle(lane, new ScriptedProtocol(outcomes), chance, default);

    private LaneSettlement Settle(LeasedLane lane, IFederationProtocol protocol, FixedChance? chance = null, CancellationToken cancellationToken = default) =>
        new LaneSender([protocol], clock, chance ?? new FixedChance(0.5), Options.Create(options), NullLogger<LaneSender>.Instance)
            .SendAsync(default, lane, cancellationToken).GetAwaiter().GetResult();

    private static LeasedLane Lane(int attempts, params DeliveryEvent[] events) =>
        new(1, new Lane(new ProfileId(1), "scripted", "https://b.example/notice", "b.example"), attempts, null, events);

    private static DeliveryEvent Event(long number) => new() { Number = number, Author = new ProfileId(1), Kind = DeliveryEventKind.Profile };
}
