namespace Microblog.Testing.Conformance;

/// <summary>What the kit found out about one service.</summary>
public sealed class ConformanceReport
{
    internal ConformanceReport(Uri profile, IReadOnlyList<ClauseResult> results, string problem, string stepProblem, TimeSpan duration) =>
        (Profile, Results, Problem, StepProblem, Duration) = (profile, results, problem, stepProblem, duration);

    /// <summary>The person that was asked about.</summary>
    public Uri Profile { get; }

    /// <summary>One result for each part of each clause, in the order in which they were found.</summary>
    public IReadOnlyList<ClauseResult> Results { get; }

    /// <summary>Why the kit could not run; empty when it could.</summary>
    public string Problem { get; }

    /// <summary>Why a step of a person that was given could not be done, the first of them; empty when all could.</summary>
    public string StepProblem { get; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; }

    /// <summary>0 when every MUST that was reached holds, 1 when one failed, 2 when the kit could not run or a step that was given could
    /// not be done. A failed SHOULD changes nothing.</summary>
    public int ExitCode => Problem.Length > 0 || StepProblem.Length > 0 ? 2 : Count(ClauseLevel.Must, Verdict.Failed) > 0 ? 1 : 0;

    /// <summary>How many results of a level have a verdict.</summary>
    public int Count(ClauseLevel level, Verdict verdict) => Results.Count(r => r.Level == level && r.Verdict == verdict);
}
