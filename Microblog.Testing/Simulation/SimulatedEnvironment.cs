using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace Microblog.Testing.Simulation;

/// <summary>Production, so that nothing is checked less strictly than it will be.</summary>
internal sealed class SimulatedEnvironment : IHostEnvironment
{
    public string EnvironmentName { get; set; } = Environments.Production;

    public string ApplicationName { get; set; } = "Simulation";

    public string ContentRootPath { get; set; } = AppContext.BaseDirectory;

    public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
}
