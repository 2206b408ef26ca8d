using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Steps;

/// <summary>Something that a person of the service under test does, because only a person can.</summary>
/// <remarks><see cref="AskSomebody"/>, <see cref="RunCommand"/> and <see cref="SubmitForm"/> are the kit's own.</remarks>
public interface IPersonStep
{
    /// <summary>Does it, or has it done.</summary>
    /// <param name="value">What it is about: an address to open, a text to publish. See <see cref="ConformanceOptions"/>.</param>
    /// <param name="wire">For steps that speak HTTP, so that what they send and get can be shown.</param>
    /// <returns>The page that the person sees at the end; <see langword="null"/> when nobody can tell.</returns>
    /// <exception cref="StepException">It could not be done.</exception>
    Task<WireReply?> PerformAsync(string value, WireClient wire, CancellationToken cancellationToken);
}

/// <summary>A step could not be done; the message says why.</summary>
public sealed class StepException(string message, WireExchange? exchange = null) : Exception(message)
{
    /// <summary>The exchange in which it was noticed, if there was one.</summary>
    public WireExchange? Exchange { get; } = exchange;
}
