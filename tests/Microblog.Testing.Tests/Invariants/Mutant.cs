using System.Reflection;
using System.Runtime.ExceptionServices;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Testing.Tests.Invariants;

/// <summary>A deliberately broken node: every call of its store's facets passes through a hook.</summary>
/// <param name="name">What is broken.</param>
/// <param name="hook">Called with each method's name, its arguments and the session; calls on, or does something wrong instead.</param>
internal sealed class Mutant(string name, Mutant.Hook hook)
{
    public delegate object? Hook(Call call);

    public string Name => name;

    /// <summary>Breaks more than the store.</summary>
    public Action<IServiceCollection>? Services { get; init; }

    /// <summary>Replaces the source of numbers.</summary>
    public Func<TimeProvider, IdSource, IdSource>? Ids { get; init; }

    public Action<IServiceCollection> ForOneNode()
    {
        // Each node keeps its own file, as it were, over all its runs.
        InMemoryStore? before = null;
        return services =>
        {
            services.AddMicroblogCore().AddOmb();
            services.AddSingleton<IMicroblogStore>(provider =>
            {
                var clock = provider.GetRequiredService<TimeProvider>();
                before = before is null ? new InMemoryStore(clock) : new InMemoryStore(clock, before);
                return new BrokenStore(before, clock, this);
            });
            Services?.Invoke(services);
        };
    }

    public override string ToString() => name;

    /// <summary>A call of a facet's method.</summary>
    internal sealed class Call(Func<object?[], object?> go)
    {
        public required string Method { get; init; }

        public required object?[] Arguments { get; init; }

        /// <summary>The unbroken session; a read session has no facets that write.</summary>
        public required IReadSession Session { get; init; }

        /// <summary>One memory for each run of the node, lost with it.</summary>
        public required Dictionary<string, object> Memory { get; init; }

        public IStoreSession Store => (IStoreSession)Session;

        public object? Go() => go(Arguments);

        public object? GoWith(object? first)
        {
            Arguments[0] = first;
            return go(Arguments);
        }
    }

    private sealed class BrokenStore(IMicroblogStore inner, TimeProvider clock, Mutant mutant) : IMicroblogStore
    {
        private readonly Dictionary<string, object> memory = [];
        private IdSource ids = inner.Ids;

        public IdSource Ids => mutant.Ids is null ? ids : ids = mutant.Ids(clock, ids);

        public int LanesPerTransaction => inner.LanesPerTransaction;

        public IBlobStore Blobs => inner.Blobs;

        public ValueTask StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

        public ValueTask<T> ExecuteAsync<T>(Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
            inner.ExecuteAsync((session, ct) => work(Wrap<IStoreSession>(session, session), ct), cancellationToken);

        public ValueTask<T> ReadAsync<T>(
            Freshness freshness, Func<IReadSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
            inner.ReadAsync(freshness, (session, ct) => work(Wrap<IReadSession>(session, session), ct), cancellationToken);

        private T Wrap<T>(T target, IReadSession session)
            where T : class
        {
            var proxy = DispatchProxy.Create<T, Proxy>();
            ((Proxy)(object)proxy).Set(target, (method, arguments) => Invoke(target, method, arguments, session));
            return proxy;
        }

        private object? Invoke(object target, MethodInfo method, object?[] arguments, IReadSession session)
        {
            // A facet is handed out broken as well.
            if (method.IsSpecialName)
            {
                var facet = method.Invoke(target, arguments)!;
                return GetType().GetMethod(nameof(Wrap), BindingFlags.NonPublic | BindingFlags.Instance)!
                    .MakeGenericMethod(method.ReturnType).Invoke(this, [facet, session]);
            }

            try
            {
                var call = new Call(with => method.Invoke(target, with)) { Method = method.Name, Arguments = arguments, Session = session, Memory = memory };
                return mutant.Break(call);
            }
            catch (TargetInvocationException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerException!);
                throw;
            }
        }
    }

    private object? Break(Call call) => hook(call);

#pragma warning disable CA1852 // The runtime derives from it.
    internal class Proxy : DispatchProxy
    {
        private object? target;
        private Func<MethodInfo, object?[], object?>? invoke;

        internal void Set(object target, Func<MethodInfo, object?[], object?> invoke) => (this.target, this.invoke) = (target, invoke);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => invoke!(targetMethod!, args ?? []);
    }
#pragma warning restore CA1852
}
