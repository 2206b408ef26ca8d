using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance;

/// <summary>How one clause is looked at: what is done, what is expected, and what to tell who fails it.</summary>
/// <typeparam name="T">What it is done to.</typeparam>
/// <param name="Clause">The clause's number.</param>
/// <param name="Remedy">In words, what a service that fails has to change.</param>
/// <param name="Run">Does it, and ends without an exception when everything is as it should be; else by <see cref="Expect"/>.</param>
internal sealed record Check<T>(string Clause, string Remedy, Func<T, CancellationToken, Task> Run)
{
    /// <summary>Done before any check of the same list runs: what takes a while, or what many share.</summary>
    public Func<T, CancellationToken, Task>? Prepare { get; init; }

    /// <summary>Which part of the clause this is, where it is not all of it.</summary>
    public string Part { get; init; } = "";

    /// <summary>How strongly that part binds, where the clause as a whole does otherwise.</summary>
    public ClauseLevel? Level { get; init; }
}

/// <summary>How a check ends that does not find what it expects.</summary>
internal static class Expect
{
    public static void That(bool holds, string expected, params IEnumerable<WireExchange> exchanges)
    {
        if (!holds)
            throw new CheckFailedException(expected, [.. exchanges]);
    }

    public static void Status(this WireReply reply, params int[] statuses) =>
        That(statuses.Contains(reply.Status), $"status {string.Join(" or ", statuses)}, and it was {reply}", reply.Exchange);

    /// <summary>Refused as a bad request, whatever the number, and neither done nor broken by it.</summary>
    public static void Refusal(this WireReply reply, string what) =>
        That(reply.Status is >= 400 and < 500, $"{what} is refused with a status between 400 and 499, and it was {reply}", reply.Exchange);
}

/// <summary>What was expected, and where it was missed.</summary>
internal sealed class CheckFailedException(string expected, IReadOnlyList<WireExchange> exchanges) : Exception(expected)
{
    public IReadOnlyList<WireExchange> Exchanges { get; } = exchanges;
}

/// <summary>The check cannot be made; the message says what is missing.</summary>
internal sealed class NotReachedException(string message) : Exception(message);

/// <summary>The check cannot see what it would have to; the message says why.</summary>
internal sealed class NotObservableException(string message) : Exception(message);

/// <summary>Something that a check finds out and others need.</summary>
/// <param name="clause">The clause whose check finds it out.</param>
internal sealed class Fact<T>(string clause)
    where T : class
{
    private T? value;

    public bool IsKnown => value is not null;

    /// <summary>What was found out.</summary>
    /// <exception cref="BlockedException">It was not.</exception>
    public T Value
    {
        get => value ?? throw new BlockedException(clause);
        set => this.value = value;
    }

    /// <summary>Ends the check here when it was not found out.</summary>
    public void Require() => _ = Value;
}

/// <summary>Another clause stands in the way.</summary>
internal sealed class BlockedException(string clause) : Exception(clause)
{
    public string Clause { get; } = clause;
}

/// <summary>The service cannot be reached at all; the message says why.</summary>
internal sealed class CouldNotRunException(string message) : Exception(message);
