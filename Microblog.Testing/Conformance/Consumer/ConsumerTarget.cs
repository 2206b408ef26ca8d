using Microblog.Testing.Conformance.Steps;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Consumer;

/// <summary>The service under test as the listenee's service, and the kit as the listener's.</summary>
internal sealed class ConsumerTarget(ConformanceOptions options, KitSite site, WireClient wire)
{
    private readonly Dictionary<string, Listener> listeners = new(StringComparer.Ordinal);
    private readonly string first = "The first notice, " + Chance.Text(10);
    private readonly string second = "The second notice, " + Chance.Text(10);
    private Task? firstNotice;
    private Task? secondNotice;

    public ConformanceOptions Options => options;

    public KitSite Site => site;

    public WireClient Wire => wire;

    /// <summary>A listener of whom the service at least asked a request token.</summary>
    public Fact<Listener> First { get; } = new("OMB-110");

    /// <summary>The same one, once everything went well.</summary>
    public Fact<Listener> Control { get; } = new("OMB-110");

    /// <summary>An update of the person's profile, as the control listener got it.</summary>
    public Fact<WireRequest> Update { get; } = new("OMB-140");

    /// <summary>What the step that published first sent and got, as far as the kit saw it.</summary>
    public IReadOnlyList<WireExchange> Publishing { get; private set; } = [];

    /// <summary>The listener of one check, the same one each time.</summary>
    public Listener For(string check) => listeners.TryGetValue(check, out var known) ? known : listeners[check] = site.NewListener();

    /// <summary>The listener of one check who makes trouble, and has an address of their own for it.</summary>
    public Listener Aside(string check) => listeners.TryGetValue(check, out var known) ? known : listeners[check] = site.NewListenerAside();

    /// <summary>Has a listener subscribe to the person, as far as the service goes along.</summary>
    /// <returns>The page at the end, if the step can tell.</returns>
    public async Task<WireReply?> SubscribeAsync(Listener listener, CancellationToken cancellationToken)
    {
        if (options.Subscribe is null)
            throw new NotReachedException("needs a visitor who subscribes: give --subscribe-page, --subscribe-command or --ask");
        return await options.Subscribe.PerformAsync(listener.Address, wire, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has the person publish, once for all checks; when it is back, whoever would get the notice soon has it.</summary>
    /// <returns>The notice's text.</returns>
    public async Task<string> FirstNoticeAsync(CancellationToken cancellationToken)
    {
        await (firstNotice ??= PublishAsync(first, cancellationToken)).ConfigureAwait(false);
        return first;
    }

    /// <summary>The same once more.</summary>
    public async Task<string> SecondNoticeAsync(CancellationToken cancellationToken)
    {
        await FirstNoticeAsync(cancellationToken).ConfigureAwait(false);
        await (secondNotice ??= PublishAsync(second, cancellationToken)).ConfigureAwait(false);
        return second;
    }

    /// <summary>What a listener got of the first notice, once there is so much of it or patience is over.</summary>
    public async Task<IReadOnlyList<WireRequest>> FirstNoticeAsync(Listener listener, int atLeast, CancellationToken cancellationToken)
    {
        var text = await FirstNoticeAsync(cancellationToken).ConfigureAwait(false);
        await UntilAsync(() => listener.Notices(text).Count >= atLeast, options.Patience, cancellationToken).ConfigureAwait(false);
        return listener.Notices(text);
    }

    /// <summary>Has the person change the bio and waits for the update that says so.</summary>
    public async Task<WireRequest?> ChangeBioAsync(string bio, CancellationToken cancellationToken)
    {
        var control = Control.Value;
        if (options.ChangeBio is null)
            throw new NotReachedException("needs the person to change the profile: give --profile-page, --profile-command or --ask");
        var before = control.Of("update").Count;
        await options.ChangeBio.PerformAsync(bio, wire, options, cancellationToken).ConfigureAwait(false);
        await UntilAsync(() => control.Of("update").Count > before, options.Patience, cancellationToken).ConfigureAwait(false);
        return control.Of("update").Skip(before).LastOrDefault();
    }

    /// <summary>Waits until something is so, or time is over.</summary>
    public async Task<bool> UntilAsync(Func<bool> holds, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = options.Clock.GetTimestamp();
        while (!holds())
        {
            if (options.Clock.GetElapsedTime(started) > patience)
                return false;
            await Task.Delay(TimeSpan.FromMilliseconds(20), options.Clock, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private async Task PublishAsync(string text, CancellationToken cancellationToken)
    {
        var control = Control.Value;
        if (options.Publish is null)
            throw new NotReachedException("needs the person to publish: give --publish-page, --publish-command or --ask");
        var page = await options.Publish.PerformAsync(text, wire, options, cancellationToken).ConfigureAwait(false);
        if (Publishing.Count == 0 && page is not null)
            Publishing = page.Trail;
        if (!await UntilAsync(() => control.Notices(text).Count > 0, options.Patience, cancellationToken).ConfigureAwait(false))
            throw new BlockedException("OMB-130");
        // That something does not come can only be seen by waiting.
        await Task.Delay(options.Quiet, options.Clock, cancellationToken).ConfigureAwait(false);
    }
}
