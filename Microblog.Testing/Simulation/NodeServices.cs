using Microblog.Identity;
using Microblog.Remote;
using Microblog.Scheduling;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

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
        services.PostConfigure<MicroblogOptions>(options => options.BaseUri = baseUri);
        services.TryAddSingleton<IHostIdentity, SimulatedIdentity>();
        services.Replace(ServiceDescriptor.Singleton<ISecretProtector, NoProtector>());
        services.Replace(ServiceDescriptor.Singleton(clock));
        services.Replace(ServiceDescriptor.Singleton<TaskStarter>(new SimulatedTaskStarter(process)));
        services.Replace(ServiceDescriptor.Singleton<RandomSource>(new SimulatedRandomSource(process.Scheduler)));
        services.AddKeyedSingleton<HttpMessageHandler>(typeof(RemoteClient), door);
        WrapStore(services, process, clock, before);
        return services.BuildServiceProvider();
    }

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
}
