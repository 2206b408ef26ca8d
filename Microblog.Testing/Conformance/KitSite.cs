using System.Collections.Concurrent;
using System.Net;
using Microblog.Testing.Conformance.Consumer;
using Microblog.Testing.Conformance.Provider;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance;

/// <summary>The kit's own little service: its listenees have pages, its listeners have endpoints, and browsers come back to its callbacks.</summary>
internal sealed class KitSite : IAsyncDisposable
{
    private readonly WireServer server;
    private readonly List<WireServer> others = [];
    private readonly ConcurrentDictionary<string, Callback> callbacks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Listenee> listenees = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Listener> listeners = new(StringComparer.Ordinal);

    public KitSite(ConformanceOptions options)
    {
        Options = options;
        server = new WireServer(options.Listen, Respond, options.Clock);
        Root = options.PublicUri?.AbsoluteUri ?? $"http://{server.Address}/";
        if (!Root.EndsWith('/'))
            Root += "/";
    }

    public ConformanceOptions Options { get; }

    /// <summary>The address of the site, which is also its consumer key. Ends with a slash.</summary>
    public string Root { get; }

    public async ValueTask DisposeAsync()
    {
        foreach (var each in others.Prepend(server))
            await each.DisposeAsync().ConfigureAwait(false);
    }

    public Listenee NewListenee()
    {
        var listenee = new Listenee("kit" + Chance.Text(8), Root);
        listenees["people/" + listenee.Nickname] = listenee;
        return listenee;
    }

    /// <param name="query">What the callback's own query shall be.</param>
    public Callback NewCallback(string query = "")
    {
        var path = "callback/" + Chance.Text(12);
        return callbacks[path] = new Callback(Root + path + (query.Length > 0 ? "?" + query : ""));
    }

    public Listener NewListener() => NewListener(Root);

    /// <summary>A listener at an address of its own, so that a service may treat it as a peer of its own.</summary>
    /// <exception cref="NotObservableException">The kit has but one public address.</exception>
    public Listener NewListenerAside()
    {
        if (Options.PublicUri is not null)
            throw new NotObservableException("the kit has but one public address, and a service may treat all listeners of one host alike");
        var other = new WireServer(new IPEndPoint(Options.Listen.Address, 0), Respond, Options.Clock);
        others.Add(other);
        return NewListener($"http://{other.Address}/");
    }

    public IEnumerable<Listener> Listeners => listeners.Values;

    private Listener NewListener(string root)
    {
        var name = Chance.Text(8);
        return listeners["listener/" + name] = new Listener(name, root);
    }

    private WireAnswer Respond(WireRequest request)
    {
        // A proxy in front may have taken the path of the public address away, or not.
        var path = request.Path.TrimStart('/');
        var below = new Uri(Root).AbsolutePath.Trim('/') + "/";
        if (below.Length > 1 && path.StartsWith(below, StringComparison.Ordinal))
            path = path[below.Length..];
        if (callbacks.TryGetValue(path, out var callback))
            return callback.Answer(request);
        if (listenees.TryGetValue(path, out var listenee))
            return new WireAnswer(200, $"<!DOCTYPE html><title>{listenee.Nickname}</title><p>{listenee.FullName}", "text/html");
        return path.Split('/', 3) is ["listener", var name, ..] && listeners.TryGetValue("listener/" + name, out var listener)
            ? listener.Answer(request, path.Split('/', 3) is [_, _, var rest] ? rest : "")
            : new WireAnswer(404, "The conformance kit has nothing here.");
    }
}

/// <summary>Where a browser comes back to.</summary>
internal sealed class Callback(string address)
{
    private readonly TaskCompletionSource<WireRequest> visit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Address => address;

    public WireAnswer Answer(WireRequest request)
    {
        visit.TrySetResult(request);
        return new WireAnswer(200, "<!DOCTYPE html><title>Done</title><p>The conformance kit goes on. You can close this page.", "text/html");
    }

    public async Task<WireRequest?> WaitAsync(TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            return await visit.Task.WaitAsync(patience, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
