using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance;

/// <summary>What became of a clause.</summary>
public enum Verdict
{
    /// <summary>Everything that the kit can see of it is as it should be.</summary>
    Holds,

    /// <summary>The service does otherwise.</summary>
    Failed,

    /// <summary>The kit did not get that far: another clause failed, or a step of a person was not given.</summary>
    NotReached,

    /// <summary>Nobody can tell from outside.</summary>
    NotObservable,
}

/// <summary>The verdict about one clause.</summary>
/// <param name="Clause">The clause.</param>
/// <param name="Part">Which part of it was looked at; empty for all of it.</param>
/// <param name="Level">How strongly that part binds; not always what the clause as a whole does.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Reason">Why it is not reached or not observable; empty otherwise.</param>
/// <param name="Failure">What is wrong; <see langword="null"/> unless <paramref name="Verdict"/> says so.</param>
public sealed record ClauseResult(Clause Clause, string Part, ClauseLevel Level, Verdict Verdict, string Reason = "", ClauseFailure? Failure = null)
{
    /// <summary>The clause's number, with the part in brackets where only one was looked at.</summary>
    public string Title => Part.Length == 0 ? Clause.Id : $"{Clause.Id} ({Part})";
}

/// <summary>What is wrong, for somebody who has to change it.</summary>
/// <param name="Expected">What should have happened.</param>
/// <param name="Remedy">In words, what to change.</param>
/// <param name="Exchanges">What was sent and what came back, byte for byte; empty when what is wrong is that nothing came.</param>
public sealed record ClauseFailure(string Expected, string Remedy, IReadOnlyList<WireExchange> Exchanges);
