using Microblog.Diagnostics;
using Microblog.Identity;
using Microblog.Remote;
using Microblog.Scheduling;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microblog.Testing.Simulation;

/// <summary>Builds the services of one run of a node: the host's own, with the simulation in place of time, chance, threads, sockets and keys.</summary>
internal static class NodeServices
{
    public static ServiceProvider Build(
        Uri baseUri, Action<IServiceCollection> configure, SimulatedProcess process, TimeProvider clock, HttpMessageHandler door, IMicroblogStore? before)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IHostEnvironment, SimulatedEnvironment>();
        services.AddSingleton<IConfiguration>(new ConfigurationManager());
        services.AddMicroblogCore(options =>
        {
            options.License = License.CcBy40;
            // What a node does by itself wakes its workers, and a wait ends when it should; polling is for other processes' work.
            options.Delivery.PollInterval = TimeSpan.FromMinutes(10);
        });
        configure(services);
        services.PostConfigure<MicroblogOptions>(options => options.BaseUri = Agree(options.BaseUri, baseUri));
        services.TryAddSingleton<IHostIdentity, SimulatedIdentity>();
        services.Replace(ServiceDescriptor.Singleton<ISecretProtector, NoProtector>());
        services.Replace(ServiceDescriptor.Singleton(clock));
        services.Replace(ServiceDescriptor.Singleton<TaskStarter>(new SimulatedTaskStarter(process)));
        services.Replace(ServiceDescriptor.Singleton<RandomSource>(new SimulatedRandomSource(process.Scheduler)));
        services.AddKeyedSingleton<HttpMessageHandler>(typeof(RemoteClient), door);
        WrapStore(services, process, clock, before);
        services.AddSingleton(new Meters(
        [
            .. services.Select(service => service.ServiceType)
                .Where(type => type.Assembly == typeof(MicroblogNode).Assembly && type.Namespace == typeof(MicroblogTelemetry).Namespace && type.IsAssignableTo(typeof(IDisposable))),
        ]));
        return services.BuildServiceProvider();
    }

    /// <summary>What a run has outside of its memory: the store's files and threads, and the meters, which the whole real process knows.</summary>
    public static List<IDisposable> Outside(IServiceProvider services) =>
        [(SimulatedStore)services.GetRequiredService<IMicroblogStore>(), .. services.GetRequiredService<Meters>().Types.Select(type => (IDisposable)services.GetRequiredService(type))];

    private static Uri Agree(Uri? configured, Uri added) => configured is null || BaseOf(configured) == BaseOf(added) ? added
        : throw new OptionsValidationException(
            Options.DefaultName, typeof(MicroblogOptions), [$"The host configures the base URI {configured}, and the network has its node at {added}. Leave one out, or make them the same."]);

    // A base is the same with and without its last slash.
    private static string BaseOf(Uri uri) => uri.AbsoluteUri.TrimEnd('/');

    private static void WrapStore(ServiceCollection services, SimulatedProcess process, TimeProvider clock, IMicroblogStore? before)
    {
        var chosen = services.LastOrDefault(service => service.ServiceType == typeof(IMicroblogStore));
        services.RemoveAll<IMicroblogStore>();
        services.AddSingleton<IMicroblogStore>(provider =>
        {
            var store = (IMicroblogStore)(chosen?.ImplementationInstance
                ?? chosen?.ImplementationFactory?.Invoke(provider)
                ?? ActivatorUtilities.CreateInstance(provider, chosen?.ImplementationType ?? typeof(InMemoryStore)));
            // What is in memory outlives its process here, as a file would.
            if (store is InMemoryStore && before is InMemoryStore killed)
                store = new InMemoryStore(clock, killed);
            return store is IEnlistingStore enlisting ? new SimulatedEnlistingStore(enlisting, process) : new SimulatedStore(store, process);
        });
    }

    /// <summary>The node's services that own a meter, by their types: these are not public.</summary>
    private sealed record Meters(IReadOnlyList<Type> Types);
}
