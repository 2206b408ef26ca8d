using Microblog.Diagnostics;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microblog.AspNetCore.Tests.Hosting;

public sealed class HealthTests
{
    [Theory]
    [InlineData(Severity.Good, HealthStatus.Healthy)]
    [InlineData(Severity.Warning, HealthStatus.Degraded)]
    [InlineData(Severity.Failure, HealthStatus.Unhealthy)]
    public async Task The_worst_finding_decides(Severity severity, HealthStatus expected)
    {
        await using var node = await TestNode.StartAsync(services: s =>
        {
            s.AddHealthChecks().AddMicroblog();
            s.AddSingleton<INodeCheck>(new FixedCheck("first", new Finding(Severity.Good, "fine")));
            s.AddSingleton<INodeCheck>(new FixedCheck("second", new Finding(severity, "look here")));
        });
        var report = await node.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(expected, report.Status);
        Assert.Equal("look here", report.Entries["microblog"].Data["second"]);
        Assert.Equal(0, report.Entries["microblog"].Data["lanes waiting"]);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_unhealthy()
    {
        await using var node = await TestNode.StartAsync(services: s => s.AddHealthChecks().AddMicroblog());
        var check = new AspNetCore.Health.NodeHealthCheck(new BrokenStore(), node.Services.GetRequiredService<NodeCheckup>());
        var result = await check.CheckHealthAsync(new HealthCheckContext());
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
    }

    private sealed class FixedCheck(string name, Finding finding) : INodeCheck
    {
        public string Name => name;

        public ValueTask<Finding> CheckAsync(CancellationToken cancellationToken) => new(finding);
    }

    private sealed class BrokenStore : IMicroblogStore
    {
        public IdSource Ids => throw new StoreException("broken");

        public int LanesPerTransaction => 1;

        public IBlobStore Blobs => throw new NotSupportedException();

        public ValueTask StartAsync(CancellationToken cancellationToken) => throw new StoreException("broken");

        public ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
            throw new StoreException("broken");

        public ValueTask<T> ReadAsync<T>(Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
            throw new StoreException("broken");
    }
}
