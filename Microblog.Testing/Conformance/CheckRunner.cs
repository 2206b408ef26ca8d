using Microblog.Testing.Conformance.Steps;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance;

/// <summary>Makes checks one after the other and turns how they end into results.</summary>
internal sealed class CheckRunner(SignInMask mask, IProgress<ClauseResult>? progress)
{
    private static readonly Dictionary<string, Clause> Clauses = Clause.All.Concat(HostileClauses.All).ToDictionary(c => c.Id, StringComparer.Ordinal);
    private readonly List<ClauseResult> results = [];

    public IReadOnlyList<ClauseResult> Results => results;

    /// <summary>Why a step that was given could not be done, the first one; empty when all could.</summary>
    public string StepProblem { get; private set; } = "";

    /// <summary>At which clause the kit itself failed, the first one; empty when it did not.</summary>
    public string KitProblem { get; private set; } = "";

    public async Task RunAsync<T>(IReadOnlyList<Check<T>> checks, T target, CancellationToken cancellationToken)
    {
        var unprepared = new Dictionary<Check<T>, ClauseResult>();
        foreach (var check in checks.Where(c => c.Prepare is not null))
        {
            var prepared = await TryAsync(check, check.Prepare!, target, cancellationToken).ConfigureAwait(false);
            if (prepared.Verdict != Verdict.Holds)
                unprepared[check] = prepared;
        }

        foreach (var check in checks)
            Add(unprepared.TryGetValue(check, out var failed) ? failed : await TryAsync(check, check.Run, target, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Says why the clauses of which there is no result have none.</summary>
    public void Close()
    {
        var judged = results.Select(r => r.Clause.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var clause in Clause.All.Where(c => !judged.Contains(c.Id)))
            Add(new ClauseResult(
                clause, "", clause.Level, Unobservable.IsHostile(clause.Id) ? Verdict.NotReached : Verdict.NotObservable, Unobservable.Reasons[clause.Id]));
    }

    private async Task<ClauseResult> TryAsync<T>(Check<T> check, Func<T, CancellationToken, Task> run, T target, CancellationToken cancellationToken)
    {
        var clause = Clauses[check.Clause];
        ClauseResult Result(Verdict verdict, string reason = "", ClauseFailure? failure = null) =>
            new(clause, check.Part, check.Level ?? clause.Level, verdict, reason, failure);
        try
        {
            await run(target, cancellationToken).ConfigureAwait(false);
            return Result(Verdict.Holds);
        }
        catch (CheckFailedException e)
        {
            return Result(Verdict.Failed, "", new ClauseFailure(mask.Hide(e.Message), check.Remedy, [.. e.Exchanges.Select(mask.Hide)]));
        }
        catch (BlockedException e)
        {
            return Result(Verdict.NotReached, Blocker(e.Clause));
        }
        catch (NotReachedException e)
        {
            return Result(Verdict.NotReached, e.Message);
        }
        catch (StepException e)
        {
            if (StepProblem.Length == 0)
                StepProblem = e.Message;
            return Result(Verdict.NotReached, e.Message);
        }
        catch (System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            return Result(Verdict.NotReached, "a page of the service takes too long to read");
        }
        catch (NotObservableException e)
        {
            return Result(Verdict.NotObservable, e.Message);
        }
        // What the service sends must not end the run, whatever it makes of the kit.
        catch (Exception e) when (e is not CouldNotRunException && !cancellationToken.IsCancellationRequested)
        {
            var problem = $"the kit itself failed ({e.GetType().Name})";
            if (KitProblem.Length == 0)
                KitProblem = $"{clause.Id}: {problem}";
            return Result(Verdict.NotReached, problem);
        }
    }

    // The clause that is at the root of it: the reason of one that was not reached itself names it already.
    private string Blocker(string clause) => results.FirstOrDefault(r => r.Clause.Id == clause && r.Verdict != Verdict.Holds) switch
    {
        { Verdict: Verdict.NotReached } blocked => blocked.Reason,
        _ => $"{clause} failed",
    };

    private void Add(ClauseResult result)
    {
        results.Add(result);
        progress?.Report(result);
    }
}
