using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Steps;

/// <summary>Has a step done within <see cref="ConformanceOptions.StepTimeout"/>.</summary>
internal static class StepDeadline
{
    /// <exception cref="StepException">It could not be done, or not in time.</exception>
    public static async Task<WireReply?> PerformAsync(
        this IPersonStep step, string value, WireClient wire, ConformanceOptions options, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.StepTimeout, options.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await step.PerformAsync(value, wire, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new StepException($"the step was not done within {options.StepTimeout.TotalSeconds:0.#} seconds");
        }
    }
}
