using Microblog.Conformance.Tests.Foreign;
using Microblog.Testing.Conformance;
using Microblog.Testing.Conformance.Output;

namespace Microblog.Conformance.Tests;

/// <summary>Implementations that are wrong in one thing each: the kit finds that one, and no other.</summary>
public sealed class ProviderFaultTests
{
    [Theory]
    [InlineData(Fault.NoMetaElement, "OMB-3", "meta")]
    [InlineData(Fault.EntryNotLast, "OMB-6", "last XRD")]
    [InlineData(Fault.NoLocalId, "OMB-8", "LocalID")]
    [InlineData(Fault.WrongVersionTaken, "OMB-20", "omb_version")]
    [InlineData(Fault.NoncesForgotten, "OAUTH-21", "nonce")]
    [InlineData(Fault.TokenOfAnyListener, "OMB-32", "omb_listener")]
    [InlineData(Fault.NamesNotEscaped, "OMB-39", "Escape")]
    [InlineData(Fault.FormWithoutSecret, "OMB-31", "secret of the form")]
    [InlineData(Fault.CallbackWithoutProfile, "OMB-33", "omb_listener_profile")]
    [InlineData(Fault.CallbackQueryLost, "OMB-35", "query")]
    [InlineData(Fault.TokenOfAnyConsumer, "OMB-24", "consumer key")]
    [InlineData(Fault.NoticeByGet, "OMB-50", "405")]
    [InlineData(Fault.VersionEncoded, "OMB-53", "not percent-encoded")]
    [InlineData(Fault.DuplicateIs500, "OMB-55", "200")]
    [InlineData(Fault.DuplicateStored, "OMB-55", "keep the first")]
    [InlineData(Fault.BadSignatureIs403, "OMB-58", "401")]
    [InlineData(Fault.ContentTrimmed, "OMB-63", "exactly")]
    [InlineData(Fault.BlankIgnored, "OMB-71", "empty value")]
    [InlineData(Fault.RevokedIs401, "OMB-57", "403")]
    public async Task A_listeners_service_that_is_wrong_in_one_thing_fails_that_clause_alone(Fault fault, string clause, string word)
    {
        await using var site = new ForeignSite(fault);
        OneFault.Check(await OneFault.ProviderBaseline.Value, await ConformanceKit.RunAsync(site.ProviderOptions()), clause, word);
    }
}

public sealed class ConsumerFaultTests
{
    [Theory]
    [InlineData(Fault.PriorityIgnored, "OMB-101", "priority")]
    [InlineData(Fault.NoListenerSent, "OMB-110", "omb_listener")]
    [InlineData(Fault.CallbackTwice, "OMB-120", "once")]
    [InlineData(Fault.CallbackVersionIgnored, "OMB-122", "omb_version")]
    [InlineData(Fault.SecretNotNeeded, "OMB-123", "secret")]
    [InlineData(Fault.PostsToEachListener, "OMB-131", "once to each postNotice address")]
    [InlineData(Fault.GoesOnAfter403, "OMB-132", "403")]
    [InlineData(Fault.StopsAfter400, "OMB-133", "400")]
    [InlineData(Fault.NewUriOnRetry, "OMB-133", "same notice URI")]
    [InlineData(Fault.FollowsRedirects, "OMB-136", "redirects")]
    [InlineData(Fault.BlankNotSent, "OMB-140", "empty value")]
    [InlineData(Fault.NonceKeptOnRetry, "OAUTH-25", "nonce")]
    public async Task A_listenees_service_that_is_wrong_in_one_thing_fails_that_clause_alone(Fault fault, string clause, string word)
    {
        await using var site = new ForeignSite(fault);
        OneFault.Check(await OneFault.ConsumerBaseline.Value, await ConformanceKit.RunAsync(site.ConsumerOptions()), clause, word);
    }
}

public sealed class HostileFaultTests
{
    [Fact]
    public async Task A_listenees_service_that_reads_entities_is_found_out_when_hostile_cases_are_asked_for()
    {
        await using var site = new ForeignSite(Fault.EntitiesRead);
        var hostile = await ConformanceKit.RunAsync(site.ConsumerOptions(isHostile: true));
        var found = hostile.Results.Where(r => r.Clause.Id == "OMB-105").ToDictionary(r => r.Part, r => r.Verdict);
        Assert.Equal(Verdict.Failed, found["entities that multiply"]);
        Assert.Equal(Verdict.Holds, found["a body without end"]);
        Assert.Equal(Verdict.Holds, found["redirects in a circle"]);
        Assert.Equal(Verdict.Holds, found["a redirect to a file"]);
    }
}

/// <summary>Compares a run against a faulty implementation with one against the right one.</summary>
internal static class OneFault
{
    public static Lazy<Task<ConformanceReport>> ProviderBaseline { get; } = new(async () =>
    {
        await using var site = new ForeignSite(Fault.None);
        return await ConformanceKit.RunAsync(site.ProviderOptions());
    });

    public static Lazy<Task<ConformanceReport>> ConsumerBaseline { get; } = new(async () =>
    {
        await using var site = new ForeignSite(Fault.None);
        return await ConformanceKit.RunAsync(site.ConsumerOptions());
    });

    /// <summary>Only that clause fails, and its explanation has the word; all others are as with the right one, or say that it blocks them.</summary>
    public static void Check(ConformanceReport right, ConformanceReport wrong, string clause, string word)
    {
        Assert.Equal("", wrong.Problem);
        var failed = wrong.Results.Where(r => r.Verdict == Verdict.Failed).ToList();
        Assert.Equal([clause], failed.Select(r => r.Clause.Id).Distinct());
        Assert.All(failed, r => Assert.Contains(word, FailureText.Of(r), StringComparison.OrdinalIgnoreCase));
        Assert.Equal(
            "",
            string.Join('\n', right.Results.Zip(wrong.Results)
                .Where(pair => pair.Second.Clause.Id != clause && (pair.First.Verdict, pair.First.Title) != (pair.Second.Verdict, pair.Second.Title)
                    && pair.Second.Reason != $"{clause} failed")
                .Select(pair => $"{pair.First.Title} {pair.First.Verdict}, now {FailureText.Line(pair.Second)}")));
    }

    public static string Failures(ConformanceReport report) =>
        string.Join("\n\n", report.Results.Where(r => r.Verdict == Verdict.Failed).Select(r => FailureText.Line(r) + "\n" + FailureText.Of(r)));
}
