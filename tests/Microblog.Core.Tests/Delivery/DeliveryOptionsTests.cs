using Microblog.Delivery;
using Microsoft.Extensions.Options;

namespace Microblog.Tests.Delivery;

public sealed class DeliveryOptionsTests
{
    public static TheoryData<string, Action<DeliveryOptions>> OutOfRange => new()
    {
        { "ParallelLanes is 0. Set it from 1 to 1000.", options => options.ParallelLanes = 0 },
        { "ParallelSlowLanes is -1. Set it from 0 to 10000.", options => options.ParallelSlowLanes = -1 },
        { "ParallelFailingLanes is 1001. Set it from 1 to 1000.", options => options.ParallelFailingLanes = 1_001 },
        { "PerDestination is 0. Set it from 1 to 1000.", options => options.PerDestination = 0 },
        { "BatchSize is 1001. Set it from 1 to 1000.", options => options.BatchSize = 1_001 },
        { "SlowAfter is 00:00:00. Set it from 00:00:00.0010000 to 00:01:00.", options => options.SlowAfter = TimeSpan.Zero },
        { "LeaseDuration is 00:00:29. Set it from 00:00:30 to 1.00:00:00.", options => options.LeaseDuration = TimeSpan.FromSeconds(29) },
        { "PollInterval is 02:00:00. Set it from 00:00:00.0100000 to 01:00:00.", options => options.PollInterval = TimeSpan.FromHours(2) },
        { "FirstRetry is 00:00:00. Set it from 00:00:00.0010000 to 1.00:00:00.", options => options.FirstRetry = TimeSpan.Zero },
        { "LongestRetry is 00:00:09. Set it from 00:00:10 to 7.00:00:00.", options => options.LongestRetry = TimeSpan.FromSeconds(9) },
        { "GiveUpAfter is 366.00:00:00. Set it from 00:00:00.0010000 to 365.00:00:00.", options => options.GiveUpAfter = TimeSpan.FromDays(366) },
        { "LateAfter is 00:00:00. Set it from 00:00:01 to 7.00:00:00.", options => options.LateAfter = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void An_option_out_of_range_ends_the_start_with_its_name_its_value_and_its_range(string message, Action<DeliveryOptions> breaking)
    {
        Assert.Equal(["MicroblogOptions.Delivery." + message], Validate(breaking).Failures);
    }

    [Fact]
    public void The_defaults_and_the_ends_of_the_ranges_are_allowed()
    {
        Assert.True(Validate(_ => { }).Succeeded);
        Assert.True(Validate(options =>
        {
            (options.ParallelLanes, options.ParallelSlowLanes, options.ParallelFailingLanes, options.PerDestination, options.BatchSize) = (1, 0, 1, 1, 1);
            (options.FirstRetry, options.LongestRetry) = (TimeSpan.FromDays(1), TimeSpan.FromDays(1));
        }).Succeeded);
    }

    private static ValidateOptionsResult Validate(Action<DeliveryOptions> configure)
    {
        var options = new MicroblogOptions { BaseUri = new Uri("https://a.example/"), License = License.CcBy40 };
        configure(options.Delivery);
        return new MicroblogOptionsValidation().Validate(null, options);
    }
}
