using System.Net.Sockets;
using Microblog.Testing.Conformance.Consumer;
using Microblog.Testing.Conformance.Hostile;
using Microblog.Testing.Conformance.Provider;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance;

/// <summary>Tells any OpenMicroBlogging 0.1 service, in any language, clause by clause what it does wrong.</summary>
/// <remarks>Speaks HTTP over sockets and shares no code with the node of this project. It plays the listenee's service to a listener of
/// the service under test, and a listener's service to a listenee there. One run at a time per person under test: it subscribes and
/// publishes for real.</remarks>
public static class ConformanceKit
{
    /// <summary>Every check that can be made of a service as the listener's service, then as the listenee's.</summary>
    internal static IReadOnlyList<Check<ProviderTarget>> ProviderChecks { get; } =
        [.. DiscoveryChecks.All, .. RequestTokenChecks.All, .. AuthorizationChecks.All, .. ExchangeChecks.All, .. PushChecks.All];

    internal static IReadOnlyList<Check<ConsumerTarget>> ConsumerChecks { get; } =
        [.. FindingChecks.All, .. DanceChecks.All, .. PushingChecks.All];

    /// <summary>Asks everything that can be asked, one clause after the other.</summary>
    /// <param name="options">Whom to ask, and how.</param>
    /// <param name="progress">Hears of every result as it is found.</param>
    /// <returns>What was found; with <see cref="ConformanceReport.Problem"/> when the service could not be reached at all.</returns>
    public static async Task<ConformanceReport> RunAsync(
        ConformanceOptions options, IProgress<ClauseResult>? progress = null, CancellationToken cancellationToken = default)
    {
        var started = options.Clock.GetTimestamp();
        var runner = new CheckRunner(new SignInMask(options.SignIn), progress);
        var problem = "";
        try
        {
            var site = new KitSite(options);
            await using (site.ConfigureAwait(false))
            {
                await RunAsync(runner, options, site, cancellationToken).ConfigureAwait(false);
            }

            runner.Close();
            problem = runner.KitProblem;
        }
        catch (CouldNotRunException e)
        {
            problem = e.Message;
        }
        catch (SocketException e)
        {
            problem = $"The kit's own server cannot listen at {options.Listen}: {e.Message}";
        }

        return new ConformanceReport(options.Profile, runner.Results, problem, runner.StepProblem, options.Clock.GetElapsedTime(started));
    }

    private static async Task RunAsync(CheckRunner runner, ConformanceOptions options, KitSite site, CancellationToken cancellationToken)
    {
        using var wire = new WireClient(options.Profile, options.RequestTimeout, options.Clock);
        var provider = new ProviderTarget(options, site, wire);
        await runner.RunAsync(ProviderChecks, provider, cancellationToken).ConfigureAwait(false);
        if (options.IsHostile)
            await runner.RunAsync(HostileProviderChecks.All, provider, cancellationToken).ConfigureAwait(false);
        // The last of them ends the subscription.
        await runner.RunAsync(UpdateChecks.All, provider, cancellationToken).ConfigureAwait(false);

        var consumer = new ConsumerTarget(options, site, wire);
        await runner.RunAsync(ConsumerChecks, consumer, cancellationToken).ConfigureAwait(false);
        if (options.IsHostile)
            await runner.RunAsync(HostileConsumerChecks.All, consumer, cancellationToken).ConfigureAwait(false);
    }
}
