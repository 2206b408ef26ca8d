using Microblog.Conformance.Tests.Foreign;
using Microblog.Testing.Conformance;
using Microblog.Testing.Conformance.Output;

namespace Microblog.Conformance.Tests;

public sealed class ForeignSiteTests
{
    [Fact]
    public async Task A_right_implementation_that_shares_no_code_with_ours_fails_nothing_as_listeners_service()
    {
        var report = await OneFault.ProviderBaseline.Value;
        Assert.Equal("", OneFault.Failures(report));
        Assert.All(report.Results.Where(r => r.Verdict == Verdict.NotReached), r => Assert.Contains("--", r.Reason, StringComparison.Ordinal));
        Assert.Equal(0, report.ExitCode);
    }

    [Fact]
    public async Task A_right_implementation_that_shares_no_code_with_ours_fails_nothing_as_listenees_service()
    {
        var report = await OneFault.ConsumerBaseline.Value;
        Assert.Equal("", OneFault.Failures(report));
        Assert.DoesNotContain(report.Results, r => r.Verdict == Verdict.NotReached && !r.Reason.Contains("--hostile", StringComparison.Ordinal) && r.Clause.Group.Contains("Consumer", StringComparison.Ordinal));
        Assert.Equal(Verdict.NotReached, Assert.Single(report.Results, r => r.Clause.Id == "OMB-105").Verdict);
        Assert.Equal(0, report.ExitCode);
    }
}
