using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microblog.Diagnostics;

namespace Microblog.AspNetCore.Tests.Hosting;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Requests_are_measured_and_traced_by_their_template()
    {
        var measured = new ConcurrentQueue<Dictionary<string, object?>>();
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MicroblogTelemetry.Name && instrument.Name == "microblog.request.duration")
                listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<double>((_, value, tags, _) => measured.Enqueue(tags.ToArray().ToDictionary(t => t.Key, t => t.Value)));
        meters.Start();
        var traced = new ConcurrentQueue<string>();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MicroblogTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => traced.Enqueue(activity.DisplayName),
        };
        ActivitySource.AddActivityListener(activities);

        await using (var node = await TestNode.StartAsync())
        {
            using var response = await node.GetAsync("/tag/telemetrytest");
        }

        // Other tests of the process run at the same time.
        Assert.Contains(measured, m => (string?)m["http.route"] == "/tag/{tag}" && (string?)m["http.request.method"] == "GET" && (int?)m["http.response.status_code"] == 200);
        Assert.Contains("GET /tag/{tag}", traced);
    }
}
