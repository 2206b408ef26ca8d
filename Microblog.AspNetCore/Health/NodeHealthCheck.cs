using Microblog.Diagnostics;
using Microblog.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microblog.AspNetCore.Health;

/// <summary>Whether the store answers, what the rooms find, and how full the delivery queue is.</summary>
internal sealed class NodeHealthCheck(IMicroblogStore store, NodeCheckup checkup) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        try
        {
            var depth = await store.ReadAsync(
                Freshness.Latest, (session, ct) => session.Deliveries.MeasureAsync(ct), cancellationToken).ConfigureAwait(false);
            data["lanes waiting"] = depth.Lanes;
            data["destinations failing"] = depth.FailingDestinations;
            if (depth.OldestSince is { } since)
                data["oldest since"] = since;
        }
        catch (StoreException e)
        {
            return HealthCheckResult.Unhealthy("The store does not answer.", e, data);
        }

        var worst = Severity.Good;
        var messages = new List<string>();
        foreach (var (name, finding, _) in await checkup.RunAsync(cancellationToken).ConfigureAwait(false))
        {
            data[name] = finding.Message;
            worst = finding.Severity > worst ? finding.Severity : worst;
            if (finding.Severity != Severity.Good)
                messages.Add($"{name}: {finding.Message}");
        }

        var status = worst switch { Severity.Good => HealthStatus.Healthy, Severity.Warning => HealthStatus.Degraded, _ => HealthStatus.Unhealthy };
        return new HealthCheckResult(status, messages.Count == 0 ? "The node is well." : string.Join(' ', messages), data: data);
    }
}
