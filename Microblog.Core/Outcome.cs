using System.Diagnostics.CodeAnalysis;

namespace Microblog;

/// <summary>What came of something that a person asked for: a value, or a reason why not that the person can act on.</summary>
public sealed record Outcome<T>
    where T : class
{
    private readonly T? value;

    private Outcome(T? value, string? problem) => (this.value, Problem) = (value, problem);

    /// <summary>Why it was refused; nothing changed then. <see langword="null"/> when it is done.</summary>
    public string? Problem { get; }

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">It was refused; the message is the reason.</exception>
    public T Value => value ?? throw new InvalidOperationException(Problem);

    /// <summary>It is done.</summary>
    public static Outcome<T> Done(T value) => new(value, null);

    /// <summary>It is refused.</summary>
    public static Outcome<T> Refused(string problem) => new(null, problem);

    /// <summary>Whether it is done; either the value or the reason comes out.</summary>
    public bool IsDone([NotNullWhen(true)] out T? result, [NotNullWhen(false)] out string? problem)
    {
        (result, problem) = (value, Problem);
        return value is not null;
    }
}
